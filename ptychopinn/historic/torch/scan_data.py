"""Batches of several scans, each with its own probe, for Lightning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import lightning.pytorch as pl
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ptychopinn.backends.batches import make_batch
from ptychopinn.backends.epoch_groups import EpochGroups
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.data.container import GroupedScan


class ScanBatch(NamedTuple):
    """Tensors of one batch as in :class:`ptychopinn.backends.batches.BatchArrays`, and its scan's relative probe."""

    amplitude: Tensor
    offsets_px: Tensor
    truth: Tensor
    probe: Tensor


class ScanBatches(Dataset[ScanBatch]):
    """Whole batches as items; a batch never mixes scans."""

    def __init__(
        self,
        parts: Sequence[tuple[GroupedScan, NDArray[np.int64], Tensor]],
        shape: tuple[int, int],
        truth: bool,
        batch_size: int,
        seed: int | None,
    ) -> None:
        self.shape, self.truth = shape, truth
        self.batches = [
            (scan, groups[start : start + batch_size], probe)
            for scan, groups, probe in parts
            for start in range(0, len(groups), batch_size)
        ]
        if seed is not None:
            order = np.random.default_rng(seed).permutation(len(self.batches))
            self.batches = [self.batches[number] for number in order]

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> ScanBatch:
        scan, groups, probe = self.batches[index]
        arrays = make_batch(scan, groups, self.shape, self.truth)
        amplitude, offsets, truth = (torch.from_numpy(array) for array in arrays)
        return ScanBatch(amplitude, offsets, truth, probe)


class ScanDataModule(pl.LightningDataModule):
    """Loaders of the training and validation groups of several scans.

    Parameters
    ----------
    scans : sequence of (EpochGroups, tensor)
        The groups of each scan, and its relative probe (mode, N, N); no modes: the network's own probe.
    execution : PyTorchExecutionConfig
    """

    def __init__(self, scans: Sequence[tuple[EpochGroups, Tensor]], execution: PyTorchExecutionConfig) -> None:
        super().__init__()
        self.scans, self.execution = list(scans), execution
        self.shape = max(groups.shape for groups, _ in self.scans)

    @property
    def batches_per_epoch(self) -> int:
        """Number of training batches in an epoch."""
        return sum(groups.batches_per_epoch for groups, _ in self.scans)

    def train_dataloader(self) -> DataLoader[ScanBatch]:
        """Return this epoch's batches, the scans mixed."""
        epoch = self.trainer.current_epoch if self.trainer is not None else 0
        parts = [(groups.scan, groups.training(epoch), probe) for groups, probe in self.scans]
        return self._loader(parts, seed=self.scans[0][0].config.seed + epoch)

    def val_dataloader(self) -> DataLoader[ScanBatch]:
        """Return the batches that judge every epoch: always the same."""
        parts = [(*groups.validation(), probe) for groups, probe in self.scans]
        return self._loader(parts, seed=None)

    def _loader(
        self, parts: Sequence[tuple[GroupedScan, NDArray[np.int64], Tensor]], seed: int | None
    ) -> DataLoader[ScanBatch]:
        first = self.scans[0][0]
        workers = self.execution.num_workers
        return DataLoader(
            ScanBatches(parts, self.shape, first.needs_truth, first.config.batch_size, seed),
            batch_size=None,
            num_workers=workers,
            pin_memory=self.execution.pin_memory,
            persistent_workers=self.execution.persistent_workers and workers > 0,
        )
