"""Prediction with the PyTorch network."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptychopinn.backends.torch.group_canvas import GroupCanvas
from ptychopinn.backends.torch.network import PtychoNetwork
from ptychopinn.data.batches import BatchArrays


class TorchPredict:
    """Predict canvases with a network, in evaluation mode and without gradients.

    Parameters
    ----------
    network : PtychoNetwork
    live : bool
        Whether to run only as many sweeps as in training, which takes less than half the time.
    probe : tensor (mode, N, N) or None
        Relative probe; None uses the probe of the network.
    """

    def __init__(self, network: PtychoNetwork, live: bool = False, probe: Tensor | None = None) -> None:
        self.network, self.live, self.probe = network, live, probe

    def __call__(
        self, batch: BatchArrays, shape: tuple[int, int], middle_trim: int
    ) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
        """Return objects and weights; see :class:`ptychopinn.backends.prediction.Predict`."""
        device = self.network.log_scale.device
        training = self.network.training
        self.network.eval()
        # Of the architecture alone, not of its layers: it sets the number of sweeps.
        self.network.network.training = self.live
        with torch.inference_mode():
            amplitude = torch.from_numpy(batch.amplitude).to(device)
            offsets = torch.from_numpy(batch.offsets_px).to(device)
            result = self.network(amplitude, offsets, shape, self.probe)
            weight = self.weight(result.layout, middle_trim)
        self.network.train(training)
        return result.canvas.cpu().numpy(), weight.cpu().numpy()

    def weight(self, layout: GroupCanvas, middle_trim: int) -> Tensor:
        """Return the pixel weights of the canvases: the dose of the patches' central squares."""
        return layout.central_dose(middle_trim)
