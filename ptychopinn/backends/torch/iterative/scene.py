"""A scan on the device: its patterns, and the object, probe and positions that model them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptychopinn.backends.torch.far_field import fourier_shift, power
from ptychopinn.backends.torch.iterative.measured import Patterns, budget_bytes
from ptychopinn.backends.torch.iterative.patches import Canvas
from ptychopinn.data.raw_data import RawData

# Patterns at a time where nothing is updated between them.
CHUNK = 64


@dataclass(frozen=True)
class Batch:
    """Patterns that are processed together, with their indices and corners on host and device."""

    chosen: NDArray[np.int64]
    corners: NDArray[np.int64]
    chosen_t: Tensor
    corners_t: Tensor
    fractions_t: Tensor
    tiles_t: Tensor


class Scene:
    """The patterns of a scan, and their model.

    Parameters
    ----------
    obj : array (rows, columns), complex64
    probe : tensor (mode, N, N), complex64
    positions_px : array (position, 2), float64
        Scan positions (y, x): the object pixel under probe index ``[N//2, N//2]``.
    fixed : bool
        Whether probe and positions stay as they are, so that the shifted probes can be stored.
    """

    def __init__(
        self,
        data: RawData,
        obj: NDArray[np.complex64],
        probe: Tensor,
        positions_px: NDArray[np.float64],
        device: torch.device,
        fixed: bool,
    ) -> None:
        n = data.pattern_size
        self._device = device
        self.canvas = Canvas(obj, n, device)
        self.probe = probe
        self.positions_px = np.array(positions_px, np.float64)
        budget = budget_bytes(device)
        self.patterns = Patterns(data, device, budget)
        self._shifted: Tensor | None = None
        size = 8 * data.n_patterns * len(probe) * n * n
        if fixed and size + self.patterns.size_bytes <= budget:
            fractions = torch.from_numpy(self.canvas.corners(self.positions_px)[1]).to(device)
            # Filled in parts: joining them would need twice the memory.
            self._shifted = torch.empty(data.n_patterns, *probe.shape, dtype=probe.dtype, device=device)
            for low in range(0, data.n_patterns, CHUNK):
                self._shifted[low : low + CHUNK] = fourier_shift(probe, fractions[low : low + CHUNK])

    def batches(self, order: NDArray[np.int64], size: int) -> list[Batch]:
        """Divide the patterns of ``order`` into batches, and copy all indices to the device."""
        corners, fractions = self.canvas.corners(self.positions_px)
        parts = [np.sort(order[low : low + size]) for low in range(0, len(order), size)]
        tiles = [self.canvas.touched(corners[part]) for part in parts]
        chosen = np.concatenate(parts)
        send = [torch.from_numpy(each).to(self._device) for each in (chosen, corners[chosen], fractions[chosen])]
        edges = np.cumsum([each.shape[1] for each in tiles])[:-1]
        tiles_t = torch.from_numpy(np.concatenate(tiles, axis=1)).to(self._device).tensor_split(edges.tolist(), dim=1)
        split = [torch.split(each, size) for each in send]
        return [Batch(part, corners[part], *rest) for part, *rest in zip(parts, *split, tiles_t, strict=True)]

    def moved(self, batch: Batch) -> Tensor:
        """Return the probe shifted to the subpixel positions of a batch, (pattern, mode, N, N)."""
        if self._shifted is not None:
            return self._shifted[batch.chosen_t]
        return fourier_shift(self.probe, batch.fractions_t)

    def amplitude(self, batch: Batch) -> Tensor:
        """Return the measured amplitudes of a batch, (pattern, N, N), in FFT order."""
        return self.patterns.amplitude(batch.chosen, batch.chosen_t)

    def counts(self, batch: Batch) -> Tensor:
        """Return the modelled counts of a batch, (pattern, N, N), in FFT order."""
        field = torch.fft.fft2(self.moved(batch) * self.canvas.cut(batch.corners_t)[:, None], norm="ortho")
        return power(field).sum(dim=1)
