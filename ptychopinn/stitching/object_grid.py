"""The pixel grid of the object, and its shift relative to the scan positions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ObjectGrid:
    """Rows and columns of the object, and the shift from scan positions to its pixels.

    Attributes
    ----------
    shape : (int, int)
    shift_px : (int, int)
        Zero unless positions are negative.
    """

    shape: tuple[int, int]
    shift_px: tuple[int, int]

    @classmethod
    def of_scan(cls, positions_px: NDArray[np.float64], n: int, at_least: tuple[int, int] = (0, 0)) -> ObjectGrid:
        """Return a grid that contains all N x N patches of a scan and an object of shape ``at_least``.

        Patches at positions close to zero may extend beyond row 0 or column 0; those parts, usually dark, are dropped.
        """
        low = np.floor(positions_px.min(axis=0) + 0.5)
        shift = np.where(low < 0, n // 2 - low, 0).astype(int)
        high = np.floor(positions_px.max(axis=0) + 0.5).astype(int) + shift + (n + 1) // 2
        # Index 0 of the known object is at the shift on this grid.
        shape = np.maximum(high, np.where(np.asarray(at_least) > 0, np.asarray(at_least) + shift, 0))
        return cls((int(shape[0]), int(shape[1])), (int(shift[0]), int(shift[1])))

    def positions(self, positions_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return scan positions (position, 2) as (y, x) pixels of this grid."""
        return np.asarray(positions_px, np.float64) + self.shift_px
