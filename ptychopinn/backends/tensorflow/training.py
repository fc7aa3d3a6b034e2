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
from ptychopinn.backends.batches import make_batch
from ptychopinn.backends.epoch_groups import EpochGroups
from ptychopinn.backends.schedules import RateSchedule, own_schedule
from ptychopinn.backends.tensorflow.devices import choose_device, use_bfloat16
from ptychopinn.backends.tensorflow.inference import TensorFlowPredict
from ptychopinn.backends.tensorflow.network import PtychoNetwork
from ptychopinn.backends.tensorflow.optimisation import Optimisation
from ptychopinn.backends.training_course import PreparedJob, TrainingCourse
from ptychopinn.backends.training_watch import TrainingWatch
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.events import Phase, Report, Stop

_logger = logging.getLogger("ptychopinn")


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network with what is needed to use it again."""

    network: PtychoNetwork
    probe: NDArray[np.complex64]
    mean_counts: float
    history: History


def train_network(
    job: TrainingJob,
    report: Report,
    should_stop: Stop,
    start: PtychoNetwork | None = None,
    save: Callable[[TrainedNetwork], None] | None = None,
) -> TrainedNetwork:
    """Train until the epochs, the time, the patience or the user's patience end.

    Of the execution settings, those of the optimiser, the device and the precision apply. ``start`` is a network
    whose weights are the first ones; ``save`` saves the best weights so far, now and then.

    Raises
    ------
    DataError, ConfigError
        The scan does not fit the settings.
    """
    prepared = PreparedJob.prepare(job, report)
    config, execution, groups = job.config, prepared.execution, prepared.groups
    report(Phase("building the network"))
    keras.utils.set_random_seed(config.seed)
    device = choose_device(execution.accelerator)
    with tf.device(device):
        network = PtychoNetwork.from_settings(
            config.model,
            len(prepared.probe),
            groups.shape[0],
            probe_trainable=config.probe_trainable,
            scale_trainable=config.intensity_scale_trainable,
            mixed=use_bfloat16(execution.precision, device),
        )
        if start is not None:
            network.take_weights(start)
        network.set_probe(prepared.probe)

    def trained(history: History) -> TrainedNetwork:
        return TrainedNetwork(
            network, prepared.with_counts(network.probe.numpy()), job.train_data.mean_counts(), history
        )

    save_so_far = None if save is None else lambda history: save(trained(history))
    course = TrainingCourse(prepared, TensorFlowPredict(network, device, live=True), report, should_stop, save_so_far)
    optimisation = Optimisation(
        network,
        config,
        groups.shape[0],
        device,
        clip=execution.gradient_clip_val,
        accumulate=execution.accum_steps,
        has_truth=groups.needs_truth and groups.scan.data.objectGuess is not None,
        has_truth_in_validation=groups.needs_truth and (groups.test_scan or groups.scan).data.objectGuess is not None,
    )
    course.start()
    _Loop(groups, optimisation, execution, course.watch).run()
    return trained(course.finish())


class _Loop:
    """Epoch after epoch, keeping the weights of the best."""

    def __init__(
        self,
        groups: EpochGroups,
        optimisation: Optimisation,
        execution: PyTorchExecutionConfig,
        watch: TrainingWatch,
    ) -> None:
        self.groups, self.optimisation, self.watch = groups, optimisation, watch
        self.peak, self.patience = execution.learning_rate, execution.early_stop_patience
        self.schedule: RateSchedule = own_schedule(execution, groups.config.nepochs)
        self.network = optimisation.network

    def run(self) -> None:
        """Train; in the end the network has its best weights."""
        epochs, best = self.groups.config.nepochs, self.network.get_weights()
        judging = [self._arrays(*part) for part in self._parts(*self.groups.validation())]
        self.watch.clock.start()
        for epoch in range(epochs):
            self.watch.begin_epoch()
            loss, ended = self._epoch(epoch)
            # A part of an epoch is judged only when there is no whole one.
            if ended == "early" and self.watch.loss:
                break
            value = self._validate(judging)
            self.schedule.plateau.judge(loss)
            if self.watch.after_epoch(epoch + 1, epochs, loss, value, self._learning_rate(epoch)):
                best = self.network.get_weights()
            waited = epoch + 1 - self.watch.best_epoch
            if not np.isfinite(loss):
                _logger.warning(
                    "the loss is no longer a number; the weights of epoch %d are kept", self.watch.best_epoch
                )
                break
            if ended or waited >= self.patience:
                break
        self.network.set_weights(best)

    def _epoch(self, epoch: int) -> tuple[float, str]:
        """Return the mean loss, and 'early', 'late' (after its last batch) or '' for how the training ended."""
        config = self.groups.config
        parts = self._parts(self.groups.scan, self.groups.training(epoch))
        total, patterns = 0.0, 0
        pending: list[tuple[Any, int]] = []
        for number, part in enumerate(parts, start=1):
            batch = self._arrays(*part)
            last = number == len(parts)
            loss = self.optimisation.step(batch, self._learning_rate(epoch), last)
            pending.append((loss, len(batch.amplitude)))
            if self.watch.after_batch(epoch + 1, config.nepochs, number, len(parts), partial(float, loss)):
                ended = "late" if last else "early"
                break
        else:
            ended = ""
        for loss, count in pending:
            total, patterns = total + float(loss) * count, patterns + count
        return total / max(patterns, 1), ended

    def _learning_rate(self, epoch: int) -> float:
        clock = self.watch.clock
        return self.peak * self.schedule.at(clock.steps, epoch, clock.progress)

    def _validate(self, judging: list[Any]) -> float | None:
        count = sum(len(batch.amplitude) for batch in judging)
        if not count:
            return None
        return sum(self.optimisation.loss(batch) * len(batch.amplitude) for batch in judging) / count

    def _parts(self, scan: GroupedScan, groups: NDArray[np.int64]) -> list[tuple[GroupedScan, NDArray[np.int64]]]:
        size = self.groups.config.batch_size
        return [(scan, groups[start : start + size]) for start in range(0, len(groups), size)]

    def _arrays(self, scan: GroupedScan, groups: NDArray[np.int64]) -> Any:
        return make_batch(scan, groups, self.groups.shape, self.groups.needs_truth)
