"""Weighted averaging of overlapping patches on whole pixels of the object grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Pixels with less than this fraction of the brightest pixel's weight are taken as unseen.
_SEEN = 1e-3


class Stitcher:
    """Collect patches with weights, then give their weighted mean.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the object.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self._sum = np.zeros(shape, np.complex128)
        self._weight = np.zeros(shape, np.float64)

    def add(
        self, corner: NDArray[np.integer], patch: NDArray[np.complexfloating], weight: NDArray[np.floating]
    ) -> None:
        """Add a patch; parts beyond the object are dropped.

        Parameters
        ----------
        corner : array (2,), integer
            Object row and column of the patch's first pixel.
        patch : array (rows, columns), complex
        weight : array (rows, columns), real, >= 0
        """
        row, column = int(corner[0]), int(corner[1])
        rows, columns = patch.shape
        top, left = max(row, 0), max(column, 0)
        bottom, right = min(row + rows, self.shape[0]), min(column + columns, self.shape[1])
        if top >= bottom or left >= right:
            return
        inside = (slice(top - row, bottom - row), slice(left - column, right - column))
        target = (slice(top, bottom), slice(left, right))
        self._sum[target] += weight[inside] * patch[inside]
        self._weight[target] += weight[inside]

    def result(self, outside: complex = 1.0) -> NDArray[np.complex64]:
        """Return the object (rows, columns), complex64; pixels that no patch saw are ``outside``."""
        seen = self._weight > _SEEN * self._weight.max()
        obj = np.full(self.shape, outside, np.complex128)
        np.divide(self._sum, self._weight, out=obj, where=seen)
        return obj.astype(np.complex64)

    @property
    def weight(self) -> NDArray[np.float32]:
        """Summed weights (rows, columns), float32: zero where no patch was."""
        return self._weight.astype(np.float32)
