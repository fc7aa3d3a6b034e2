"""Training and reconstruction from file to folder."""

from __future__ import annotations

import csv
import dataclasses
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ptychopinn.backends.base import History, TrainingJob
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.yaml_file import load_settings
from ptychopinn.errors import ArchiveError, ConfigError, DataError, JobCancelled
from ptychopinn.events import Batch, Epoch, Event, Metric, Phase, Preview
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.product import hdf5
from ptychopinn.results import TrainResult
from ptychopinn.workflow.demo import demo
from ptychopinn.workflow.quality_report import quality_report
from ptychopinn.workflow.reconstruct import reconstruct
from ptychopinn.workflow.train import train

EXECUTION = PyTorchExecutionConfig(enable_checkpointing=False, logger_backend="none")


def settings(**training: object) -> TrainingConfig:
    model = ModelConfig(N=64, n_filters_scale=1, architecture="unrolled", gridsize=2)
    defaults = {"backend": "pytorch", "nepochs": 2, "batch_size": 4, "neighbor_count": 6}
    return TrainingConfig(model, **{**defaults, **training})


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scan") / "scan.npz"
    np.savez(path, **simulate_scan(16, 45, 1e5, 0, step_px=2.0))
    return path


@pytest.fixture(scope="module")
def trained(scan: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainResult, list[Event]]:
    events: list[Event] = []
    result = train(scan, tmp_path_factory.mktemp("run"), settings(), EXECUTION, report=events.append)
    return result, events


@pytest.mark.parametrize(("truth", "word"), [(None, "absent"), (1.0, "flat"), (np.nan, "NaN")])
def test_supervised_training_without_a_truth_leaves_no_folder(truth: float | None, word: str, tmp_path: Path) -> None:
    arrays = simulate_scan(16, 45, 1e5, 0, step_px=2.0)
    shape = arrays.pop("objectGuess").shape
    np.savez(tmp_path / "scan.npz", **arrays, **({} if truth is None else {"objectGuess": np.full(shape, truth + 0j)}))
    config = settings()
    supervised = dataclasses.replace(config, model=dataclasses.replace(config.model, model_type="supervised"))
    with pytest.raises(DataError, match=word):
        train(tmp_path / "scan.npz", tmp_path / "run", supervised, EXECUTION)
    assert not (tmp_path / "run").exists()


def test_a_training_writes_model_losses_settings_log_and_thumbnail(trained: tuple) -> None:
    result, _ = trained
    names = {path.name for path in result.run_dir.iterdir()}
    assert {"wts.h5.zip", "metrics.csv", "config.yaml", "log.txt", "thumbnail.png"} <= names
    rows = list(csv.DictReader((result.run_dir / "metrics.csv").open()))
    assert [float(row["loss"]) for row in rows] == pytest.approx(result.history["loss"], rel=1e-6)
    assert "epoch 2/2" in (result.run_dir / "log.txt").read_text()


def test_without_execution_settings_a_training_writes_the_files_of_the_command_line(scan: Path, tmp_path: Path) -> None:
    train(scan, tmp_path, settings(nepochs=1, n_groups=8))
    names = {path.name for path in tmp_path.iterdir()}
    assert names - {"thumbnail.png"} == {"wts.h5.zip", "metrics.csv", "config.yaml", "log.txt"}


def test_the_pattern_size_is_taken_from_the_data(trained: tuple) -> None:
    sections, unknown = load_settings(trained[0].run_dir / "config.yaml")
    assert sections["model"]["N"] == 16
    assert unknown == []


def test_events_come_in_the_order_of_the_work(trained: tuple) -> None:
    kinds = [type(event) for event in trained[1]]
    phases = [event.text for event in trained[1] if isinstance(event, Phase)]
    assert phases[0].startswith("reading") and phases[-1] == "saving the model"
    assert kinds.index(Batch) < kinds.index(Epoch)
    assert Preview in kinds


