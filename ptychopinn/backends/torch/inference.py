"""The PyTorch network as the stitching sees it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ptychopinn.backends.batches import BatchArrays
from ptychopinn.backends.torch.network import PtychoNetwork


class TorchPredict:
    """Predict canvases with a network, in evaluation mode and without gradients; its probe illuminates.

    ``live`` predictions make as few sweeps as the training does: a picture for the eye, in less than half the time.
    """

    def __init__(self, network: PtychoNetwork, live: bool = False) -> None:
        self.network, self.live = network, live

    def __call__(
        self, batch: BatchArrays, shape: tuple[int, int], middle_trim: int
    ) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
        """Return objects and weights; see :class:`ptychopinn.backends.prediction.Predict`."""
        device = self.network.log_scale.device
        training = self.network.training
        self.network.eval()
        # Of the architecture alone, not of its layers: it decides the number of sweeps.
        self.network.network.training = self.live
        with torch.inference_mode():
            amplitude = torch.from_numpy(batch.amplitude).to(device)
            offsets = torch.from_numpy(batch.offsets_px).to(device)
            result = self.network(amplitude, offsets, shape)
            dose = result.layout.central_dose(middle_trim)
        self.network.train(training)
        return result.canvas.cpu().numpy(), dose.cpu().numpy()
