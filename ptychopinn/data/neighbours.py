"""Nearest neighbours among the scan positions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Up to here all pairs are compared, which is faster than the import of scipy.
_FEW = 1000


def nearest_neighbours(positions_px: NDArray[np.float64], points: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the indices of the `count` nearest neighbours of each of `points`, (points, count) int64, nearest first.

    A point is never its own neighbour, even if positions coincide. `count` is at most the number of positions minus
    one.

    Parameters
    ----------
    positions_px : (positions, 2) float64, ``[y, x]`` in pixels
    points : (points,) int64, indices into `positions_px`
    """
    if count == 0:
        return np.empty((len(points), 0), dtype=np.int64)
    from scipy.spatial import cKDTree

    _, nearest = cKDTree(positions_px).query(positions_px[points], k=count + 1, workers=-1)
    nearest = nearest.astype(np.int64, copy=False)
    # Among coinciding positions the tree may list the point itself at any rank, or omit it; then the farthest entry
    # is dropped.
    is_self = nearest == points[:, None]
    is_self[~is_self.any(axis=1), -1] = True
    others: NDArray[np.int64] = nearest[~is_self].reshape(len(points), count)
    return others


def nearest_distances(positions_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance from each position to its nearest other position, (positions,) float64, pixels."""
    if len(positions_px) < 2:
        return np.empty(0, dtype=np.float64)
    if len(positions_px) <= _FEW:
        steps = positions_px[:, None] - positions_px
        apart = np.hypot(steps[..., 0], steps[..., 1])
        np.fill_diagonal(apart, np.inf)
        return np.asarray(apart.min(axis=1))
    from scipy.spatial import cKDTree

    distances, _ = cKDTree(positions_px).query(positions_px, k=2, workers=-1)
    return np.asarray(distances[:, 1], dtype=np.float64)
