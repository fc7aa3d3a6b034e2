"""Batches of several scans, each with its own probe, for Lightning."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import lightning.pytorch as pl
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader

from ptychopinn.backends.epoch_groups import EpochGroups
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.data.batches import make_batch
from ptychopinn.data.container import GroupedScan
from ptychopinn.data.raw_data import RawData
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.physics.scaling import normalise_probe

Part = tuple[GroupedScan, NDArray[np.int64], Tensor]


class ScanBatch(NamedTuple):
    """Tensors of one batch as in :class:`ptychopinn.data.batches.BatchArrays`, and the relative probe of its scan."""

    amplitude: Tensor
    offsets_px: Tensor
    truth: Tensor
    probe: Tensor


class ScanDataModule(pl.LightningDataModule):
    """Loaders for the training and validation groups of several scans; a batch never mixes scans.

    ``scans`` holds the groups and the relative probe (mode, N, N) of each scan. For a probe with zero modes, the
    network's own probe is used.
    """

    def __init__(self, scans: Sequence[tuple[EpochGroups, Tensor]], execution: PyTorchExecutionConfig) -> None:
        super().__init__()
        self.scans, self.execution = list(scans), execution
        self.shape = max(groups.shape for groups, _ in self.scans)

    @property
    def batches_per_epoch(self) -> int:
        """Number of training batches in an epoch."""
        return sum(groups.batches_per_epoch for groups, _ in self.scans)

    def train_dataloader(self) -> DataLoader[Any]:
        """Return a loader of this epoch's batches; the batches of all scans are shuffled together."""
        epoch = self.trainer.current_epoch if self.trainer is not None else 0
        batches = self._batches([(groups.scan, groups.training(epoch), probe) for groups, probe in self.scans])
        order = np.random.default_rng(self.scans[0][0].config.seed + epoch).permutation(len(batches))
        return self._loader([batches[number] for number in order])

    def val_dataloader(self) -> DataLoader[Any]:
        """Return a loader of the validation batches, which are the same in every epoch."""
        return self._loader(self._batches([(*groups.validation(), probe) for groups, probe in self.scans]))

    def _batches(self, parts: list[Part]) -> list[Part]:
        size = self.scans[0][0].config.batch_size
        return [
            (scan, groups[start : start + size], probe)
            for scan, groups, probe in parts
            for start in range(0, len(groups), size)
        ]

    def _loader(self, batches: list[Part]) -> DataLoader[Any]:
        workers = self.execution.num_workers
        return DataLoader(
            batches,  # type: ignore[arg-type]
            batch_size=None,
            collate_fn=functools.partial(_tensors, self.shape, self.scans[0][0].needs_truth),
            num_workers=workers,
            pin_memory=self.execution.pin_memory,
            persistent_workers=self.execution.persistent_workers and workers > 0,
        )


def _tensors(shape: tuple[int, int], truth: bool, batch: Part) -> ScanBatch:
    scan, groups, probe = batch
    amplitude, offsets, truths = (torch.from_numpy(array) for array in make_batch(scan, groups, shape, truth))
    return ScanBatch(amplitude, offsets, truths, probe)


def prepared_probe(data: RawData, settings: torch_configs.DataConfig) -> NDArray[np.complex64]:
    """Return the probe (mode, N, N) of a scan in units of the scan's root mean square amplitude per pixel.

    Parameters
    ----------
    settings : DataConfig
        ``probe_normalize`` scales the probe to the power of the patterns.
        ``probe_ramp_removal`` removes the mean phase ramp of the probe.
    """
    probe = data.probe_modes
    if settings.probe_normalize:
        probe = normalise_probe(probe, data.mean_counts())
    if settings.probe_ramp_removal:
        probe = without_ramp(probe)
    return (probe / np.float32(np.sqrt(data.mean_counts()) / data.pattern_size)).astype(np.complex64)


def without_ramp(probe: NDArray[np.complexfloating]) -> NDArray[np.complex64]:
    """Return a probe (mode, N, N) without its linear phase ramp, estimated from mean phase steps between pixels."""
    result = np.asarray(probe, np.complex128)
    n = result.shape[-1]
    steps = np.arange(n) - n // 2
    for axis in (-2, -1):
        first = np.take(result, range(n - 1), axis)
        second = np.take(result, range(1, n), axis)
        step = np.angle(np.sum(second * first.conj()))
        ramp = np.exp(-1j * step * steps)
        result = result * (ramp[:, None] if axis == -2 else ramp[None, :])
    return result.astype(np.complex64)
