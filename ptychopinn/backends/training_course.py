"""What surrounds a training loop in either framework: the groups before it, watching it, its history after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.base import History, TrainingJob
from ptychopinn.backends.epoch_groups import EpochGroups
from ptychopinn.backends.job_checks import check_job, judge_object
from ptychopinn.backends.prediction import Predict
from ptychopinn.backends.preview import Previewer
from ptychopinn.backends.snapshots import Snapshots
from ptychopinn.backends.training_watch import Clock, TrainingWatch
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.events import Phase, Preview, Report, Stop
from ptychopinn.physics.scaling import normalise_probe


@dataclass(frozen=True)
class PreparedJob:
    """A training job whose scan is checked and grouped.

    Attributes
    ----------
    job : TrainingJob
    execution : PyTorchExecutionConfig
        That of the job, or the default.
    groups : EpochGroups
    probe : array (mode, N, N), complex64
        Probe that carries the counts of the scan.
    """

    job: TrainingJob
    execution: PyTorchExecutionConfig
    groups: EpochGroups
    probe: NDArray[np.complex64]

    @classmethod
    def prepare(cls, job: TrainingJob, report: Report) -> PreparedJob:
        """Check and group the scans of a job.

        Raises
        ------
        DataError
            A scan does not fit the settings.
        """
        check_job(job)
        report(Phase("grouping scan positions"))
        config, members = job.config, job.config.model.gridsize**2
        scan = GroupedScan.build(job.train_data, members, config.neighbor_count)
        test_scan = GroupedScan.build(job.test_data, members, config.neighbor_count) if job.test_data else None
        groups = EpochGroups(scan, config, job.groups_per_epoch, test_scan)
        probe = normalise_probe(job.train_data.probe_modes, job.train_data.mean_counts())
        return cls(job, job.execution or PyTorchExecutionConfig(accelerator="auto"), groups, probe)

    @property
    def validates(self) -> bool:
        """Whether there are groups that judge every epoch."""
        return self.groups.test_scan is not None or len(self.groups.validation_seeds) > 0

    def with_counts(self, relative_probe: NDArray[np.complexfloating]) -> NDArray[np.complex64]:
        """Return a probe (mode, N, N) of a network in square roots of counts."""
        return (relative_probe * np.float32(self.groups.scan.root_mean_square)).astype(np.complex64)


class TrainingCourse:
    """Watch a training from its first batch to its history.

    Parameters
    ----------
    prepared : PreparedJob
    predict : callable
        The network that trains, for previews.
    report, should_stop : callables
        See :mod:`ptychopinn.events`.
    save : callable or None
        Saves the best weights so far with the history so far, now and then.
    is_main : bool
        Whether this process reports and writes.
    """

    def __init__(
        self,
        prepared: PreparedJob,
        predict: Predict,
        report: Report,
        should_stop: Stop,
        save: Callable[[History], None] | None,
        is_main: bool = True,
    ) -> None:
        config, groups = prepared.job.config, prepared.groups
        self._report, self._is_main = report, is_main
        seconds = None if config.max_minutes is None else 60 * config.max_minutes
        self.clock = Clock(config.nepochs, groups.batches_per_epoch, seconds)
        self._previewer = Previewer(predict, groups.scan, groups.members)
        snapshots = None if save is None or not is_main else Snapshots(lambda: save(self._so_far()))
        preview = self._previewer if is_main else no_preview
        self.watch = TrainingWatch(self.clock, report, should_stop, preview, snapshots)
        self._started = 0.0

    def start(self) -> None:
        """Report that the training starts."""
        self._report(Phase("training"))
        self._started = time.monotonic()

    def finish(self) -> History:
        """Return the history, after one more look with the weights that are kept."""
        watch, last = self.watch, self._previewer(max(1, len(self.watch.loss)))
        if self._is_main:
            self._report(last)
        return History(
            tuple(watch.loss),
            tuple(watch.val_loss),
            watch.best_epoch,
            watch.stopped,
            time.monotonic() - self._started,
            judge_object(self._previewer.seen, self._report),
        )

    def _so_far(self) -> History:
        watch = self.watch
        return History(tuple(watch.loss), tuple(watch.val_loss), watch.best_epoch, seconds=self.clock.seconds)


def no_preview(epoch: int) -> Preview:
    """Return a dark picture, where nobody looks."""
    dark = np.zeros((1, 1), np.float32)
    return Preview(epoch, dark, dark)
