"""Arrangements of scan positions: jittered raster and Fermat spiral."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def raster(count: int, step_px: float, rng: np.random.Generator, jitter: float = 0.2) -> NDArray[np.float64]:
    """Return ``count`` positions (position, 2) on a staggered raster, each moved by up to ``jitter`` steps per axis.

    The jitter prevents artefacts with the period of the raster (Thibault et al., Ultramicroscopy 109, 338 (2009)).
    """
    columns = int(np.ceil(np.sqrt(count)))
    index = np.arange(count)
    row, column = index // columns, index % columns
    positions = np.stack([row, column + 0.5 * (row % 2)], axis=1) * step_px
    return positions + rng.uniform(-jitter, jitter, positions.shape) * step_px


def fermat(count: int, step_px: float) -> NDArray[np.float64]:
    """Return ``count`` positions (position, 2) on a Fermat spiral, with about ``step_px`` between neighbours.

    See Huang et al., Opt. Express 22, 12634 (2014).
    """
    index = np.arange(count)
    radius = 0.58 * step_px * np.sqrt(index)
    angle = index * np.pi * (3 - np.sqrt(5))
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
