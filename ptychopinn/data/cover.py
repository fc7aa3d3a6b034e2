"""Compact groups that together cover every scan position several times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.neighbours import nearest_distances, nearest_neighbours


def compact_groups(positions_px: NDArray[np.float64], seeds: NDArray[np.int64], members: int) -> NDArray[np.int64]:
    """Return the indices of each seed point and its nearest neighbours, (seeds, members) int64."""
    if members == 1:
        return np.asarray(seeds, np.int64)[:, None]
    near = nearest_neighbours(positions_px, seeds, members - 1)
    return np.concatenate([np.asarray(seeds, np.int64)[:, None], near], axis=1)


def cover_scan(positions_px: NDArray[np.float64], members: int, times: int = 2) -> NDArray[np.int64]:
    """Return a small set of compact groups; each position seeds a group or belongs to at least ``times`` groups.

    Parameters
    ----------
    positions_px : array (position, 2), float64
    members : int
        Positions per group.
    times : int
        Minimum number of groups per position; an isolated position may belong only to the group it seeds.

    Returns
    -------
    array (group, members), int64
    """
    n = len(positions_px)
    candidates = compact_groups(positions_px, np.arange(n, dtype=np.int64), members)
    held = np.zeros(n, np.int64)
    chosen = []
    for point in _zigzag(positions_px):
        if held[point] < times:
            chosen.append(point)
            held[candidates[point]] += 1
    return candidates[np.asarray(chosen, np.int64)]


def _zigzag(positions_px: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the indices of the positions along a coarse zigzag, so that each position is near its predecessor.

    A random order would require more groups. The zigzag also suits stitching, which aligns each patch with the
    patches added before it.
    """
    distances = nearest_distances(positions_px)
    step = 2 * np.median(distances) + 1e-9 if len(distances) else 1.0
    row = np.floor((positions_px[:, 0] - positions_px[:, 0].min()) / step).astype(np.int64)
    return np.lexsort((np.where(row % 2, -1, 1) * positions_px[:, 1], row))
