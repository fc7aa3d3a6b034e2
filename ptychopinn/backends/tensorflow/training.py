"""Train a model on one scan."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ptychopinn.backends.base import History, TrainingJob
from ptychopinn.backends.schedules import own_schedule
from ptychopinn.backends.stored_settings import probe_with_counts
from ptychopinn.backends.tensorflow.devices import choose_device, use_bfloat16
from ptychopinn.backends.tensorflow.inference import TensorFlowPredict
from ptychopinn.backends.tensorflow.network import PtychoNetwork
from ptychopinn.backends.tensorflow.optimisation import Optimisation
from ptychopinn.backends.training_course import PreparedJob, TrainingCourse
from ptychopinn.backends.training_watch import TrainingWatch
from ptychopinn.data.batches import BatchArrays, make_batch
from ptychopinn.data.container import GroupedScan
from ptychopinn.events import Report, Stop

_logger = logging.getLogger("ptychopinn")


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network, the mean total counts per pattern of its training scan, and its history."""

    network: PtychoNetwork
    mean_counts: float
    history: History

    @property
    def probe(self) -> NDArray[np.complex64]:
        """Probe (mode, N, N) in square roots of counts."""
        return probe_with_counts(self.network.probe.numpy(), self.mean_counts)


def train_network(
    job: TrainingJob,
    report: Report,
    should_stop: Stop,
    start: PtychoNetwork | None = None,
    save: Callable[[TrainedNetwork], None] | None = None,
) -> TrainedNetwork:
    """Train a network until the last epoch, the time limit, early stopping or a stop request.

    Only the execution settings for the optimiser, early stopping, the device and the precision apply. ``start`` is a
    network with the initial weights; ``save`` is called from time to time to save the best weights.

    Raises
    ------
    DataError, ConfigError
        The scan does not match the settings, or a setting cannot be used.
    """
    prepared = PreparedJob.prepare(job, report, should_stop)
    config, execution, groups = job.config, prepared.execution, prepared.groups
    keras.utils.set_random_seed(config.seed)
    device = choose_device(execution.accelerator)
    with tf.device(device):
        mixed = use_bfloat16(execution.precision, device)
        network = PtychoNetwork.untrained(config, len(prepared.probe), groups.shape[0], mixed)
        if start is not None:
            network.take_weights(start)
        network.set_probe(prepared.probe)

    def trained(history: History) -> TrainedNetwork:
        return TrainedNetwork(network, job.train_data.mean_counts(), history)

    course = TrainingCourse(prepared, TensorFlowPredict(network, device, live=True), trained, save)
    optimisation = Optimisation(network, config, groups.shape[0], device, execution, groups.truths)
    course.start()
    _Loop(prepared, optimisation, course.watch).run()
    return course.finish()


class _Loop:
    """Train epoch by epoch and restore the weights of the best epoch."""

    def __init__(self, prepared: PreparedJob, optimisation: Optimisation, watch: TrainingWatch) -> None:
        self.groups, self.optimisation, self.watch = prepared.groups, optimisation, watch
        self.execution = prepared.execution
        self.schedule = own_schedule(self.execution, self.groups.config.nepochs)
        self.network = optimisation.network

    def run(self) -> None:
        """Train the network, then restore its best weights."""
        epochs, best = self.groups.config.nepochs, self.network.get_weights()
        scan, groups = self.groups.validation()
        judging = [self._arrays(scan, part) for part in self._parts(groups)]
        self.watch.clock.start()
        for epoch in range(epochs):
            self.watch.start_epoch()
            loss, ended = self._epoch(epoch)
            # An incomplete epoch counts only if there is no complete one.
            if ended == "early" and self.watch.loss:
                break
            value = self._validate(judging)
            self.schedule.plateau.judge(loss)
            if self.watch.after_epoch(epoch + 1, epochs, loss, value, self._learning_rate(epoch)):
                best = self.network.get_weights()
            waited = epoch + 1 - self.watch.best_epoch
            if not np.isfinite(loss):
                _logger.warning(
                    "the loss is not finite; training stops and keeps the weights from epoch %d", self.watch.best_epoch
                )
                break
            if ended or waited >= self.execution.early_stop_patience:
                break
        self.network.set_weights(best)

    def _epoch(self, epoch: int) -> tuple[float, str]:
        """Train for one epoch; return its mean loss and how it ended.

        The ending is '' without a stop, 'early' for a stop before the last batch and 'late' for a stop after it.
        """
        epochs, parts, ended = self.groups.config.nepochs, self._parts(self.groups.training(epoch)), ""
        losses: list[tuple[Any, int]] = []
        for number, part in enumerate(parts, start=1):
            batch = self._arrays(self.groups.scan, part)
            last = number == len(parts)
            loss = self.optimisation.step(batch, self._learning_rate(epoch), last)
            losses.append((loss, len(part)))
            if self.watch.after_batch(epoch + 1, epochs, number, len(parts), partial(float, loss)):
                ended = "late" if last else "early"
                break
        total = sum(float(loss) * count for loss, count in losses)
        return total / max(sum(count for _, count in losses), 1), ended

    def _learning_rate(self, epoch: int) -> float:
        clock = self.watch.clock
        return self.execution.learning_rate * self.schedule.at(clock.steps, epoch, clock.progress)

    def _validate(self, judging: list[BatchArrays]) -> float | None:
        count = sum(len(batch.amplitude) for batch in judging)
        if not count:
            return None
        return sum(self.optimisation.loss(batch) * len(batch.amplitude) for batch in judging) / count

    def _parts(self, groups: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        size = self.groups.config.batch_size
        return [groups[start : start + size] for start in range(0, len(groups), size)]

    def _arrays(self, scan: GroupedScan, groups: NDArray[np.int64]) -> BatchArrays:
        return make_batch(scan, groups, self.groups.shape, self.groups.needs_truth)
