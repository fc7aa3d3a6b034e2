"""The PyTorch backend as used by the workflow."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ptychopinn.backends.prediction import Predict
from ptychopinn.backends.reconstruction import NetworkBackend, NetworkModel
from ptychopinn.backends.torch.inference import TorchPredict
from ptychopinn.backends.torch.network import relative_probe
from ptychopinn.backends.torch.precision import choose_device, use_bfloat16
from ptychopinn.backends.torch.saving import NAME, load_archive, save_archive
from ptychopinn.backends.torch.training import TrainedNetwork, train_network

_logger = logging.getLogger("ptychopinn")


class TorchModel(NetworkModel[TrainedNetwork]):
    """A trained PyTorch model and its settings."""

    def save(self, path: Path) -> None:
        """Write the model archive atomically."""
        save_archive(path, self.trained, self.config)

    @contextmanager
    def illuminated_by(self, probe: NDArray[np.complex64], accelerator: str) -> Iterator[Predict]:
        """Yield a function that predicts with the given probe (mode, N, N) on the chosen device."""
        device = choose_device(accelerator)
        network = self.trained.network.to(device)
        trained_mixed = network.mixed
        network.mixed = trained_mixed if device.type == "cpu" else use_bfloat16("auto", device)
        _logger.debug("predicting on %s, mixed precision %s", device, network.mixed)
        try:
            yield TorchPredict(network, probe=relative_probe(torch.as_tensor(probe)).to(device))
        finally:
            network.mixed = trained_mixed
            network.cpu()


BACKEND = NetworkBackend(NAME, TorchModel, train_network, load_archive)
