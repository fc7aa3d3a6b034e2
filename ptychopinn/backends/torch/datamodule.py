"""Batches of groups for Lightning; groups are drawn anew for every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import lightning.pytorch as pl
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ptychopinn.backends.torch.group_canvas import canvas_side
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.data.cover import compact_groups, cover_scan
from ptychopinn.data.grouping import group
from ptychopinn.data.split import split

# An epoch passes every pattern about this many times: short enough to report often.
_PASSES = 4


class GroupBatch(NamedTuple):
    """Tensors of one batch.

    Attributes
    ----------
    amplitude : tensor (group, channel, N, N), float32, relative
    offsets_px : tensor (group, channel, 2), float32
    truth : tensor (group, rows, columns), complex64; (group, 0, 0) when none is known
    """

    amplitude: Tensor
    offsets_px: Tensor
    truth: Tensor


class GroupDataset(Dataset[GroupBatch]):
    """Groups of one scan; a list of indices gives one batch."""

    def __init__(self, scan: GroupedScan, groups: NDArray[np.int64], shape: tuple[int, int], truth: bool) -> None:
        self.scan, self.groups, self.shape, self.truth = scan, groups, shape, truth

    def __len__(self) -> int:
        return len(self.groups)

    def __getitem__(self, index: int) -> GroupBatch:
        return self.__getitems__([index])

    def __getitems__(self, indices: Sequence[int]) -> GroupBatch:
        groups = self.groups[np.asarray(indices, np.int64)]
        truth = np.zeros((len(groups), 0, 0), np.complex64)
        if self.truth and self.scan.data.objectGuess is not None:
            truth = cut_canvases(self.scan.data.objectGuess, self.scan.origins(groups), self.shape)
        return GroupBatch(
            torch.from_numpy(self.scan.amplitude(groups)),
            torch.from_numpy(self.scan.offsets(groups)),
            torch.from_numpy(truth),
        )


def cut_canvases(obj: NDArray[Any], origins: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.complex64]:
    """Cut canvases of ``shape`` around ``origins`` (group, 2) out of an object; 1 beyond its border."""
    layer = np.asarray(obj).reshape(-1, *np.shape(obj)[-2:])[0]
    margin = max(shape)
    padded = np.pad(layer.astype(np.complex64), margin, constant_values=1)
    rows = origins[:, :1] - shape[0] // 2 + margin + np.arange(shape[0])
    columns = origins[:, 1:] - shape[1] // 2 + margin + np.arange(shape[1])
    rows = rows.clip(0, padded.shape[0] - 1)
    columns = columns.clip(0, padded.shape[1] - 1)
    return padded[rows[:, :, None], columns[:, None, :]]


class GroupDataModule(pl.LightningDataModule):
    """Training groups drawn anew each epoch; validation groups seeded by patterns kept aside.

    Parameters
    ----------
    scan : GroupedScan
    config : TrainingConfig
    execution : PyTorchExecutionConfig
    groups_per_epoch : int or None
        None: enough for every pattern to be seen about four times.
    test_scan : GroupedScan or None
        Validates instead of a part of the scan.
    """

    def __init__(
        self,
        scan: GroupedScan,
        config: TrainingConfig,
        execution: PyTorchExecutionConfig,
        groups_per_epoch: int | None = None,
        test_scan: GroupedScan | None = None,
    ) -> None:
        super().__init__()
        self.scan, self.config, self.execution, self.test_scan = scan, config, execution, test_scan
        self.members = config.model.gridsize**2
        reach = max(scan.reach_px, test_scan.reach_px if test_scan else 0.0)
        side = canvas_side(scan.n, reach)
        self.shape = (side, side)
        fraction = 0.0 if test_scan else config.validation_fraction
        train, self.validation_seeds = split(scan.data.n_patterns, fraction, config.seed)
        # A scan that is hardly larger than a group cannot spare patterns.
        self.train_patterns = train if len(train) > self.members else np.arange(scan.data.n_patterns)
        wanted = groups_per_epoch or -(-_PASSES * len(self.train_patterns) // self.members)
        oversampling = config.enable_oversampling and self.members > 1
        self.groups_per_epoch = wanted if oversampling else min(wanted, len(self.train_patterns))

    @property
    def batches_per_epoch(self) -> int:
        """Number of training batches in an epoch."""
        return -(-self.groups_per_epoch // self.config.batch_size)

    def train_dataloader(self) -> DataLoader[GroupBatch]:
        """Return this epoch's groups, in random order."""
        epoch = self.trainer.current_epoch if self.trainer is not None else 0
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
        groups = self.scan.compact(self.train_patterns[groups])
        return self._loader(self.scan, groups)

    def val_dataloader(self) -> DataLoader[GroupBatch]:
        """Return the groups that judge every epoch: always the same."""
        scan = self.test_scan or self.scan
        positions = scan.data.positions_px
        if self.test_scan is not None:
            groups = cover_scan(positions, self.members, times=1)
        else:
            groups = compact_groups(positions, self.validation_seeds, self.members)
        limit = max(self.groups_per_epoch // 8, 4)
        picked = np.unique(np.linspace(0, len(groups) - 1, min(limit, len(groups))).astype(int))
        return self._loader(scan, scan.compact(groups[picked]))

    def _loader(self, scan: GroupedScan, groups: NDArray[np.int64]) -> DataLoader[GroupBatch]:
        workers = self.execution.num_workers
        truth = self.config.model.model_type == "supervised" or self.config.realspace_mae_weight > 0
        return DataLoader(
            GroupDataset(scan, groups, self.shape, truth),
            batch_size=self.config.batch_size,
            shuffle=False,
            collate_fn=_as_is,
            num_workers=workers,
            pin_memory=self.execution.pin_memory,
            persistent_workers=self.execution.persistent_workers and workers > 0,
            prefetch_factor=self.execution.prefetch_factor if workers > 0 else None,
        )


def _as_is(batch: Any) -> Any:
    # The dataset makes whole batches.
    return batch
