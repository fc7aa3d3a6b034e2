"""Which groups an epoch trains on, by the rules of the torch data settings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.epoch_groups import EpochGroups
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.neighbour_groups import draw_groups


class NeighbourEpochs(EpochGroups):
    """Groups drawn anew each epoch by ``neighbor_function``, ``n_subsample`` of them around every position.

    Parameters
    ----------
    scan : GroupedScan
    config : TrainingConfig
    settings : DataConfig
    groups_per_epoch : int or None
        None: ``n_subsample`` for every pattern; one for groups of one.
    test_scan : GroupedScan or None
        Validates instead of a part of the scan.
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
        """Return the groups (group, channel) of an epoch, counted from 0, in random order."""
        positions = self.scan.data.positions_px[self.train_patterns]
        start = self.config.seed if self.settings.subsample_seed is None else self.settings.subsample_seed
        groups = draw_groups(positions, self.settings, self.members, self.groups_per_epoch, start + epoch)
        return self.scan.compact(self.train_patterns[groups])
