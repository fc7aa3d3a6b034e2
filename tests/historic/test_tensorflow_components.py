"""The historic TensorFlow route from data to stitched object and back from the archive."""

from __future__ import annotations

import copy
import logging
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dill
import numpy as np
import pytest
import tensorflow as tf

import ptycho.params as params
from ptycho import loader, model, model_manager, probe, tf_helper
from ptycho.config.config import InferenceConfig, ModelConfig, TrainingConfig, update_legacy_dict
from ptycho.raw_data import RawData
from ptycho.workflows import backend_selector, components
from ptychopinn.physics.simulate import simulate_scan

N, P = 32, 66
SHELVES = [str(Path(__file__).parents[2] / part) for part in ("", "ptychodus_adapter/legacy_names")]


def _scan(seed: int) -> RawData:
    return RawData(**simulate_scan(N, P, 1e5, seed, step_px=3.0))


@pytest.fixture(scope="module", autouse=True)
def _dictionary() -> Iterator[None]:
    before = copy.deepcopy(params.cfg)
    yield
    params.cfg.clear()
    params.cfg.update(before)


@pytest.fixture(scope="module", params=[1, 2], ids=["gridsize 1", "gridsize 2"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A whole run through the dispatcher, and its archive."""
    folder = tmp_path_factory.mktemp("run")
    config = TrainingConfig(
        ModelConfig(N=N, gridsize=request.param, n_filters_scale=1),
        nepochs=2,
        n_groups=P,
        neighbor_count=5,
        output_dir=folder,
    )
    params.cfg["label"] = "set by a host"
    amplitude, phase, results = backend_selector.run_cdi_example_with_backend(
        _scan(0), _scan(1), config, do_stitching=True
    )
    model_manager.save(folder)
    return SimpleNamespace(
        config=config, folder=folder, amplitude=amplitude, phase=phase, results=results, cfg=dict(params.cfg)
    )


def _client(run: SimpleNamespace) -> tuple[Any, Any, Any, np.ndarray]:
    """What ptychodus does with an archive and a scan, up to the stitched object."""
    scan = _scan(1)
    config = InferenceConfig(run.config.model, Path(), Path())
    update_legacy_dict(params.cfg, config)
    found, _ = components.load_inference_bundle(run.folder)
    scale = params.get("intensity_scale")
    probe.set_probe_guess(None, scan.probeGuess)
    grouped = scan.generate_grouped_data(N, K=7, nsamples=P, seed=3)
    container = loader.load(lambda: grouped, scan.probeGuess, which=None, create_split=False)
    patches = found.predict([container.X * scale, container.local_offsets])
    obj = np.squeeze(tf_helper.reassemble_position(patches, container.global_offsets, M=20))
    return found, container, patches, obj


def test_a_run_returns_pictures_history_and_containers(run: SimpleNamespace) -> None:
    assert run.amplitude.ndim == run.phase.ndim == 2
    assert run.results["backend"] == "tensorflow"
    assert len(run.results["history"]["loss"]) == len(run.results["history"]["val_loss"]) == 2
    assert run.results["history"]["loss"][1] < run.results["history"]["loss"][0]
    for key in ("train_container", "test_container"):
        assert run.results[key].X.shape == (P, N, N, run.config.model.gridsize**2)


def test_every_training_field_is_in_the_legacy_dictionary_after_a_run(run: SimpleNamespace) -> None:
    assert run.cfg["nepochs"] == 2
    assert run.cfg["gridsize"] == run.config.model.gridsize
    assert run.cfg["output_prefix"] == str(run.folder)
    assert run.cfg["intensity_scale"] > 0
    assert run.cfg["probe"].shape == (N, N, 1)


def test_the_scale_is_that_of_the_counts_of_the_data(run: SimpleNamespace) -> None:
    assert run.cfg["intensity_scale"] == pytest.approx(np.sqrt(_scan(0).mean_counts()) / (N / 2), rel=1e-6)
    components.load_inference_bundle(run.folder)
    assert model.params()["intensity_scale"] == pytest.approx(run.cfg["intensity_scale"])


def test_the_reconstruction_of_a_host_is_a_finite_complex_image(run: SimpleNamespace) -> None:
    _, container, patches, obj = _client(run)
    assert patches.shape == (P, N, N, 1)
    assert patches.dtype == np.complex64
    assert obj.ndim == 2
    assert np.iscomplexobj(obj)
    assert np.isfinite(obj).all()
    assert container.X.dtype == tf.float32
    assert container.Y.dtype == tf.complex64
    members = run.config.model.gridsize**2
    assert container.local_offsets.shape == (P, 1, 2, members)
    assert container.global_offsets.shape == (P, 1, 2, 1)


def test_the_stitched_amplitude_is_that_of_the_archive(run: SimpleNamespace) -> None:
    found, _ = components.load_inference_bundle(run.folder)
    container = run.results["test_container"]
    patches = found.predict([container.X * params.get("intensity_scale"), container.local_offsets])
    again = np.abs(np.squeeze(tf_helper.reassemble_position(patches, container.global_offsets, M=20)))
    assert again.shape == run.amplitude.shape
    assert np.abs(again - run.amplitude).max() < 0.02 * run.amplitude.max()


def test_any_batch_size_gives_as_many_objects_and_the_same_image(run: SimpleNamespace) -> None:
    found, container, _, _ = _client(run)
    inputs = [np.asarray(container.X) * params.get("intensity_scale"), container.local_offsets]
    images = []
    for size in (1, 8, 16, 32, 64):
        patches = found.predict(inputs, batch_size=size)
        assert len(patches) == P
        images.append(tf_helper.reassemble_position(patches, container.global_offsets, M=20))
    for image in images[1:]:
        assert np.allclose(image, images[0], atol=1e-5)


def test_names_and_types_of_inputs_and_outputs(run: SimpleNamespace) -> None:
    found, _ = components.load_inference_bundle(run.folder)
    members = run.config.model.gridsize**2
    assert [tensor.name for tensor in found.inputs] == ["input", "input_positions"]
    assert [tuple(tensor.shape) for tensor in found.inputs] == [(None, N, N, members), (None, 1, 2, members)]
    assert [str(tensor.dtype) for tensor in found.inputs] == ["float32", "float32"]
    assert found.output_names == ["trimmed_obj"]


def test_an_eager_call_agrees_with_predict(run: SimpleNamespace) -> None:
    found, container, _, _ = _client(run)
    inputs = [np.asarray(container.X)[:5] * 9.0, container.local_offsets[:5].astype(np.float32)]
    assert np.allclose(found(inputs).numpy(), found.predict(inputs), atol=1e-5)


@pytest.mark.parametrize("factor", [0.0, 1.0])
def test_the_autoencoder_predicts_finite_non_negative_patterns(run: SimpleNamespace, factor: float) -> None:
    container = run.results["test_container"]
    inputs = [np.asarray(container.X) * np.float32(factor), container.local_offsets.astype(np.float32)]
    outputs = run.results["models"]["autoencoder"].predict(inputs, verbose=0)
    real = [output for output in outputs if not np.iscomplexobj(output)]
    assert real
    for output in outputs:
        assert output.shape[:3] == (P, N, N)
        assert np.isfinite(output).all()
    assert all((output >= 0).all() for output in real)


def test_the_autoencoder_predicts_patterns_in_the_unit_of_its_input(run: SimpleNamespace) -> None:
    container = run.results["train_container"]
    scale = run.cfg["intensity_scale"]
    inputs = [np.asarray(container.X) * np.float32(scale), container.local_offsets.astype(np.float32)]
    _, amplitude, intensity = run.results["models"]["autoencoder"].predict(inputs, verbose=0)
    assert np.allclose(amplitude**2, intensity, rtol=1e-3, atol=1e-3 * intensity.max())
    total = intensity.sum(axis=(1, 2)).mean()
    assert 0.2 * _scan(0).mean_counts() < total < 5 * _scan(0).mean_counts()


def test_the_archive_holds_what_the_specification_lists(run: SimpleNamespace) -> None:
    with zipfile.ZipFile(run.folder / "wts.h5.zip") as archive:
        names = archive.namelist()
        manifest = dill.loads(archive.read("manifest.dill"))
        for name in ("autoencoder", "diffraction_to_obj"):
            assert f"{name}/model.keras" in names
            assert any(member.startswith(name) and "custom_objects" in member for member in names)
            stored = dill.loads(archive.read(f"{name}/params.dill"))
            assert stored["N"] == N
            assert stored["gridsize"] == run.config.model.gridsize
            assert stored["intensity_scale"] == pytest.approx(run.cfg["intensity_scale"])
            assert stored["label"] == "set by a host"
    assert set(manifest["models"]) == {"autoencoder", "diffraction_to_obj"}
    assert manifest["backend"] == "tensorflow"
    assert manifest["version"].replace(".", "", 1).isdigit()


def test_the_saved_model_serves_by_name(run: SimpleNamespace, tmp_path: Path) -> None:
    with zipfile.ZipFile(run.folder / "wts.h5.zip") as archive:
        archive.extractall(tmp_path)
    served = tf.saved_model.load(str(tmp_path / "diffraction_to_obj" / "saved_model"))
    serve = served.signatures["serving_default"]
    assert set(serve.structured_input_signature[1]) == {"input", "input_positions"}
    assert set(serve.structured_outputs) == {"trimmed_obj"}
    container = run.results["test_container"]
    x, positions = np.asarray(container.X)[:4], container.local_offsets[:4].astype(np.float32)
    found, _ = components.load_inference_bundle(run.folder)
    expected = found.predict([x, positions])
    got = serve(input=tf.constant(x), input_positions=tf.constant(positions))["trimmed_obj"].numpy()
    assert np.allclose(got, expected, atol=1e-5)


def test_an_unpacked_archive_and_a_zip_of_its_folder_open_too(run: SimpleNamespace, tmp_path: Path) -> None:
    with zipfile.ZipFile(run.folder / "wts.h5.zip") as archive:
        archive.extractall(tmp_path / "open")
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as outer:
        outer.write(run.folder / "wts.h5.zip", "wts.h5.zip")
    x = np.ones((2, N, N, run.config.model.gridsize**2), np.float32)
    positions = np.zeros((2, 1, 2, run.config.model.gridsize**2), np.float32)
    expected = components.load_inference_bundle(run.folder)[0].predict([x, positions])
    for form in (tmp_path / "open", tmp_path / "model.zip", run.folder / "wts.h5.zip"):
        assert np.array_equal(components.load_inference_bundle(form)[0].predict([x, positions]), expected)


def test_loading_restores_the_dictionary_and_names_what_is_missing(run: SimpleNamespace, tmp_path: Path) -> None:
    params.cfg["N"] = 999
    _, restored = components.load_inference_bundle(run.folder)
    assert restored["N"] == params.cfg["N"] == N
    base = str(run.folder / "wts.h5")
    assert set(model_manager.ModelManager.load_multiple_models(base)) == {"autoencoder", "diffraction_to_obj"}
    assert set(model_manager.ModelManager.load_multiple_models(base, ["autoencoder"])) == {"autoencoder"}
    with pytest.raises(KeyError, match="nonsense"):
        model_manager.ModelManager.load_multiple_models(base, ["nonsense"])
    with pytest.raises(ValueError, match="does not exist"):
        components.load_inference_bundle(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"wts\.h5\.zip"):
        components.load_inference_bundle(tmp_path)


def test_a_damaged_archive_leaves_the_dictionary_alone(run: SimpleNamespace, tmp_path: Path) -> None:
    data = (run.folder / "wts.h5.zip").read_bytes()
    (tmp_path / "wts.h5.zip").write_bytes(data[: len(data) // 2])
    params.cfg["N"] = 999
    with pytest.raises(ValueError, match="damaged"):
        components.load_inference_bundle(tmp_path)
    assert params.cfg["N"] == 999


def test_settings_that_are_missing_are_named_and_change_nothing(run: SimpleNamespace, tmp_path: Path) -> None:
    with zipfile.ZipFile(run.folder / "wts.h5.zip") as source:
        members = {name: source.read(name) for name in source.namelist()}
    for name_of_model in ("autoencoder", "diffraction_to_obj"):
        kept = dill.loads(members[f"{name_of_model}/params.dill"])
        kept.pop("N")
        with zipfile.ZipFile(tmp_path / "wts.h5.zip", "w") as target:
            for name, data in {**members, f"{name_of_model}/params.dill": dill.dumps(kept)}.items():
                target.writestr(name, data)
        params.cfg["N"] = 999
        with pytest.raises(ValueError, match=r"missing required fields: N.*Cannot reconstruct"):
            components.load_inference_bundle(tmp_path)
        assert params.cfg["N"] == 999


def test_models_saved_one_by_one_load_again(run: SimpleNamespace, tmp_path: Path) -> None:
    models = run.results["models"]
    model_manager.ModelManager.save_multiple_models(models, tmp_path / "wts.h5", {}, 12.5)
    loaded = model_manager.ModelManager.load_multiple_models(str(tmp_path / "wts.h5"))
    assert params.get("intensity_scale") == 12.5
    container = run.results["test_container"]
    inputs = [np.asarray(container.X)[:3], container.local_offsets[:3].astype(np.float32)]
    expected = models["diffraction_to_obj"].predict(inputs, verbose=0)
    assert np.array_equal(loaded["diffraction_to_obj"].predict(inputs, verbose=0), expected)


def test_two_fresh_processes_predict_the_same_and_never_load_torch(run: SimpleNamespace) -> None:
    code = f"""
import sys; sys.path[:0] = {SHELVES!r}
import numpy as np
from pathlib import Path
from ptycho.workflows.components import load_inference_bundle
np.random.seed(int(sys.argv[1]))
model, config = load_inference_bundle(Path({str(run.folder)!r}))
c = config["gridsize"] ** 2
x = np.linspace(0, 3, 2 * {N} * {N} * c, dtype=np.float32).reshape(2, {N}, {N}, c)
out = model.predict([x, np.zeros((2, 1, 2, c), np.float32)])
print("torch" in sys.modules, out.tobytes().hex()[:4000])
"""
    texts = [
        subprocess.run([sys.executable, "-c", code, seed], capture_output=True, text=True, check=True).stdout
        for seed in "12"
    ]
    assert texts[0] == texts[1]
    assert texts[0].startswith("False")


def test_pictures_are_saved_and_none_is_no_picture(run: SimpleNamespace, tmp_path: Path) -> None:
    components.save_outputs(run.amplitude, run.phase, run.results, str(tmp_path / "a"))
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "reconstructed_amplitude.png",
        "reconstructed_phase.png",
    }
    components.save_outputs(None, None, {}, str(tmp_path / "b"))
    assert not list((tmp_path / "b").iterdir())


def test_a_host_sees_one_line_per_epoch(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = TrainingConfig(ModelConfig(N=N, n_filters_scale=1), nepochs=3, n_groups=16, output_dir=tmp_path)
    with caplog.at_level(logging.INFO, logger="ptychopinn"):
        components.train_cdi_model(_scan(0), None, config)
    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("epoch ")]
    assert [line.split(":")[0] for line in lines] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert all("val_loss" in line for line in lines)


def test_widening_the_network_adds_parameters(tmp_path: Path) -> None:
    sizes = []
    for scale in (1, 2):
        config = TrainingConfig(ModelConfig(N=N, n_filters_scale=scale), nepochs=1, n_groups=16, output_dir=tmp_path)
        models = components.train_cdi_model(_scan(0), None, config)["models"]
        sizes.append(models["diffraction_to_obj"].count_params())
    assert sizes[1] > 2 * sizes[0]
