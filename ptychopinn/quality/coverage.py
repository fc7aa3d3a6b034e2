"""Which part of the object the beam has seen, and how often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Pixels with less than this part of the median dose of the lit pixels are not shown in pictures.
_LIT = 0.05


def dose(
    probe: NDArray[np.complexfloating], positions_px: NDArray[np.floating], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Return the light that fell on every object pixel, (rows, columns): the probe's intensity at all positions.

    Parameters
    ----------
    probe : array (mode, N, N), complex
    positions_px : array (position, 2)
        (y, x); object pixel under probe index ``[N//2, N//2]``, rounded here.
    shape : (int, int)
        Of the object.
    """
    light = np.square(np.abs(probe)).sum(axis=0).astype(np.float32)
    size = light.shape[-1]
    rows, columns = shape
    canvas = np.zeros((rows + 2 * size, columns + 2 * size), dtype=np.float32)
    corners = np.rint(np.asarray(positions_px)).astype(int) - size // 2 + size
    limit = np.array([rows + size, columns + size])
    for top, left in corners[np.all((corners >= 0) & (corners <= limit), axis=1)]:
        canvas[top : top + size, left : left + size] += light
    return canvas[size : size + rows, size : size + columns]


def lit_mask(light: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixels (rows, columns) that enough light has seen to be shown."""
    touched = light[light > 0.01 * light.max()]
    return np.asarray(light > _LIT * np.median(touched)) if touched.size else np.zeros(light.shape, bool)


def well_lit(light: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixels (rows, columns) that had light enough to be judged."""
    return np.asarray(light > 0.25 * np.median(light[light > 0.1 * light.max()]))
