"""Batches of groups for Lightning, drawn anew for every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import lightning.pytorch as pl
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ptychopinn.backends.epoch_groups import EpochGroups
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.data.batches import make_batch
from ptychopinn.data.container import GroupedScan


class GroupBatch(NamedTuple):
    """Tensors of one batch, with the shapes of :class:`ptychopinn.data.batches.BatchArrays`."""

    amplitude: Tensor
    offsets_px: Tensor
    truth: Tensor


class GroupDataset(Dataset[GroupBatch]):
    """Groups of one scan; loaders fetch a whole batch with one list of indices."""

    def __init__(self, scan: GroupedScan, groups: NDArray[np.int64], shape: tuple[int, int], truth: bool) -> None:
        self.scan, self.groups, self.shape, self.truth = scan, groups, shape, truth

    def __len__(self) -> int:
        return len(self.groups)

    def __getitem__(self, index: int) -> GroupBatch:
        return self.__getitems__([index])

    def __getitems__(self, indices: Sequence[int]) -> GroupBatch:
        groups = self.groups[np.asarray(indices, np.int64)]
        arrays = make_batch(self.scan, groups, self.shape, self.truth)
        return GroupBatch(*(torch.from_numpy(array) for array in arrays))


class GroupDataModule(pl.LightningDataModule):
    """Loaders for the training and validation groups.

    Parameters
    ----------
    groups : EpochGroups
    execution : PyTorchExecutionConfig
    processes : int
        Number of processes that train together; Lightning distributes the groups of every batch among them.
    """

    def __init__(self, groups: EpochGroups, execution: PyTorchExecutionConfig, processes: int = 1) -> None:
        super().__init__()
        self.groups, self.execution, self.processes = groups, execution, processes

    def train_dataloader(self) -> DataLoader[GroupBatch]:
        """Return a loader for the training groups of the current epoch."""
        epoch = self.trainer.current_epoch if self.trainer is not None else 0
        return self._loader(self.groups.scan, self.groups.training(epoch))

    def val_dataloader(self) -> DataLoader[GroupBatch]:
        """Return a loader for the validation groups, which are the same in every epoch."""
        return self._loader(*self.groups.validation())

    def _loader(self, scan: GroupedScan, groups: NDArray[np.int64]) -> DataLoader[GroupBatch]:
        workers = self.execution.num_workers
        return DataLoader(
            GroupDataset(scan, groups, self.groups.shape, self.groups.needs_truth),
            batch_size=max(self.groups.config.batch_size // self.processes, 1),
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
