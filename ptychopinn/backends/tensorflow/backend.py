"""The TensorFlow backend as the workflow sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.base import History, Reconstruction, TrainingJob
from ptychopinn.backends.prediction import Predict
from ptychopinn.backends.reconstruction import reconstruct_scan
from ptychopinn.backends.tensorflow.devices import choose_device
from ptychopinn.backends.tensorflow.inference import TensorFlowPredict
from ptychopinn.backends.tensorflow.network import PtychoNetwork, relative_probe
from ptychopinn.backends.tensorflow.saving import NAME, load_archive, save_archive
from ptychopinn.backends.tensorflow.training import TrainedNetwork, train_network
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Report, Stop


@dataclass(frozen=True)
class TensorFlowEngine:
    """A network on a device; see :class:`ptychopinn.backends.reconstruction.Engine`."""

    network: PtychoNetwork
    device: str

    @contextmanager
    def illuminated_by(self, probe: NDArray[np.complex64]) -> Iterator[Predict]:
        """Lend the network with another probe."""
        yield TensorFlowPredict(self.network, self.device, relative_probe(probe))


class TensorFlowModel:
    """A trained TensorFlow model with its settings."""

    def __init__(self, trained: TrainedNetwork, config: TrainingConfig) -> None:
        self.trained, self.config = trained, config

    @property
    def history(self) -> History:
        """Losses by epoch."""
        return self.trained.history

    def save(self, path: Path) -> None:
        """Write the model archive atomically."""
        save_archive(path, self.trained, self.config)

    def reconstruct(
        self,
        data: RawData,
        config: InferenceConfig,
        execution: PyTorchExecutionConfig | None,
        report: Report,
        should_stop: Stop,
    ) -> Reconstruction:
        """Predict the object of a scan; see :func:`ptychopinn.backends.reconstruction.reconstruct_scan`."""
        execution = execution or PyTorchExecutionConfig(accelerator="auto")
        engine = TensorFlowEngine(self.trained.network, choose_device(execution.accelerator))
        probe = self.trained.probe
        return reconstruct_scan(engine, self.config, probe, data, config, execution, report, should_stop)


class TensorFlowBackend:
    """TensorFlow with Keras."""

    name = NAME

    def train(self, job: TrainingJob, report: Report, should_stop: Stop) -> TensorFlowModel:
        """Train a model on a scan."""
        start = load_archive(job.start_from)[0].network if job.start_from else None
        saved = partial(_save_snapshot, job.snapshot, job.config) if job.snapshot else None
        return TensorFlowModel(train_network(job, report, should_stop, start, saved), job.config)

    def load(self, archive: Path) -> TensorFlowModel:
        """Open a model archive."""
        return TensorFlowModel(*load_archive(archive))


def _save_snapshot(path: Path, config: TrainingConfig, trained: TrainedNetwork) -> None:
    # Tracing for the SavedModel takes seconds; the archive of the end has it.
    save_archive(path, trained, config, with_saved_model=False)


BACKEND = TensorFlowBackend()
