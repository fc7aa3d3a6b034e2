"""Dose and lit pixels of the object."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Images hide pixels with less than this fraction of the median dose of the lit pixels.
_LIT = 0.05


def dose(
    probe: NDArray[np.complexfloating], positions_px: NDArray[np.floating], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Return the dose of every object pixel, (rows, columns): the probe intensity summed over all positions.

    Parameters
    ----------
    probe : array (mode, N, N), complex
    positions_px : array (position, 2)
        Object pixel (y, x) under probe index ``[N//2, N//2]``; fractional values are rounded.
    shape : (int, int)
        Shape of the object.
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
    """Return a mask (rows, columns) of the pixels with enough dose to be shown."""
    touched = light[light > 0.01 * light.max()]
    return np.asarray(light > _LIT * np.median(touched)) if touched.size else np.zeros(light.shape, bool)


def well_lit(light: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return a mask (rows, columns) of the pixels with enough dose to be assessed."""
    return np.asarray(light > 0.25 * np.median(light[light > 0.1 * light.max()]))
