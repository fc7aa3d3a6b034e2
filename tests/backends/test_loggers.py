"""Experiment trackers write to their places, and their failures never end a training."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import lightning.pytorch.loggers.mlflow as lightning_mlflow
import pytest
from lightning.pytorch.loggers import CSVLogger
from lightning.pytorch.utilities import rank_zero_only

from ptychopinn.backends import registry
from ptychopinn.backends.base import TrainingJob
from ptychopinn.backends.torch import loggers
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import ignore, never
from ptychopinn.physics.simulate import simulate_scan


class Client:
    """The part of MLflow's client that Lightning's logger calls."""

    opened: ClassVar[list[str]] = []
    losses: ClassVar[list[str]] = []
    ended: ClassVar[list[str]] = []
    faults: ClassVar[dict[str, Exception]] = {}

    def __init__(self, uri: str) -> None:
        self._check("open")
        self.opened.append(uri)

    def _check(self, call: str) -> None:
        if call in self.faults:
            raise self.faults[call]

    def get_experiment_by_name(self, name: str) -> None:
        self._check("get")

    def create_experiment(self, name: str, artifact_location: str | None) -> str:
        return "1"

    def create_run(self, experiment_id: str, tags: object) -> Any:
        return SimpleNamespace(info=SimpleNamespace(run_id="7", experiment_id=experiment_id))

    def log_batch(self, run_id: str, metrics: Any = (), params: Any = ()) -> None:
        self._check("log")
        self.losses.extend(metric.key for metric in metrics)

    def get_run(self, run_id: str) -> bool:
        return True

    def set_terminated(self, run_id: str, status: str) -> None:
        self._check("end")
        self.ended.append(status)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> type[Client]:
    """A stand-in for MLflow, with and without a database."""
    contents: dict[str, dict[str, Any]] = {
        "mlflow": {"set_tracking_uri": lambda uri: None},
        "mlflow.tracking": {"MlflowClient": Client},
        "mlflow.tracking.context": {"resolve_tags": lambda tags: tags},
        "mlflow.entities": {"Metric": SimpleNamespace, "Param": SimpleNamespace},
    }
    for name, content in contents.items():
        module = ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(
        sys.modules["mlflow.tracking"], "context", sys.modules["mlflow.tracking.context"], raising=False
    )
    monkeypatch.setattr(lightning_mlflow, "_MLFLOW_AVAILABLE", True)
    monkeypatch.setattr(loggers, "_installed", lambda package: package == "mlflow")
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_ALLOW_FILE_STORE", *loggers._MLFLOW_DEFAULTS):
        # Set first: the logger's own setting must not outlive the test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for record in (Client.opened, Client.losses, Client.ended, Client.faults):
        record.clear()
    return Client


def train(folder: Path, logger: str) -> None:
    """A training of two epochs."""
    scan = RawData(**simulate_scan(16, 20, 1e5, 1, step_px=2.0))
    model = ModelConfig(N=16, n_filters_scale=1, gridsize=1)
    config = TrainingConfig(model, nepochs=2, batch_size=8)
    execution = PyTorchExecutionConfig(precision="32-true", enable_checkpointing=False, logger_backend=logger)
    registry.load("pytorch").train(TrainingJob(scan, config, folder, execution), ignore, never)


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.message for r in caplog.records if r.name == "ptychopinn" and r.levelno >= logging.WARNING]


def test_mlflow_gets_the_losses_of_every_epoch_in_the_run_folder(
    tmp_path: Path, client: type[Client], caplog: pytest.LogCaptureFixture
) -> None:
    train(tmp_path, "mlflow")
    assert client.opened == [(tmp_path / "mlruns").as_uri()]
    assert client.losses.count("poisson_train_loss") == client.losses.count("poisson_val_loss") == 2
    assert client.ended == ["FINISHED"] and not warnings_of(caplog)
    # Without it, MLflow 3.17 refuses to write plain files.
    assert os.environ["MLFLOW_ALLOW_FILE_STORE"] == "true"


def test_mlflow_with_a_database_writes_one(
    tmp_path: Path, client: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loggers, "_installed", lambda package: True)
    loggers.build_logger(tmp_path, None)
    assert client.opened == [f"sqlite:///{tmp_path / 'mlflow.db'}"]
    assert "MLFLOW_ALLOW_FILE_STORE" not in os.environ


def test_a_server_named_in_the_environment_is_used(
    tmp_path: Path, client: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://server:5000")
    loggers.build_logger(tmp_path, "mlflow")
    assert client.opened == ["http://server:5000"]


def test_only_the_first_process_opens_the_tracker(
    tmp_path: Path, client: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rank_zero_only, "rank", 1)
    loggers.build_logger(tmp_path, "mlflow")
    assert not client.opened


@pytest.mark.parametrize("call", ["open", "get"])
def test_a_tracker_that_cannot_start_is_replaced_by_a_file(
    tmp_path: Path, client: type[Client], caplog: pytest.LogCaptureFixture, call: str
) -> None:
    client.faults[call] = OSError("no such store")
    train(tmp_path, "mlflow")
    (warning,) = warnings_of(caplog)
    assert "mlflow" in warning and "no such store" in warning and "CSV" in warning
    assert (tmp_path / "lightning_logs" / "version_0" / "metrics.csv").is_file()


@pytest.mark.parametrize("call", ["log", "end"])
def test_a_tracker_that_fails_during_training_warns_once(
    tmp_path: Path, client: type[Client], caplog: pytest.LogCaptureFixture, call: str
) -> None:
    client.faults[call] = OSError("disk full")
    train(tmp_path, "mlflow")
    (warning,) = warnings_of(caplog)
    assert "MLflow" in warning and "disk full" in warning


@pytest.mark.parametrize("name", ["mlflow", "tensorboard"])
def test_a_tracker_that_is_not_installed_is_replaced_by_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    monkeypatch.setattr(loggers, "_installed", lambda package: False)
    assert type(loggers.build_logger(tmp_path, name)) is CSVLogger
    (warning,) = warnings_of(caplog)
    assert f"pip install {name}" in warning


def test_none_builds_no_logger_and_csv_builds_lightnings(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert loggers.build_logger(tmp_path, "none") is False
    assert type(loggers.build_logger(tmp_path, "csv")) is CSVLogger
    assert not warnings_of(caplog)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlflow", "tensorboard"])
def test_the_installed_tracker_writes_into_the_run_folder(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    # Both are optional, but the tests of every push install them.
    if not os.environ.get("CI") and not any(importlib.util.find_spec(package) for package in loggers._PACKAGES[name]):
        pytest.skip(f"{name} is not installed")
    database = importlib.util.find_spec("sqlalchemy") is not None
    patterns = {"mlflow": "mlflow.db" if database else "mlruns/*/*", "tensorboard": "lightning_logs/*/events*"}
    train(tmp_path, name)
    assert not warnings_of(caplog) and list(tmp_path.glob(patterns[name]))
