"""Display levels from percentiles, kept constant while the image changes only a little (no Qt)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE = 40_000
PERCENTILES = (0.5, 99.5)
HOLD_FRACTION = 0.2


def percentile_levels(image: NDArray[np.floating]) -> tuple[float, float]:
    """Return display levels from percentiles of the non-zero, finite pixels.

    Parameters
    ----------
    image : (rows, columns) real
    """
    stride = max(1, int(np.sqrt(image.size / SAMPLE)))
    sample = image[::stride, ::stride]
    sample = sample[np.isfinite(sample) & (sample != 0)]
    if sample.size == 0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(sample, PERCENTILES))
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-30):
        margin = 0.5 * abs(high) or 0.5
        return low - margin, high + margin
    return low, high


def wraps(levels: tuple[float, float]) -> bool:
    """Whether phase levels (rad) span more than pi, so that a cyclic colour map is needed."""
    return levels[1] - levels[0] > np.pi


def held_levels(present: tuple[float, float] | None, new: tuple[float, float]) -> tuple[float, float]:
    """Return the current levels, or the new ones if they differ by more than a fifth of the range."""
    if present is None:
        return new
    span = max(present[1] - present[0], 1e-30)
    moved = max(abs(present[0] - new[0]), abs(present[1] - new[1])) / span
    return new if moved > HOLD_FRACTION or new[1] - new[0] < (1 - HOLD_FRACTION) * span else present
