"""The parts of a training run that both frameworks share: grouping, monitoring and history."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.base import History, TrainingJob
from ptychopinn.backends.epoch_groups import EpochGroups
from ptychopinn.backends.job_checks import check_job, judge_object
from ptychopinn.backends.prediction import Predict
from ptychopinn.backends.preview import Previewer
from ptychopinn.backends.training_watch import Clock, Snapshots, TrainingWatch
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.events import Phase, Preview, Report, Stop
from ptychopinn.physics.scaling import normalise_probe


@dataclass(frozen=True)
class PreparedJob:
    """A training job with a checked and grouped scan.

    Attributes
    ----------
    job : TrainingJob
    report, should_stop : callables
        See :mod:`ptychopinn.events`.
    execution : PyTorchExecutionConfig
        Execution settings of the job, or the defaults.
    groups : EpochGroups
    probe : array (mode, N, N), complex64
        Probe in square roots of counts.
    """

    job: TrainingJob
    report: Report
    should_stop: Stop
    execution: PyTorchExecutionConfig
    groups: EpochGroups
    probe: NDArray[np.complex64]

    @classmethod
    def prepare(cls, job: TrainingJob, report: Report, should_stop: Stop) -> PreparedJob:
        """Check and group the scans of a job.

        Raises
        ------
        DataError
            A scan does not match the settings.
        """
        check_job(job)
        report(Phase("grouping scan positions"))
        config, members = job.config, job.config.model.gridsize**2
        scan = GroupedScan.build(job.train_data, members, config.neighbor_count)
        test_scan = GroupedScan.build(job.test_data, members, config.neighbor_count) if job.test_data else None
        groups = EpochGroups(scan, config, job.groups_per_epoch, test_scan)
        probe = normalise_probe(job.train_data.probe_modes, job.train_data.mean_counts())
        report(Phase("building the network"))
        execution = job.execution or PyTorchExecutionConfig(accelerator="auto")
        return cls(job, report, should_stop, execution, groups, probe)

    @property
    def validates(self) -> bool:
        """Whether the training has validation groups."""
        return self.groups.test_scan is not None or len(self.groups.validation_seeds) > 0


T = TypeVar("T")


class TrainingCourse(Generic[T]):
    """Monitor a training run from its first batch to its result.

    Parameters
    ----------
    prepared : PreparedJob
    predict : callable
        Predicts with the network that is being trained, for previews.
    trained : callable
        Called with a history; returns the final or an intermediate result of the training.
    save : callable or None
        Saves the best weights from time to time.
    is_main : bool
        Whether this process reports and writes.
    """

    def __init__(
        self,
        prepared: PreparedJob,
        predict: Predict,
        trained: Callable[[History], T],
        save: Callable[[T], None] | None,
        is_main: bool = True,
    ) -> None:
        config, groups = prepared.job.config, prepared.groups
        self._report, self._trained, self._is_main = prepared.report, trained, is_main
        seconds = None if config.max_minutes is None else 60 * config.max_minutes
        self.clock = Clock(config.nepochs, groups.batches_per_epoch, seconds)
        self._previewer = Previewer(predict, groups.scan, groups.members)
        snapshots = None if save is None or not is_main else Snapshots(lambda: save(trained(self._history())))
        preview = self._previewer if is_main else no_preview
        self.watch = TrainingWatch(self.clock, prepared.report, prepared.should_stop, preview, snapshots)

    def start(self) -> None:
        """Report that the training starts."""
        self._report(Phase("training"))
        self._started = time.monotonic()

    def finish(self) -> T:
        """Report a last preview and any notice about the object, then return the result."""
        last = self._previewer(max(1, len(self.watch.loss)))
        if self._is_main:
            self._report(last)
        return self._trained(self._history(judge_object(self._previewer.seen, self._report)))

    def _history(self, notices: tuple[str, ...] = ()) -> History:
        watch, seconds = self.watch, time.monotonic() - self._started
        return History(tuple(watch.loss), tuple(watch.val_loss), watch.best_epoch, watch.stopped, seconds, notices)


def no_preview(epoch: int) -> Preview:
    """Return a dark image in place of a preview."""
    dark = np.zeros((1, 1), np.float32)
    return Preview(epoch, dark, dark)
