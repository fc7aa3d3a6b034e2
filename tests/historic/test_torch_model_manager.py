"""``ptycho_torch.model_manager``: several models in one archive (API specification, section 4.6)."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import dill
import pytest
import torch

import ptycho.params as params
from ptycho_torch.model import PtychoPINN_Lightning
from ptycho_torch.model_manager import create_torch_model_with_gridsize, load_torch_bundle, save_torch_bundle
from ptychopinn.archive import safe_dill
from ptychopinn.backends.stored_settings import plain_settings
from ptychopinn.backends.torch.saving import load_archive
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ArchiveError

CONFIG = TrainingConfig(ModelConfig(N=16, gridsize=2, n_filters_scale=1), nphotons=1e6, backend="pytorch")


@pytest.fixture
def bundle(tmp_path: Path, legacy_cfg: dict[str, Any]) -> Path:
    torch.manual_seed(3)
    model = create_torch_model_with_gridsize(2, 16, {"n_filters_scale": 1, "object.big": True})
    model.set_probe(torch.randn(2, 16, 16, dtype=torch.complex64))
    save_torch_bundle({"autoencoder": model, "diffraction_to_obj": model}, tmp_path / "wts.h5", CONFIG, 7.5)
    return tmp_path / "wts.h5"


def rewritten(path: Path, change: dict[str, bytes | None]) -> Path:
    """A copy of an archive with other content under some names, or without them."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members.update({name: data for name, data in change.items() if data is not None})
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as new:
        for name, data in members.items():
            if change.get(name, b"") is not None:
                new.writestr(name, data)
    return target


def test_the_members_are_those_of_the_specification(bundle: Path) -> None:
    with zipfile.ZipFile(f"{bundle}.zip") as archive:
        manifest = dill.loads(archive.read("manifest.dill"))
        assert set(manifest["models"]) == {"autoencoder", "diffraction_to_obj"}
        assert manifest["backend"] == "pytorch" and manifest["version"].replace(".", "", 1).isdigit()
        for name in manifest["models"]:
            stored = dill.loads(archive.read(f"{name}/params.dill"))
            assert (stored["N"], stored["gridsize"], stored["n_filters_scale"]) == (16, 2, 1)
            assert stored["nphotons"] == 1e6 and stored["intensity_scale"] == 7.5 and stored["h5_path"] == "wts.h5"
            (weights,) = [member for member in archive.namelist() if member.startswith(name) and "ckpt" in member]
            checkpoint = torch.load(io.BytesIO(archive.read(weights)), weights_only=True)
            assert checkpoint["state_dict"] and checkpoint["hyper_parameters"]


def test_loading_gives_the_models_back_and_restores_the_dictionary(bundle: Path, legacy_cfg: dict[str, Any]) -> None:
    legacy_cfg.update({"N": 99, "gridsize": 1})
    models, stored = load_torch_bundle(bundle)
    assert set(models) == {"autoencoder", "diffraction_to_obj"}
    assert params.cfg["N"] == stored["N"] == 16 and params.get("intensity_scale") == 7.5
    assert all(parameter.device.type == "cpu" for parameter in models["autoencoder"].parameters())
    assert models["diffraction_to_obj"].network.probe_parts.shape[0] == 2


def test_one_model_can_be_loaded_and_an_unknown_one_is_named(bundle: Path) -> None:
    assert set(load_torch_bundle(bundle, "autoencoder")[0]) == {"autoencoder"}
    with pytest.raises(ValueError, match="no_such_model"):
        load_torch_bundle(bundle, "no_such_model")


@pytest.mark.parametrize("key", ["N", "gridsize"])
def test_parameters_without_a_size_are_refused_and_change_nothing(
    bundle: Path, legacy_cfg: dict[str, Any], key: str
) -> None:
    stored = {name: value for name, value in load_torch_bundle(bundle)[1].items() if name != key}
    before = dict(legacy_cfg)
    changed = rewritten(Path(f"{bundle}.zip"), {"diffraction_to_obj/params.dill": safe_dill.dumps(stored)})
    with pytest.raises(ValueError, match=r"missing required fields.*Cannot reconstruct"):
        load_torch_bundle(changed, "diffraction_to_obj")
    assert legacy_cfg == before


def test_another_backend_is_named_even_if_only_the_manifest_is_there(bundle: Path) -> None:
    manifest = safe_dill.dumps({"models": ["autoencoder", "diffraction_to_obj"], "version": "1.0"})
    with zipfile.ZipFile(bundle.with_name("tf.zip"), "w") as archive:
        archive.writestr("manifest.dill", manifest)
    with pytest.raises(ArchiveError, match=r"tensorflow.*pytorch"):
        load_torch_bundle(bundle.with_name("tf.zip"))


def test_damaged_weights_are_an_error_and_change_nothing(bundle: Path, legacy_cfg: dict[str, Any]) -> None:
    before = dict(legacy_cfg)
    changed = rewritten(Path(f"{bundle}.zip"), {"diffraction_to_obj/model.ckpt": b"no weights"})
    with pytest.raises(ArchiveError, match=r"diffraction_to_obj/model\.ckpt"):
        load_torch_bundle(changed, "diffraction_to_obj")
    assert legacy_cfg == before


def test_every_form_of_an_archive_is_found(bundle: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    shutil.unpack_archive(f"{bundle}.zip", unpacked)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as outer:
        outer.write(f"{bundle}.zip", "run/wts.h5.zip")
    for form in (tmp_path, unpacked, tmp_path / "outer.zip", Path(f"{bundle}.zip")):
        assert load_torch_bundle(form)[1]["N"] == 16


def test_our_own_loader_opens_it_too(bundle: Path) -> None:
    trained, config = load_archive(Path(f"{bundle}.zip"))
    assert config.model.gridsize == 2 and trained.network.probe_parts.shape[0] == 2


def test_only_modules_can_be_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="autoencoder"):
        save_torch_bundle({"autoencoder": {"weights": 1}}, tmp_path / "wts.h5", CONFIG)  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="empty"):
        save_torch_bundle({}, tmp_path / "wts.h5", CONFIG)


def test_a_model_is_built_from_legacy_keys() -> None:
    model = create_torch_model_with_gridsize(1, 32, {"n_filters_scale": 1, "probe.mask": True, "label": "x"})
    assert (model.config.model.N, model.config.model.gridsize) == (32, 1)
    assert model.config.model.probe_mask is True


def test_weights_of_the_network_alone_open_with_the_settings_beside_them() -> None:
    model = create_torch_model_with_gridsize(2, 16, {"n_filters_scale": 1})
    checkpoint = {
        "state_dict": model.network.state_dict(),
        "hyper_parameters": {"training": plain_settings(CONFIG), "modes": 1, "mixed": True, "mean_counts": 5.0},
    }
    again = PtychoPINN_Lightning.from_checkpoint(checkpoint)
    assert again.mean_counts == 5.0 and again.network.mixed and again.model_config.cbam_encoder is False
    assert torch.equal(again.network.log_scale, model.network.log_scale)
