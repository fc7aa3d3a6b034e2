"""Historic module ``ptycho.tf_helper``: stitching of predicted patches (API specification, section 4.4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.historic.data.central_crop import reassemble_central


class ScanOffsets(np.ndarray[tuple[int, ...], np.dtype[np.float64]]):
    """Group centres (group, 1, 2, 1), [x, y] in pixels, of a whole scan.

    Attributes
    ----------
    middle_px : array (2,), float64, or None
        Centre (y, x) of the scan's bounding box; None for results of arithmetic, for which the centre would no longer
        be valid.
    """

    middle_px: NDArray[np.float64] | None

    @classmethod
    def of(cls, offsets: NDArray[np.float64], positions_px: NDArray[np.float64]) -> ScanOffsets:
        """Return group centres whose ``middle_px`` is the bounding-box centre of positions (position, 2), (y, x)."""
        array = np.asarray(offsets, np.float64).view(cls)
        array.middle_px = (positions_px.min(axis=0) + positions_px.max(axis=0)) / 2
        return array

    def __array_finalize__(self, other: Any) -> None:
        """Set ``middle_px`` to None for results of arithmetic."""
        self.middle_px = None


def reassemble_position(obj_tensor: Any, global_offsets: Any, M: int = 10) -> NDArray[np.complex64]:
    """Stitch the central M x M pixels of every patch.

    Parameters
    ----------
    obj_tensor : tensor or array (group, N, N, 1), complex
    global_offsets : tensor or array (group, 1, 2, 1)
        Centres of the groups, [x, y] in pixels.

    Returns
    -------
    array (rows, columns), complex64
        Rows are y. The array is centred on the mean of the group centres; for :class:`ScanOffsets` of a whole scan,
        it is centred on the scan's bounding box. Pixels without a patch are 0.
    """
    patches = np.asarray(obj_tensor)
    origin = global_offsets.middle_px if isinstance(global_offsets, ScanOffsets) else None
    centres = np.asarray(global_offsets, np.float64)[:, 0, ::-1, 0]
    return reassemble_central(patches.reshape(-1, *patches.shape[1:3]), centres, M, origin)
