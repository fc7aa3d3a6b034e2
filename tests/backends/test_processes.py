"""Number of processes that train together, by settings and environment."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ptychopinn.backends.processes import Processes
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.errors import ConfigError
from ptychopinn.physics.simulate import simulate_scan

DDP = PyTorchExecutionConfig(strategy="ddp", devices=2)


def test_one_process_trains_unless_the_settings_ask_for_more() -> None:
    crowded = {"WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4", "RANK": "5", "SLURM_NTASKS": "8", "SLURM_PROCID": "3"}
    assert Processes.from_config(None, crowded) == Processes()
    assert Processes.from_config(PyTorchExecutionConfig(), crowded) == Processes()


def test_a_restarted_command_gets_its_rank() -> None:
    assert (
        Processes.from_config(DDP, {})
        == Processes.from_config(PyTorchExecutionConfig(devices=2), {})
        == Processes(2, 1, 0)
    )
    follower = Processes.from_config(DDP, {"LOCAL_RANK": "1", "WORLD_SIZE": "2"})
    assert follower.rank == 1 and not follower.is_main and follower.world == 2


def test_a_process_that_cannot_be_restarted_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiprocessing.parent_process", lambda: "the app")
    with pytest.raises(ConfigError, match="2 devices"):
        Processes.from_config(DDP, {})


def test_a_launcher_sets_the_processes_of_all_nodes() -> None:
    environment = {"WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4", "RANK": "5", "LOCAL_RANK": "1"}
    assert Processes.from_config(DDP, environment) == Processes(4, 2, 5)


def test_slurm_sets_the_processes_of_all_nodes() -> None:
    environment = {"SLURM_NTASKS": "6", "SLURM_NNODES": "3", "SLURM_PROCID": "4"}
    assert Processes.from_config(DDP, environment) == Processes(2, 3, 4)


def _train(folder: Path, output: str, *more: str) -> list[float]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    environment |= {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "ptychopinn.cli", "train", "scan.npz", "--epochs", "3", "--quiet"]
    command += ["--architecture", "cnn", "--n-filters-scale", "1", "--batch-size", "8", "--precision", "32-true"]
    command += ["--accelerator", "cpu", "--no-enable-checkpointing", "--output", output, *more]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    # One process alone reports.
    assert done.stdout.count("Model: ") == 1
    with (folder / output / "metrics.csv").open() as stream:
        return [float(row["val_loss"]) for row in csv.DictReader(stream)]


def test_two_processes_train_to_the_loss_of_one(tmp_path: Path) -> None:
    np.savez(tmp_path / "scan.npz", **simulate_scan(16, 60, 1e5, 1, step_px=2.0))
    alone = _train(tmp_path, "one")
    shared = _train(tmp_path, "two", "--devices", "2")
    assert len(alone) == len(shared) == 3
    assert shared[-1] == pytest.approx(alone[-1], rel=0.25)
    assert {path.name for path in (tmp_path / "two").iterdir()} >= {"wts.h5.zip", "metrics.csv", "config.yaml"}
    assert {path.name for path in tmp_path.iterdir()} == {"scan.npz", "one", "two"}