def test_a_reconstruction_writes_object_product_images_and_report(trained: tuple, scan: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    result = reconstruct(trained[0].model_path, scan, tmp_path, execution=EXECUTION, report=events.append)
    source = np.load(scan)
    with np.load(result.object_path) as found:
        assert found["objectGuess"].dtype == np.complex64
        assert all(a >= b for a, b in zip(found["objectGuess"].shape, source["objectGuess"].shape, strict=True))
        assert np.allclose(found["xcoords"], source["xcoords"])
        assert np.allclose(found["ycoords"], source["ycoords"])
        assert found["probeGuess"].shape[-2:] == (16, 16)
    report = json.loads(result.report_path.read_text())
    assert report["r_factor"] == pytest.approx(result.r_factor)
    assert {"phase_ssim", "amplitude_psnr_db"} <= set(report["metrics"])
    assert hdf5.read(result.product_path).object_.shape == tuple(report["object_shape"])
    for picture in (result.amplitude_png, result.phase_png):
        assert picture.read_bytes().startswith(b"\x89PNG")
    assert {"r_factor", "noise_floor"} <= {event.name for event in events if isinstance(event, Metric)}


@pytest.mark.parametrize("refine", [None, IterativeConfig(sweeps=2)])
def test_a_report_has_the_figures_of_the_reconstruction(
    trained: tuple, scan: Path, tmp_path: Path, refine: IterativeConfig | None
) -> None:
    result = reconstruct(trained[0].model_path, scan, tmp_path, execution=EXECUTION, refine=refine)
    judged = quality_report(tmp_path, scan, split_half=False, flat_start=False)
    assert judged.metrics == pytest.approx(result.metrics, rel=1e-6, abs=1e-6)


def test_a_run_folder_is_accepted_as_model(trained: tuple, scan: Path, tmp_path: Path) -> None:
    result = reconstruct(trained[0].run_dir, scan, tmp_path, execution=EXECUTION, refine=IterativeConfig(sweeps=2))
    assert json.loads(result.report_path.read_text())["refine_sweeps"] == 2


def test_a_limit_of_groups_is_obeyed(scan: Path, tmp_path: Path) -> None:
    batches: list[Event] = []
    train(
        scan,
        tmp_path,
        settings(n_groups=8, nepochs=1),
        EXECUTION,
        report=lambda event: batches.append(event) if isinstance(event, Batch) else None,
    )
    assert {event.batches for event in batches} == {2}


@pytest.mark.parametrize(
    ("config", "whole", "groups"),
    [
        (settings(), True, None),
        (settings(n_groups=9), True, None),
        (settings(n_groups=9), False, 9),
        (settings(), False, 512),
    ],
)
def test_the_deprecated_keyword_for_the_whole_scan_warns_and_works(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: TrainingConfig, whole: bool, groups: int | None
) -> None:
    jobs: list[TrainingJob] = []

    def recorded(job: TrainingJob, *others: object) -> History:
        jobs.append(job)
        return History()

    monkeypatch.setattr("ptychopinn.workflow.train._recorded", recorded)
    with pytest.warns(DeprecationWarning, match="n_groups"):
        train(scan, tmp_path, config, EXECUTION, use_whole_scan=whole)
    assert jobs[0].groups_per_epoch == groups


def test_positions_that_are_not_measured_are_refused(scan: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="positions_provided is False"):
        train(scan, tmp_path / "run", settings(positions_provided=False), EXECUTION)
    assert not (tmp_path / "run").exists()


def test_less_than_one_group_is_refused_by_its_setting(trained: tuple, scan: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="n_subsample is 3"):
        train(scan, tmp_path / "run", settings(n_subsample=3), EXECUTION)
    for name, value in (("n_subsample", 3), ("n_groups", 0)):
        config = InferenceConfig(ModelConfig(), trained[0].model_path, scan, **{name: value})
        with pytest.raises(ConfigError, match=f"{name} is {value}"):
            reconstruct(trained[0].model_path, scan, tmp_path / "result", config, EXECUTION)
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_reconstruction_writes_nothing(trained: tuple, scan: Path, tmp_path: Path) -> None:
    with pytest.raises(JobCancelled):
        reconstruct(trained[0].model_path, scan, tmp_path, execution=EXECUTION, should_stop=lambda: True)
    assert {path.name for path in tmp_path.iterdir()} == {"log.txt"}


@pytest.mark.parametrize("key", ["diff3d", "xcoords", "probeGuess"])
def test_an_unusable_scan_leaves_no_model(scan: Path, tmp_path: Path, key: str) -> None:
    arrays = dict(np.load(scan))
    arrays[key] = arrays[key][:7] if key != "probeGuess" else np.zeros_like(arrays[key])
    bad = tmp_path / "bad.npz"
    np.savez(bad, **arrays)
    with pytest.raises(DataError, match=key):
        train(bad, tmp_path / "run", settings(), EXECUTION)
    assert not (tmp_path / "run").exists()


def test_fixes_are_applied_before_use(scan: Path, tmp_path: Path) -> None:
    arrays = dict(np.load(scan))
    arrays["diff3d"][3, 2, 2] = np.nan
    bad = tmp_path / "bad.npz"
    np.savez(bad, **arrays)
    with pytest.raises(DataError, match="diff3d"):
        train(bad, tmp_path / "run", settings(), EXECUTION)
    result = train(bad, tmp_path / "run", settings(nepochs=1), EXECUTION, fixes=("non_finite",))
    assert np.isfinite(result.history["loss"]).all()


class _Bomb:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple:
        return Path.touch, (self.target,)


@pytest.mark.parametrize("member", ["manifest.dill", "diffraction_to_obj/model.ckpt"])
def test_an_archive_with_code_in_it_is_refused_and_nothing_runs(
    trained: tuple, scan: Path, tmp_path: Path, member: str
) -> None:
    marker, bad = tmp_path / "executed", tmp_path / "wts.h5.zip"
    with zipfile.ZipFile(trained[0].model_path) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            target.writestr(name, pickle.dumps(_Bomb(marker)) if name == member else source.read(name))
    with pytest.raises(ArchiveError):
        reconstruct(bad, scan, tmp_path / "out", execution=EXECUTION)
    assert not marker.exists()
    assert not (tmp_path / "out").exists()


def test_settings_of_inference_are_obeyed(trained: tuple, scan: Path, tmp_path: Path) -> None:
    config = InferenceConfig(ModelConfig(), trained[0].model_path, scan, n_subsample=30, subsample_seed=1)
    assert reconstruct(trained[0].model_path, scan, tmp_path, config, EXECUTION).n_patterns == 30


@pytest.mark.parametrize("debug", [False, True])
def test_the_debug_log_has_the_geometry(trained: tuple, scan: Path, tmp_path: Path, debug: bool) -> None:
    config = InferenceConfig(ModelConfig(), trained[0].model_path, scan, debug=debug)
    reconstruct(trained[0].model_path, scan, tmp_path, config, EXECUTION)
    assert ("group radius" in (tmp_path / "log.txt").read_text()) is debug


def test_the_demo_trains_and_reconstructs(tmp_path: Path) -> None:
    result = demo(tmp_path, minutes=0.05, positions=60)
    assert result.train.model_path.exists() and result.data_file.exists()
    assert result.summary["r_factor"] > 0
    assert "phase_psnr_db" in result.summary
