"""Groups of neighbouring patterns according to the torch data settings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.epoch_groups import EpochGroups
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.data.neighbours import nearest_distances, nearest_neighbours
from ptychopinn.errors import DataError
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.config_bridge import one_of


class NeighbourEpochs(EpochGroups):
    """Groups that are redrawn every epoch according to ``neighbor_function``.

    If ``groups_per_epoch`` is None, an epoch has ``n_subsample`` groups around every position, or one group per
    position if a group has only one pattern.
    """

    def __init__(
        self,
        scan: GroupedScan,
        config: TrainingConfig,
        settings: torch_configs.DataConfig,
        groups_per_epoch: int | None = None,
        test_scan: GroupedScan | None = None,
    ) -> None:
        super().__init__(scan, config, groups_per_epoch, test_scan)
        self.settings = settings
        each = 1 if self.members == 1 else max(settings.n_subsample, 1)
        self.groups_per_epoch = groups_per_epoch or each * len(self.train_patterns)

    def training(self, epoch: int) -> NDArray[np.int64]:
        """Return the groups (group, channel) of an epoch in random order; epochs are counted from 0."""
        positions = self.scan.data.positions_px[self.train_patterns]
        start = self.config.seed if self.settings.subsample_seed is None else self.settings.subsample_seed
        groups = draw_groups(positions, self.settings, self.members, self.groups_per_epoch, start + epoch)
        return self.scan.compact(self.train_patterns[groups])


def draw_groups(
    positions_px: NDArray[np.float64], settings: torch_configs.DataConfig, members: int, count: int, seed: int
) -> NDArray[np.int64]:
    """Return groups (group, channel) of position indices, int64; the first column holds the seed points.

    Parameters
    ----------
    positions_px : array (position, 2), (y, x)
    settings : DataConfig
        If ``neighbor_function`` is ``Nearest`` or ``Min_dist``, members are drawn from the ``K`` nearest positions;
        ``Min_dist`` prefers distances of ``min_neighbor_distance`` to ``max_neighbor_distance`` steps of the scan.
        ``4_quadrant`` draws from the ``K_quadrant`` nearest positions, and prefers different quadrants around the seed
        point. If ``scan_pattern`` is ``Rectangular``, the scan step is determined separately for each axis.
    members : int
        Patterns per group.
    count : int
        Number of groups; every position seeds one group before any position seeds a second.

    Raises
    ------
    ConfigError
        ``neighbor_function`` or ``scan_pattern`` has an unknown value. The error is also a ValueError.
    DataError
        There are fewer positions than members.
    """
    one_of("DataConfig.neighbor_function", settings.neighbor_function, ("Nearest", "Min_dist", "4_quadrant"))
    one_of("DataConfig.scan_pattern", settings.scan_pattern, ("Isotropic", "Rectangular"))
    total = len(positions_px)
    if total < members:
        raise DataError(f"the scan has {total} positions", f"at least {members} for a group", "Use grid_size (1, 1).")
    rng = np.random.default_rng(seed)
    seeds = np.concatenate([rng.permutation(total) for _ in range(-(-count // total))])[:count].astype(np.int64)
    if members == 1:
        return seeds[:, None]
    points = _in_steps(positions_px, settings.scan_pattern)
    quadrants = settings.neighbor_function == "4_quadrant"
    pool = min(max(settings.K_quadrant if quadrants else settings.K, members - 1), total - 1)
    near = nearest_neighbours(points, seeds, pool)
    away = points[near] - points[seeds][:, None]
    # Small numbers are taken first; chance decides among equals.
    rank = rng.random(near.shape)
    if settings.neighbor_function == "Min_dist":
        distance = np.hypot(away[..., 0], away[..., 1])
        fits = (distance >= settings.min_neighbor_distance) & (distance <= settings.max_neighbor_distance)
        rank = np.where(fits, rank, 1 + distance)
    if quadrants:
        rank = _one_per_quadrant(away, rank)
    order = np.argsort(rank, axis=1)[:, : members - 1]
    return np.concatenate([seeds[:, None], np.take_along_axis(near, order, axis=1)], axis=1)


def inside_bounds(
    positions_px: NDArray[np.float64], settings: torch_configs.DataConfig, least: int
) -> NDArray[np.int64]:
    """Return the indices of the positions within ``y_bounds`` and ``x_bounds``, which are fractions of the scan.

    If fewer than ``least`` positions are inside, all positions are returned.
    """
    low = positions_px.min(axis=0)
    where = (positions_px - low) / np.maximum(np.ptp(positions_px, axis=0), 1e-9)
    bounds = np.array([settings.y_bounds, settings.x_bounds], np.float64)
    inside = np.flatnonzero(((where >= bounds[:, 0]) & (where <= bounds[:, 1])).all(axis=1))
    return inside if len(inside) >= least else np.arange(len(positions_px))


def _one_per_quadrant(away: NDArray[np.float64], rank: NDArray[np.float64]) -> NDArray[np.float64]:
    quadrant = 2 * (away[..., 0] >= 0) + (away[..., 1] >= 0)
    result = rank + 1
    for number in range(4):
        held = np.where(quadrant == number, rank, np.inf)
        first = held.argmin(axis=1)
        rows = np.flatnonzero(np.isfinite(held.min(axis=1)))
        result[rows, first[rows]] = rank[rows, first[rows]]
    return result


def _in_steps(positions_px: NDArray[np.float64], scan_pattern: str) -> NDArray[np.float64]:
    """Return positions in units of the scan step; a rectangular scan has one step per axis."""
    step = float(np.median(nearest_distances(positions_px))) or 1.0
    if scan_pattern == "Isotropic":
        return positions_px / step
    gaps = [_axis_step(positions_px[:, axis], step) for axis in (0, 1)]
    return positions_px / np.array(gaps)


def _axis_step(values: NDArray[np.float64], step: float) -> float:
    gaps = np.diff(np.sort(values))
    # Rows of a raster differ by jitter inside and by a step between.
    large = gaps[gaps > 0.25 * step]
    return float(np.median(large)) if len(large) else step
