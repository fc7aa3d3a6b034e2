"""A tiny scan, settings for it, and the trainings and reconstructions that the tests share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from ptychopinn.backends import registry
from ptychopinn.backends.base import Reconstruction, TrainingJob
from ptychopinn.backends.reconstruction import NetworkModel
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Event, ignore, never
from ptychopinn.physics.simulate import simulate_scan

N = 16
INFERENCE = InferenceConfig(ModelConfig(), Path("model"), Path("scan.npz"))


def scan(seed: int = 0, positions: int = 45, **changes: object) -> RawData:
    """A small simulated scan."""
    return RawData(**{**simulate_scan(N, positions, 1e5, seed, step_px=2.0), **changes})


def settings(architecture: str = "unrolled", gridsize: int = 2, **training: object) -> TrainingConfig:
    """Settings of a tiny training."""
    model = {"N": N, "n_filters_scale": 1, "architecture": architecture, "gridsize": gridsize}
    model.update(training.pop("model", {}))
    defaults = {"nepochs": 2, "batch_size": 4, "neighbor_count": 6, "validation_fraction": 0.0}
    return TrainingConfig(ModelConfig(**model), **{**defaults, **training})


EXACT = PyTorchExecutionConfig(precision="32-true", enable_checkpointing=False, logger_backend="none")


_MODELS: dict[tuple[object, ...], NetworkModel] = {}
_OBJECTS: dict[tuple[object, ...], np.ndarray] = {}


class BackendTests:
    """Base of the tests of one backend."""

    name: ClassVar[str]

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path

    def train(self, data: RawData, config: TrainingConfig, folder: Path, **job: object) -> NetworkModel:
        events: list[Event] = job.pop("events", [])
        stop = job.pop("should_stop", never)
        job.setdefault("execution", EXACT)
        backend = registry.load(self.name)
        return backend.train(TrainingJob(data, config, folder, **job), events.append, stop)

    def reconstruct(self, model: NetworkModel, data: RawData, **more: object) -> Reconstruction:
        execution = replace(EXACT, inference_batch_size=more.pop("batch", None))
        config = more.pop("config", INFERENCE)
        return model.reconstruct(data, config, execution, ignore, more.pop("should_stop", never), **more)

    def trained(self, folder: Path, *architecture: object, **options: object) -> NetworkModel:
        """Model of the plain scan; each is trained once per run of the tests."""
        key = (self.name, *architecture, *sorted(options.items()))
        if key not in _MODELS:
            _MODELS[key] = self.train(scan(), settings(*architecture, **options), folder)
        return _MODELS[key]

    def plain(self, folder: Path, *architecture: object, **options: object) -> np.ndarray:
        """Object that the model of :meth:`trained` predicts."""
        key = (self.name, *architecture, *sorted(options.items()))
        if key not in _OBJECTS:
            _OBJECTS[key] = self.reconstruct(self.trained(folder, *architecture, **options), scan()).object_
        return _OBJECTS[key]
