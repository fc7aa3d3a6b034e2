"""The PyTorch backend as the workflow sees it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ptychopinn.backends.base import TrainingJob
from ptychopinn.backends.prediction import Predict
from ptychopinn.backends.reconstruction import NetworkModel
from ptychopinn.backends.torch.inference import TorchPredict
from ptychopinn.backends.torch.network import PtychoNetwork
from ptychopinn.backends.torch.precision import choose_device, use_bfloat16
from ptychopinn.backends.torch.saving import NAME, load_archive, save_archive
from ptychopinn.backends.torch.training import TrainedNetwork, train_network
from ptychopinn.config.training import TrainingConfig
from ptychopinn.events import Report, Stop

_logger = logging.getLogger("ptychopinn")


@dataclass(frozen=True)
class TorchEngine:
    """A network on a device; see :class:`ptychopinn.backends.reconstruction.Engine`."""

    network: PtychoNetwork
    device: torch.device

    @contextmanager
    def illuminated_by(self, probe: NDArray[np.complex64]) -> Iterator[Predict]:
        """Lend the network with another probe."""
        network = self.network.to(self.device)
        trained_parts, mixed = network.probe_parts.detach().clone(), network.mixed
        network.mixed = mixed if self.device.type == "cpu" else use_bfloat16("auto", self.device)
        _logger.debug("predicting on %s, mixed precision %s", self.device, network.mixed)
        network.set_probe(probe)
        try:
            yield TorchPredict(network)
        finally:
            network.probe_parts.data = trained_parts
            network.mixed = mixed
            network.cpu()


class TorchModel(NetworkModel[TrainedNetwork]):
    """A trained PyTorch model with its settings."""

    def save(self, path: Path) -> None:
        """Write the model archive atomically."""
        save_archive(path, self.trained, self.config)

    def engine(self, accelerator: str) -> TorchEngine:
        """Return the network on a device."""
        return TorchEngine(self.trained.network, choose_device(accelerator))


class TorchBackend:
    """PyTorch with Lightning."""

    name = NAME

    def train(self, job: TrainingJob, report: Report, should_stop: Stop) -> TorchModel:
        """Train a model on a scan."""
        start = load_archive(job.start_from)[0].network if job.start_from else None
        saved = partial(_save_snapshot, job.snapshot, job.config) if job.snapshot else None
        return TorchModel(train_network(job, report, should_stop, start=start, save=saved), job.config)

    def load(self, archive: Path) -> TorchModel:
        """Open a model archive."""
        return TorchModel(*load_archive(archive))


def _save_snapshot(path: Path, config: TrainingConfig, trained: TrainedNetwork) -> None:
    save_archive(path, trained, config)


BACKEND = TorchBackend()
