"""Archives of the PyTorch backend: one record of the settings, and the layout that earlier versions wrote."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ptychopinn.archive import safe_dill
from ptychopinn.archive.bundle import open_bundle, write_bundle
from ptychopinn.archive.manifest import MODELS, new_manifest
from ptychopinn.backends.base import TrainingJob
from ptychopinn.backends.stored_settings import legacy_params, plain_settings
from ptychopinn.backends.torch.saving import load_archive, save_archive
from ptychopinn.backends.torch.training import train_network
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import ignore, never
from ptychopinn.historic.torch.api.base_api import PtychoModel
from ptychopinn.historic.torch.model_manager import load_torch_bundle
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning
from ptychopinn.historic.torch.settings import TorchSettings, settings_of
from ptychopinn.physics.simulate import simulate_scan

N = 16
CONFIG = TrainingConfig(ModelConfig(N=N, gridsize=2, n_filters_scale=1, architecture="cnn"), nepochs=1, batch_size=8)
EXECUTION = PyTorchExecutionConfig(precision="32-true", logger_backend="none")
VARIANTS: list[dict[str, Any]] = [
    {},
    {"batch_norm": True, "edge_pad": 2},
    {"cbam_encoder": True, "use_shared_decoder": True},
    {"probe_mask": torch.eye(N)},
    {"normalize": "Group", "data_scaling": "Max"},
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A trained archive with a checkpoint."""
    job = TrainingJob(RawData(**simulate_scan(N, 30, 1e5, 0, step_px=2.0)), CONFIG, tmp_path, EXECUTION)
    save_archive(tmp_path / "wts.h5.zip", train_network(job, ignore, never), CONFIG)
    return tmp_path


def stored(archive: Path, model: str = "diffraction_to_obj") -> dict[str, Any]:
    data = open_bundle(archive).read(f"{model}/model.ckpt")
    return torch.load(io.BytesIO(data), weights_only=True)["hyper_parameters"]


def objects(network: Any) -> np.ndarray:
    generator = torch.Generator().manual_seed(1)
    amplitude = torch.rand(2, 4, N, N, generator=generator)
    offsets = 2 * torch.randn(2, 4, 2, generator=generator)
    with torch.no_grad():
        return network.eval()(amplitude, offsets, (32, 32)).canvas.numpy()


def write_old_layout(path: Path, settings: TorchSettings, config: TrainingConfig) -> PtychoPINN_Lightning:
    """An archive as version 0.1.0 wrote it: the four torch settings beside the configuration."""
    torch.manual_seed(2)
    parts = (settings.model, settings.data, settings.training, settings.inference)
    module = PtychoPINN_Lightning(*parts, training=config, modes=2, mean_counts=1e4)
    module.set_probe(torch.randn(2, N, N, dtype=torch.complex64))
    plain = plain_settings(config)
    hyper_parameters = {
        **settings.plain(),
        "training": plain,
        "modes": 2,
        "mean_counts": 1e4,
        "mixed": False,
        "history": {"loss": [2.0, 1.0], "val_loss": [3.0, 2.5]},
        "best_epoch": 2,
    }
    checkpoint = io.BytesIO()
    torch.save({"state_dict": module.state_dict(), "hyper_parameters": hyper_parameters}, checkpoint)
    members = {}
    for model in MODELS:
        members[f"{model}/model.ckpt"] = checkpoint.getvalue()
        members[f"{model}/params.dill"] = safe_dill.dumps(legacy_params(config, 1e4))
    write_bundle(path, members, new_manifest("pytorch", "ptychopinn 0.1.0", plain))
    return module


def test_an_archive_holds_one_record_of_its_settings(run: Path) -> None:
    for model in MODELS:
        hyper_parameters = stored(run, model)
        expected = {"training", "modes", "mean_counts", "mixed", "history", "best_epoch"}
        assert set(hyper_parameters) == expected
        assert hyper_parameters["training"] == plain_settings(CONFIG) == open_bundle(run).manifest["config"]
    (checkpoint,) = (run / "checkpoints").glob("*.ckpt")
    assert set(torch.load(checkpoint, weights_only=True)["hyper_parameters"]) == expected - {"history", "best_epoch"}


def test_historic_programs_open_it(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ptychopinn.historic.params.cfg", {})
    trained, _ = load_archive(run / "wts.h5.zip")
    models, params = load_torch_bundle(run / "wts.h5")
    assert params["N"] == N and set(models) == set(MODELS)
    module = models["autoencoder"]
    assert np.array_equal(objects(trained.network), objects(module.network))
    assert module.data_config.N == N and module.model_config.cbam_encoder is False
    (checkpoint,) = (run / "checkpoints").glob("*.ckpt")
    assert PtychoPINN_Lightning.load_from_checkpoint(checkpoint).config == CONFIG
    data, model, training, _ = PtychoModel._extract_configs_from_checkpoint(checkpoint)
    assert (data.N, model.n_filters_scale, training.batch_size) == (N, 1, 8)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: ", ".join(variant) or "plain")
def test_an_archive_in_the_old_layout_predicts_the_same(tmp_path: Path, variant: dict[str, Any]) -> None:
    module = write_old_layout(tmp_path / "wts.h5.zip", settings_of(CONFIG).changed(variant), CONFIG)
    trained, config = load_archive(tmp_path / "wts.h5.zip")
    assert config == CONFIG and trained.mean_counts == 1e4
    assert trained.history.loss == (2.0, 1.0) and trained.history.best_epoch == 2
    assert np.array_equal(objects(trained.network), objects(module.network))
    again = load_torch_bundle(tmp_path / "wts.h5")[0]["diffraction_to_obj"]
    assert again.settings.plain().keys() == module.settings.plain().keys()
    assert np.array_equal(objects(again.network), objects(module.network))


def test_settings_next_to_the_checkpoint_are_used_where_it_has_none(tmp_path: Path) -> None:
    write_old_layout(tmp_path / "old.zip", settings_of(CONFIG), CONFIG)
    bundle = open_bundle(tmp_path / "old.zip")
    members = {name: bundle.read(name) for name in bundle.names if name != "manifest.dill"}
    checkpoint = torch.load(io.BytesIO(members["diffraction_to_obj/model.ckpt"]), weights_only=True)
    checkpoint["hyper_parameters"] |= {"training": None}
    stream = io.BytesIO()
    torch.save(checkpoint, stream)
    members["diffraction_to_obj/model.ckpt"] = stream.getvalue()
    for settings in (plain_settings(CONFIG), {}):
        write_bundle(tmp_path / "new.zip", members, new_manifest("pytorch", "a test", settings))
        config = load_archive(tmp_path / "new.zip")[1]
        assert replace(config.model, architecture="cnn") == CONFIG.model and config.batch_size == 8
