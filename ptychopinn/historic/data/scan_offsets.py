"""Offsets of the groups of a whole scan, which know where the scan lies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class ScanOffsets(np.ndarray[tuple[int, ...], np.dtype[np.float64]]):
    """An array (group, 1, 2, 1) of group centres, [x, y] in pixels, with the middle of the scan's bounding box.

    Attributes
    ----------
    middle_px : array (2,), float64, or None
        (y, x); results of arithmetic have none, since it would no longer fit.
    """

    middle_px: NDArray[np.float64] | None

    @classmethod
    def of(cls, offsets: NDArray[np.float64], positions_px: NDArray[np.float64]) -> ScanOffsets:
        """Return offsets that know the middle of the bounding box of positions (position, 2), (y, x)."""
        array = np.asarray(offsets, np.float64).view(cls)
        array.middle_px = (positions_px.min(axis=0) + positions_px.max(axis=0)) / 2
        return array

    def __array_finalize__(self, other: Any) -> None:
        """Leave results of arithmetic without a middle."""
        self.middle_px = None
