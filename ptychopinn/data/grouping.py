"""Groups of neighbouring patterns that are processed together (API specification, sections 4.3, 5.2)."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.neighbours import nearest_neighbours
from ptychopinn.errors import DataError

logger = logging.getLogger(__name__)


def group(
    positions_px: NDArray[np.float64],
    gridsize: int,
    n_groups: int | None = None,
    neighbor_count: int = 4,
    seed: int | None = None,
    sequential: bool = False,
    enable_oversampling: bool = False,
    neighbor_pool_size: int | None = None,
) -> NDArray[np.int64]:
    """Return the pattern indices of each group, (groups, gridsize²) int64; column 0 is the seed point.

    The other members are drawn from the `neighbor_count` positions nearest to the seed point, without repeats. Seed
    points are in random order, so that the first groups are spread over the whole scan; every point is used as a seed
    once before any is reused.

    Parameters
    ----------
    positions_px : (positions, 2) float64, ``[y, x]`` in pixels
    n_groups : number of groups; None for one group per position
    neighbor_count : number of nearest positions to draw the members from
    seed : seed for the random choice, None for a new seed
    sequential : use the first `n_groups` positions as seed points, in order, and ignore `seed`
    enable_oversampling : allow more groups than positions for gridsize > 1
    neighbor_pool_size : replaces `neighbor_count` when oversampling

    Raises
    ------
    DataError
        Too few positions or neighbours for a group, or more groups than positions without oversampling. The
        error is also a ValueError.
    """
    n_points, members = len(positions_px), gridsize * gridsize
    n_groups = n_points if n_groups is None else n_groups
    _check_request(positions_px, gridsize, n_groups, neighbor_count)
    pool = neighbor_count
    if n_groups > n_points:
        if gridsize == 1:
            text = "%d groups were requested but the scan has %d positions; each position is used once."
            logger.warning(text, n_groups, n_points)
            n_groups = n_points
        else:
            pool = neighbor_count if neighbor_pool_size is None else neighbor_pool_size
            _check_oversampling(n_points, n_groups, members, enable_oversampling, pool)

    rng = np.random.default_rng(0 if sequential else seed)
    seeds = _seed_points(n_points, n_groups, rng, sequential)
    if members == 1:
        return seeds[:, None]
    neighbours = nearest_neighbours(positions_px, seeds, min(pool, n_points - 1))
    return np.concatenate([seeds[:, None], _draw(neighbours, members - 1, rng)], axis=1)


def _seed_points(n_points: int, n_groups: int, rng: np.random.Generator, sequential: bool) -> NDArray[np.int64]:
    if sequential:
        return np.arange(n_groups, dtype=np.int64) % n_points
    rounds = [rng.permutation(n_points) for _ in range(-(-n_groups // n_points))]
    return np.concatenate(rounds)[:n_groups].astype(np.int64)


def _draw(neighbours: NDArray[np.int64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return `count` different random entries of every row of `neighbours`, (rows, count)."""
    if count == neighbours.shape[1]:
        return neighbours
    keys = rng.random(neighbours.shape, dtype=np.float32)
    ranks = np.argpartition(keys, count - 1, axis=1)[:, :count]
    return np.take_along_axis(neighbours, ranks, axis=1)


def _check_request(positions_px: NDArray[np.float64], gridsize: int, n_groups: int, neighbor_count: int) -> None:
    n_points, members = len(positions_px), gridsize * gridsize
    if gridsize < 1:
        raise DataError(f"gridsize is {gridsize}", "1 or more", "Set gridsize to 1 or 2.")
    if n_groups < 1:
        raise DataError(f"n_groups is {n_groups}", "a positive number of groups", "Omit n_groups to use all groups.")
    if n_points < members:
        raise DataError(
            f"The scan has {n_points} positions, too few for groups of {members} (gridsize {gridsize})",
            f"at least {members} positions",
            "Use gridsize 1 or a scan with more positions.",
        )
    if members > 1 and neighbor_count < members:
        raise DataError(
            f"neighbor_count is {neighbor_count} but a group has {members} members (gridsize {gridsize})",
            f"neighbor_count >= {members}",
            f"Set neighbor_count to {members} or more.",
        )
    if not np.isfinite(positions_px).all():
        expected = "a position in pixels for every pattern"
        raise DataError("Some scan positions are not finite", expected, "Remove the patterns without a position.")


# OVERSAMPLING-001 is the code of the API specification for these two errors; callers search for it in the message.
def _check_oversampling(n_points: int, n_groups: int, members: int, enabled: bool, pool: int) -> None:
    if not enabled:
        raise DataError(
            f"OVERSAMPLING-001: {n_groups} groups were requested but the scan has {n_points} positions",
            "at most one group per position unless oversampling is on",
            "Set enable_oversampling=True to draw several groups around each position "
            f"(K choose C oversampling, C = {members} members from K neighbours), or lower n_groups.",
        )
    if pool < members:
        raise DataError(
            f"OVERSAMPLING-001: neighbor_pool_size is {pool} but a group has {members} members",
            "neighbor_pool_size >= C (the number of members, gridsize squared)",
            f"Set neighbor_pool_size to {members} or more.",
        )
