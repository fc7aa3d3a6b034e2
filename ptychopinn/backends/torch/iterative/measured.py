"""The patterns of a scan on the device, and the memory budget for the patterns and the shifted probes."""

from __future__ import annotations

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptychopinn.backends.torch.sweeps import to_corner
from ptychopinn.data.raw_data import RawData

# Part of the free memory that patterns and shifted probes may use together.
_SHARE = 0.3
_CHUNK = 256
# Squared amplitudes that differ from integers by more than this part of a count are not counts.
_UNEVEN = 0.02


def budget_bytes(device: torch.device) -> int:
    """Return the memory in bytes that a scan may use on a device."""
    if device.type == "cuda":
        return int(_SHARE * 2 * torch.cuda.mem_get_info(torch.cuda.current_device())[0])
    return int(_SHARE * psutil.virtual_memory().available)


def sum_dtype(device: torch.device) -> torch.dtype:
    """Return the most exact type in which a device adds up numbers."""
    return torch.float32 if device.type == "mps" else torch.float64


class Patterns:
    """Diffraction amplitudes in FFT order, kept on the device if all of them fit, otherwise read when used."""

    def __init__(self, data: RawData, device: torch.device, budget: int) -> None:
        self._data, self._device = data, device
        n = data.pattern_size
        self.size_bytes = 4 * data.n_patterns * n * n
        self._stored: Tensor | None = None
        if self.size_bytes <= budget:
            self._stored = torch.empty(data.n_patterns, n, n, device=device)
            for low in range(0, data.n_patterns, _CHUNK):
                self._stored[low : low + _CHUNK] = self._read(slice(low, low + _CHUNK))

    def amplitude(self, chosen: NDArray[np.int64], on_device: Tensor) -> Tensor:
        """Return amplitudes (pattern, N, N); ``chosen`` and ``on_device`` contain the same indices."""
        return self._read(chosen) if self._stored is None else self._stored[on_device]

    def noise_floor(self) -> float:
        """Estimate the R that counting noise alone would cause, from some of the patterns; 0 if they are not counts.

        An amplitude deviates from its mean by 0.4 on average, or by its own value if this is less than 0.4.
        """
        some = self._data.amplitude(slice(0, None, max(1, -(-self._data.n_patterns // _CHUNK))))
        counts = np.square(some[:: max(1, len(some) // 16)], dtype=np.float64)
        if float(np.abs(counts - np.rint(counts)).mean()) > _UNEVEN * float(np.minimum(counts, 1).mean()):
            return 0.0
        return float(np.minimum(some, 0.4).sum() / max(float(some.sum()), 1e-300))

    def _read(self, chosen: NDArray[np.int64] | slice) -> Tensor:
        return to_corner(torch.from_numpy(self._data.amplitude(chosen)).to(self._device))
