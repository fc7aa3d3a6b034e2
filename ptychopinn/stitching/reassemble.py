"""Weighted averaging of overlapping patches on whole pixels of the object grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Pixels below this fraction of the largest weight count as unseen.
_SEEN = 1e-3
_Window = tuple[slice, slice]


class Stitcher:
    """Collects patches with weights and returns their weighted mean.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the object.
    shift_px : (int, int)
        Shift from scan positions (y, x) to object pixels; see :class:`ptychopinn.stitching.object_grid.ObjectGrid`.
    """

    def __init__(self, shape: tuple[int, int], shift_px: tuple[int, int] = (0, 0)) -> None:
        self.shape, self.shift_px = shape, shift_px
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
        target, inside = self._window(corner, patch.shape)
        self._sum[target] += weight[inside] * patch[inside]
        self._weight[target] += weight[inside]

    def phase_aligned(
        self, corner: NDArray[np.integer], patch: NDArray[np.complexfloating], weight: NDArray[np.floating]
    ) -> NDArray[np.complexfloating]:
        """Return a patch with its global phase adjusted to match the patches already added.

        A pattern does not determine the global phase of its exit wave, so separately reconstructed patches may differ
        by a phase, which would blur their mean. The parameters are those of :meth:`add`.
        """
        target, inside = self._window(corner, patch.shape)
        weight_before = self._weight[target]
        # A small weight so far limits the weight of the mean.
        mean = self._sum[target] / (weight_before + _SEEN * max(float(weight.max(initial=0.0)), 1e-300))
        agreement = complex(np.vdot(patch[inside], weight[inside] * mean))
        return patch * (agreement / abs(agreement)) if abs(agreement) > 0 else patch

    def _window(self, corner: NDArray[np.integer], shape: tuple[int, ...]) -> tuple[_Window, _Window]:
        """Return the object window that a patch covers, and the matching window of the patch; both may be empty."""
        row, column = int(corner[0]), int(corner[1])
        top, left = max(row, 0), max(column, 0)
        bottom, right = max(min(row + shape[0], self.shape[0]), top), max(min(column + shape[1], self.shape[1]), left)
        target = (slice(top, bottom), slice(left, right))
        return target, (slice(top - row, bottom - row), slice(left - column, right - column))

    def result(self, outside: complex = 1.0) -> NDArray[np.complex64]:
        """Return the object (rows, columns), complex64; pixels without patches are set to ``outside``."""
        seen = self._weight > _SEEN * self._weight.max()
        obj = np.full(self.shape, outside, np.complex128)
        np.divide(self._sum, self._weight, out=obj, where=seen)
        return obj.astype(np.complex64)

    @property
    def weight(self) -> NDArray[np.float32]:
        """Return the summed weights (rows, columns), float32; zero outside the patches."""
        return self._weight.astype(np.float32)
