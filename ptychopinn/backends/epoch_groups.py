"""Training groups and validation groups of an epoch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.method import groups_per_epoch
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import GroupedScan, canvas_side
from ptychopinn.data.cover import compact_groups, cover_scan
from ptychopinn.data.grouping import group
from ptychopinn.data.split import split


class EpochGroups:
    """Training groups drawn anew for each epoch, and fixed validation groups around patterns held out of training.

    Parameters
    ----------
    scan : GroupedScan
    config : TrainingConfig
    n_groups : int or None
        Groups per epoch; None: enough to use each pattern about four times, or once with grid size 1.
    test_scan : GroupedScan or None
        Scan used for validation instead of a part of ``scan``.

    Attributes
    ----------
    shape : (int, int)
        Rows and columns of the groups' canvases.
    needs_truth : bool
        Whether any loss compares the prediction with the known object.
    """

    def __init__(
        self,
        scan: GroupedScan,
        config: TrainingConfig,
        n_groups: int | None = None,
        test_scan: GroupedScan | None = None,
    ) -> None:
        self.scan, self.config, self.test_scan = scan, config, test_scan
        self.members = config.model.gridsize**2
        side = canvas_side(scan.n, max(scan.reach_px, test_scan.reach_px if test_scan else 0.0))
        self.shape = (side, side)
        self.needs_truth = config.model.model_type == "supervised" or config.realspace_mae_weight > 0
        fraction = 0.0 if test_scan else config.validation_fraction
        train, self.validation_seeds = split(scan.data.n_patterns, fraction, config.seed)
        # A scan that is hardly larger than a group cannot spare patterns.
        self.train_patterns = train if len(train) > self.members else np.arange(scan.data.n_patterns)
        patterns, oversampling = len(self.train_patterns), config.enable_oversampling
        self.groups_per_epoch = groups_per_epoch(patterns, self.members, n_groups, oversampling)

    @property
    def truths(self) -> tuple[bool, bool]:
        """Whether the training batches and the validation batches, respectively, include the known object."""
        scans = self.scan, self.test_scan or self.scan
        training, validation = (self.needs_truth and scan.data.objectGuess is not None for scan in scans)
        return training, validation

    @property
    def batches_per_epoch(self) -> int:
        """Number of training batches in an epoch."""
        return -(-self.groups_per_epoch // self.config.batch_size)

    def training(self, epoch: int) -> NDArray[np.int64]:
        """Return the training groups (group, channel) of an epoch; epochs are counted from 0."""
        config = self.config
        groups = group(
            self.scan.data.positions_px[self.train_patterns],
            config.model.gridsize,
            self.groups_per_epoch,
            neighbor_count=max(config.neighbor_count, self.members),
            seed=config.seed + epoch,
            sequential=config.sequential_sampling,
            enable_oversampling=config.enable_oversampling,
            neighbor_pool_size=config.neighbor_pool_size,
        )
        return self.scan.compact(self.train_patterns[groups])

    def validation(self) -> tuple[GroupedScan, NDArray[np.int64]]:
        """Return the validation scan and its groups, which are the same in every epoch."""
        scan = self.test_scan or self.scan
        positions = scan.data.positions_px
        if self.test_scan is not None:
            groups = cover_scan(positions, self.members, times=1)
        else:
            groups = compact_groups(positions, self.validation_seeds, self.members)
        limit = max(self.groups_per_epoch // 8, 4)
        picked = np.unique(np.linspace(0, len(groups) - 1, min(limit, len(groups))).astype(int))
        return scan, scan.compact(groups[picked])
