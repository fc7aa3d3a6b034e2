"""Historic stitching: the unweighted average of the central squares of patches."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def reassemble_central(
    patches: NDArray[np.complexfloating],
    centres_px: NDArray[np.floating],
    middle_px: int,
    origin_px: NDArray[np.floating] | None = None,
) -> NDArray[np.complex64]:
    """Average the central squares of patches at their subpixel positions.

    Parameters
    ----------
    patches : array (patch, N, N), complex
    centres_px : array (patch, 2), float
        Position (y, x) of pixel ``[N//2, N//2]`` of each patch.
    middle_px : int
        Side of the central square; at most N.
    origin_px : array (2,), float, or None
        Point (y, x) at the centre of the canvas; None means the mean of ``centres_px``.

    Returns
    -------
    array (rows, columns), complex64
        Square canvas; 0 where no square contributes.

    Notes
    -----
    Squares at fractional positions are spread bilinearly over the neighbouring pixels. The sum is divided by the
    coverage, which is spread in the same way.
    """
    n = patches.shape[-1]
    side = min(int(middle_px), n)
    origin = np.mean(centres_px, axis=0, dtype=np.float64) if origin_px is None else np.asarray(origin_px, np.float64)
    relative = np.asarray(centres_px, np.float64) - origin
    reach = math.ceil(float(np.abs(relative).max()))
    canvas_side = side + 2 * (reach + reach % 2)
    low = n // 2 - side // 2
    squares = np.asarray(patches)[:, low : low + side, low : low + side]
    whole = np.floor(relative)
    fraction = relative - whole
    # One pixel of margin for the spread beyond the last row and column.
    total = np.zeros((canvas_side + 1, canvas_side + 1), np.complex128)
    cover = np.zeros((canvas_side + 1, canvas_side + 1), np.float64)
    corners = (whole + (canvas_side // 2 - side // 2)).astype(np.int64)
    for square, (row, column), (fy, fx) in zip(squares, corners, fraction, strict=True):
        for dy, weight_y in ((0, 1 - fy), (1, fy)):
            for dx, weight_x in ((0, 1 - fx), (1, fx)):
                weight = weight_y * weight_x
                if weight > 0:
                    window = (slice(row + dy, row + dy + side), slice(column + dx, column + dx + side))
                    total[window] += weight * square
                    cover[window] += weight
    seen = cover > 1e-9
    canvas = np.zeros_like(total)
    np.divide(total, cover, out=canvas, where=seen)
    return canvas[:canvas_side, :canvas_side].astype(np.complex64)
