"""Cut patches out of a large object and add patches to it, at a cost independent of the object's size."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Side of the tiles in which a canvas is changed, in pixels.
TILE = 16


class Canvas:
    """An object with a margin, divided into tiles of ``TILE`` x ``TILE`` pixels, and two sums of the same shape.

    Parameters
    ----------
    obj : array (rows, columns), complex64
    n : int
        Side of the patches in pixels; patches may extend up to ``n`` pixels beyond the object.
    device : device

    Attributes
    ----------
    values : tensor (rows, columns), complex64
    pulled : tensor (rows, columns), complex64
        Sum of a batch's exit-wave changes, each multiplied by the conjugate probe; zero between batches.
    dose : tensor (rows, columns), float32
        Summed probe intensity of a batch; zero between batches.
    """

    def __init__(self, obj: NDArray[np.complex64], n: int, device: torch.device) -> None:
        self.n = n
        self.margin = TILE * math.ceil((n + TILE) / TILE)
        self._inner = obj.shape
        rows, columns = (TILE * math.ceil(side / TILE) + 2 * self.margin for side in obj.shape)
        values = np.ones((rows, columns), np.complex64)
        values[self.margin :, self.margin :][: obj.shape[0], : obj.shape[1]] = obj
        self.values = torch.from_numpy(values).to(device)
        self.pulled = torch.zeros_like(self.values)
        self.dose = torch.zeros(rows, columns, device=device)
        self.tiles = (rows // TILE, columns // TILE)

    def inner(self) -> Tensor:
        """Return a view of the object without its margin."""
        rows, columns = self._inner
        return self.values[self.margin : self.margin + rows, self.margin : self.margin + columns]

    def corners(self, positions_px: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the first pixels (pattern, 2) of the patches, and the subpixel parts of the positions."""
        whole = np.floor(positions_px + 0.5)
        corner = whole.astype(np.int64) - self.n // 2 + self.margin
        limit = np.asarray(self.values.shape) - self.n - TILE
        return np.clip(corner, TILE, limit), (positions_px - whole).astype(np.float32)

    def cut(self, corners: Tensor) -> Tensor:
        """Return the patches (pattern, N, N) at corners (pattern, 2)."""
        windows = self.values.unfold(0, self.n, 1).unfold(1, self.n, 1)
        return windows[corners[:, 0], corners[:, 1]]

    def add(self, corners: NDArray[np.int64], on_device: Tensor, pulled: Tensor, dose: Tensor) -> None:
        """Add patches (pattern, N, N) to the two sums; ``corners`` and ``on_device`` have the same values."""
        if self.values.device.type != "cpu":
            step = torch.arange(self.n, device=self.values.device)
            columns = self.values.shape[1]
            where = (on_device[:, 0] * columns + on_device[:, 1])[:, None, None] + step[:, None] * columns + step
            self.pulled.view(-1).index_add_(0, where.view(-1), pulled.reshape(-1))
            self.dose.view(-1).index_add_(0, where.view(-1), dose.reshape(-1))
            return
        # Adding slices is several times as fast as adding by index, and the tensors share their memory with the arrays.
        n = self.n
        sums = ((self.pulled.numpy(), pulled.numpy()), (self.dose.numpy(), dose.numpy()))
        for number, (y, x) in enumerate(corners.tolist()):
            for total, part in sums:
                window = total[y : y + n, x : x + n]
                np.add(window, part[number], out=window)

    def clear(self) -> None:
        """Set both sums to zero."""
        self.pulled.zero_()
        self.dose.zero_()

    def touched(self, corners: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows and columns (2, tile) of the tiles that the patches touch."""
        span = np.arange((self.n + 2 * TILE - 2) // TILE)
        rows = np.minimum(corners[:, :1] // TILE + span, (corners[:, :1] + self.n - 1) // TILE)
        columns = np.minimum(corners[:, 1:] // TILE + span, (corners[:, 1:] + self.n - 1) // TILE)
        hit = np.zeros(self.tiles, bool)
        hit[rows[:, :, None], columns[:, None, :]] = True
        return np.stack(np.nonzero(hit))

    @staticmethod
    def by_tile(values: Tensor) -> Tensor:
        """Return a view (tile row, tile column, TILE, TILE) of a canvas-sized tensor."""
        return values.unfold(0, TILE, TILE).unfold(1, TILE, TILE)
