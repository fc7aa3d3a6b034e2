"""The TensorFlow backend as the workflow sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.base import TrainingJob
from ptychopinn.backends.prediction import Predict
from ptychopinn.backends.reconstruction import NetworkModel
from ptychopinn.backends.tensorflow.devices import choose_device
from ptychopinn.backends.tensorflow.inference import TensorFlowPredict
from ptychopinn.backends.tensorflow.network import PtychoNetwork, relative_probe
from ptychopinn.backends.tensorflow.saving import NAME, load_archive, save_archive
from ptychopinn.backends.tensorflow.training import TrainedNetwork, train_network
from ptychopinn.config.training import TrainingConfig
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


class TensorFlowModel(NetworkModel[TrainedNetwork]):
    """A trained TensorFlow model with its settings."""

    def save(self, path: Path) -> None:
        """Write the model archive atomically."""
        save_archive(path, self.trained, self.config)

    def engine(self, accelerator: str) -> TensorFlowEngine:
        """Return the network on a device."""
        return TensorFlowEngine(self.trained.network, choose_device(accelerator))


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
