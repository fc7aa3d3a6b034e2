"""The adapter with stand-ins for the host's types (API specification, sections 4.1 to 4.6)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ptychodus_adapter import PtychoPINNReconstructorLibrary, create_raw_data, host_types
from ptychodus_adapter.arrays import without_bad_pixels
from ptychodus_adapter.background import BackgroundJob
from ptychodus_adapter.settings import SettingsGroup, training_configuration
from ptychopinn.archive.bundle import read_manifest, write_bundle
from ptychopinn.archive.manifest import new_manifest
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.yaml_file import load_settings
from ptychopinn.data.npz import read
from ptychopinn.errors import ArchiveError, DataError, MissingFileError
from ptychopinn.events import Phase
from ptychopinn.historic import params as legacy_params
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.quality import judgement

N, P, PIXEL_M = 16, 45, 1e-8


def host_input(seed: int = 0, **changes: Any) -> tuple[Any, dict[str, Any]]:
    """A host's input for a simulated scan, counts, and the scan's arrays."""
    arrays = simulate_scan(N, P, 1e5, seed, step_px=2.0)
    truth = arrays["objectGuess"]
    rows, columns = truth.shape
    centre = host_types.ObjectCenter(3e-7, -2e-7)
    # The host's pixel of a position is the middle of the patch, half a pixel before index N/2.
    x = centre.x_m + (arrays["xcoords"] - 0.5 - (columns - 1) / 2) * PIXEL_M
    y = centre.y_m + (arrays["ycoords"] - 0.5 - (rows - 1) / 2) * PIXEL_M
    points = [host_types.ProbePosition(i, *place) for i, place in enumerate(zip(x, y, strict=True))]
    obj = host_types.Object(truth, host_types.PixelGeometry(PIXEL_M, PIXEL_M), centre)
    product = host_types.Product(None, points, host_types.Probe(arrays["probeGuess"]), obj, [])
    counts = np.rint(arrays["diff3d"] ** 2).astype(np.uint16)
    values = {"diffraction_patterns": counts, "bad_pixels": np.zeros((N, N), bool), "product": product, **changes}
    return host_types.ReconstructInput(**values), arrays


def library(backend: str = "pytorch", **training: Any) -> PtychoPINNReconstructorLibrary:
    found = PtychoPINNReconstructorLibrary()
    for name, value in {"nepochs": 2, "neighbor_count": 6, "backend": backend, **training}.items():
        getattr(found.training_settings, name).set_value(value)
    found.model_settings.gridsize.set_value(2)
    found.model_settings.n_filters_scale.set_value(1)
    return found


@pytest.fixture(autouse=True)
def _dictionary() -> Any:
    before = dict(legacy_params.cfg)
    yield
    legacy_params.cfg.clear()
    legacy_params.cfg.update(before)


def test_two_reconstructors_share_their_settings() -> None:
    found = library()
    assert [each.name for each in found] == ["PINN", "Supervised"]
    assert all(each.MODEL_FILE_NAME == "wts.h5.zip" for each in found)
    assert all(each.get_model_file_extension() == ".zip" for each in found)
    assert all("*.npz" in each.get_training_data_file_filter() for each in found)
    assert all("wts.h5.zip" in each.get_model_file_filter() for each in found)
    assert not any(each.is_model_loaded() for each in found)


def test_the_scan_of_an_input_has_the_arrays_of_the_scan() -> None:
    parameters, arrays = host_input()
    raw = create_raw_data(parameters)
    assert np.allclose(raw.xcoords, arrays["xcoords"], atol=1e-6)
    assert np.allclose(raw.ycoords, arrays["ycoords"], atol=1e-6)
    assert raw.units == "intensity"
    assert np.array_equal(raw.diff3d, parameters.diffraction_patterns)
    assert raw.objectGuess.shape == arrays["objectGuess"].shape
    with pytest.raises(DataError, match="shape"):
        create_raw_data(host_input(diffraction_patterns=np.ones((P, N, N + 1)))[0])


def test_bad_pixels_get_the_median_of_their_neighbours() -> None:
    patterns = np.ones((2, 5, 5), np.uint16)
    patterns[:, 2, 2] = 60000
    bad = np.zeros((5, 5), bool)
    bad[2, 2] = True
    assert (without_bad_pixels(patterns, bad) == 1).all()
    assert patterns[0, 2, 2] == 60000
    assert without_bad_pixels(patterns, None) is patterns


def test_exported_data_are_amplitudes_and_say_so(tmp_path: Path) -> None:
    parameters, _ = host_input()
    next(iter(library())).export_training_data(tmp_path / "train_data.npz", parameters)
    with np.load(tmp_path / "train_data.npz", allow_pickle=False) as content:
        assert {"xcoords", "ycoords", "diff3d", "probeGuess", "objectGuess", "scan_index"} <= set(content.files)
        assert str(content["diff3d_units"]) == "amplitude"
        assert np.allclose(content["diff3d"] ** 2, parameters.diffraction_patterns, atol=1e-2)
    assert read(tmp_path / "train_data.npz").units == "amplitude"


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
def test_a_model_is_trained_saved_opened_and_reconstructs(
    tmp_path: Path, backend: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    parameters, _ = host_input()
    found = library(backend)
    pinn = next(iter(found))
    for name in ("train_data.npz", "test_data.npz"):
        pinn.export_training_data(tmp_path / name, parameters)
    outputs = list(pinn.train(tmp_path, tmp_path / "out"))
    assert not [record for record in caplog.records if record.name in ("absl", "tensorflow")]
    assert [len(output.training_loss) for output in outputs] == [1, 2]
    assert [value.epoch for value in outputs[-1].validation_loss] == [0, 1]
    assert [output.progress for output in outputs] == [50, 100]
    assert pinn.is_model_loaded()
    assert legacy_params.cfg["N"] == N
    assert read_manifest(tmp_path / "out")["backend"] == backend
    pinn.save_model(tmp_path / "model.zip")
    other = next(iter(library(backend)))
    legacy_params.cfg["gridsize"] = 9
    other.open_model(tmp_path / "model.zip")
    assert legacy_params.cfg["gridsize"] == 2
    assert legacy_params.cfg["intensity_scale"] > 0
    with zipfile.ZipFile(tmp_path / "model.zip") as whole, zipfile.ZipFile(tmp_path / "part.zip", "w") as part:
        part.writestr("manifest.dill", whole.read("manifest.dill"))
    with pytest.raises(ArchiveError, match="lacks the member"):
        other.open_model(tmp_path / "part.zip")
    products = list(other.reconstruct(parameters))
    assert products[-1].progress == other.get_progress_goal()
    given, obj = parameters.product.object_, products[-1].product.object_
    assert obj.get_array().shape == given.get_array().shape
    assert obj.get_center() == given.get_center()
    assert np.iscomplexobj(obj.get_array())
    assert np.isfinite(obj.get_array()).all()
    assert products[0].product.object_ is given or len(products) == 1


def test_the_object_lies_where_the_given_one_does(tmp_path: Path) -> None:
    parameters, arrays = host_input()
    pinn = next(iter(library(nepochs=6)))
    pinn.export_training_data(tmp_path / "train_data.npz", parameters)
    list(pinn.train(tmp_path))
    obj = list(pinn.reconstruct(parameters))[-1].product.object_.get_layer(0)
    truth = arrays["objectGuess"]
    middle = tuple(slice(side // 2 - 6, side // 2 + 6) for side in truth.shape)

    def likeness(dy: int, dx: int) -> float:
        moved = np.abs(np.roll(obj, (dy, dx), axis=(0, 1))[middle])
        return float(np.corrcoef(moved.ravel(), np.abs(truth[middle]).ravel())[0, 1])

    scores = {(dy, dx): likeness(dy, dx) for dy in (-2, -1, 0, 1, 2) for dx in (-2, -1, 0, 1, 2)}
    assert max(scores, key=lambda key: scores[key]) == (0, 0)


def test_a_host_that_stops_listening_stops_the_training(tmp_path: Path) -> None:
    parameters, _ = host_input()
    pinn = next(iter(library(nepochs=10_000)))
    pinn.export_training_data(tmp_path / "train_data.npz", parameters)
    training = pinn.train(tmp_path)
    next(training)
    training.close()
    assert (tmp_path / "wts.h5.zip").is_file()
    assert pinn.is_model_loaded()


def test_a_host_gets_the_checks_and_the_judgement_of_a_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("INFO")
    parameters, _ = host_input()
    pinn = next(iter(library()))
    pinn.export_training_data(tmp_path / "train_data.npz", parameters)
    list(pinn.train(tmp_path))
    caplog.clear()
    monkeypatch.setattr(judgement, "collapse_notice", lambda obj: "The object is flat.")
    list(pinn.reconstruct(parameters))
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert "The object is flat." in warnings
    figures = [record.message for record in caplog.records if record.message.startswith("R ")]
    of_file = pinn.reconstruct_file(tmp_path / "train_data.npz", tmp_path / "object")
    assert float(figures[-1].split()[1]) == pytest.approx(of_file.r_factor, abs=2e-3)
    # Detectors write the largest number into masked pixels; a host without a mask passes it on.
    counts = parameters.diffraction_patterns.copy()
    counts[:, 5, 5] = np.iinfo(counts.dtype).max
    with pytest.raises(DataError, match="65,535 counts"):
        list(pinn.reconstruct(host_input(diffraction_patterns=counts)[0]))


def test_a_configuration_reaches_the_job_whole(tmp_path: Path) -> None:
    parameters, _ = host_input()
    data = tmp_path / "scan.npz"
    next(iter(library())).export_training_data(data, parameters)
    model = ModelConfig(N=N, gridsize=2, n_filters_scale=1, amp_activation="swish", model_type="supervised")
    config = TrainingConfig(model, train_data_file=data, nepochs=1, batch_size=8, n_groups=9, mae_weight=0.5, seed=3)
    found = PtychoPINNReconstructorLibrary().configured(config)
    assert found.name == "Supervised"
    result = found.train_file(data, tmp_path / "run")
    used, unknown = load_settings(result.run_dir / "config.yaml")
    assert not unknown
    assert ModelConfig(**used["model"]) == model
    asked = {"nepochs": 1, "batch_size": 8, "n_groups": 9, "mae_weight": 0.5, "seed": 3, "backend": "tensorflow"}
    assert {name: used["training"].get(name, getattr(config, name)) for name in asked} == asked
    inference = InferenceConfig(model, result.model_path, data, n_groups=20)
    judged = PtychoPINNReconstructorLibrary().configured(inference)
    judged.load_model_from_file(result.model_path)
    assert judged.reconstruct_file(data, tmp_path / "object").object_path.is_file()


def test_a_host_that_announces_no_positions_trains_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    settings = SettingsGroup(TrainingConfig, {"positions_provided": False})
    config = training_configuration("PINN", 32, SettingsGroup(ModelConfig), settings)
    assert config.positions_provided
    assert config.chosen_groups is None
    assert "positions_provided is False" in caplog.text


@pytest.mark.parametrize("number", [None, 512])
def test_the_settings_show_the_number_of_groups_that_was_set(number: int | None) -> None:
    settings = SettingsGroup(TrainingConfig)
    settings.take(TrainingConfig(ModelConfig(), n_groups=number))
    assert settings.n_groups.get_value() == number


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    pinn = next(iter(library()))
    parameters, _ = host_input()
    with pytest.raises(MissingFileError, match=r"train_data\.npz"):
        next(pinn.train(tmp_path))
    with pytest.raises(ArchiveError, match="no model is open"):
        next(pinn.reconstruct(parameters))
    with pytest.raises(ArchiveError, match="no model is open"):
        pinn.save_model(tmp_path / "m.zip")
    with pytest.raises(FileNotFoundError, match=r"wts\.h5\.zip"):
        pinn.load_model_from_file(tmp_path)
    supervised = list(library())[1]
    flat = host_types.Object(np.ones((60, 60), complex), host_types.PixelGeometry(1, 1), host_types.ObjectCenter(0, 0))
    product = host_types.Product(None, parameters.product.probe_positions, parameters.product.probes, flat, [])
    given = host_types.ReconstructInput(parameters.diffraction_patterns, parameters.bad_pixels, product)
    supervised.export_training_data(tmp_path / "train_data.npz", given)
    with pytest.raises(DataError):
        list(supervised.train(tmp_path))


def test_a_model_that_cannot_be_written_whole_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinn = next(iter(library()))
    write_bundle(tmp_path / "open.zip", {}, new_manifest("pytorch", "test"))
    monkeypatch.setattr(pinn, "_archive", tmp_path / "open.zip")
    target = tmp_path / "saved.zip"
    target.write_bytes(b"the model before")

    def full(source: Path, place: Path) -> None:
        Path(place).write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space"):
        pinn.save_model(target)
    assert target.read_bytes() == b"the model before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["open.zip", "saved.zip"]


def test_an_error_of_the_job_comes_out_of_the_iterator() -> None:
    def fail(report: Any, should_stop: Any) -> None:
        report(Phase("begun"))
        raise DataError("nothing to read")

    events = BackgroundJob(fail).events()
    assert next(events) == Phase("begun")
    with pytest.raises(DataError, match="nothing to read"):
        next(events)


def test_importing_the_adapter_loads_no_framework_and_no_window() -> None:
    root = Path(__file__).parents[2]
    code = f"""
import sys; sys.path[:0] = [{str(root)!r}]
import ptychodus_adapter
heavy = ("torch", "tensorflow", "keras", "lightning", "PyQt6", "PyQt5", "ptychopinn_app")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
