"""The running job: its worker, log, stop requests and outcome."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.jobs.failure import JobFailure
from ptychopinn_app.jobs.job import KEEPS, JobInfo, JobSpec, Outcome, Status
from ptychopinn_app.jobs.process import Prewarmer
from ptychopinn_app.jobs.worker import GRACE_SECONDS, DispatchWorker, Mode
from ptychopinn_app.services.log_tail import LogTail
from ptychopinn_app.services.timers import delayed

PREWARM_DELAY_MS = 400


class JobRunner(QObject):
    """Runs one job at a time. Keeps the worker alive until its thread has finished, as Qt requires."""

    started = pyqtSignal(JobInfo)
    reported = pyqtSignal(object)
    ended = pyqtSignal(Outcome)
    stopping = pyqtSignal(str)

    def __init__(
        self, mode: Mode, prewarm: bool, feed_log: Callable[[str], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tail = LogTail(feed_log, self)
        self._mode: Mode = mode
        self._prewarm = prewarm and mode == "process"
        self._prewarmer = Prewarmer()
        self._backend = ""
        self._worker: DispatchWorker | None = None
        # The running job, None while idle.
        self.info: JobInfo | None = None
        self._started_at = 0.0
        self._outcome: Outcome | None = None
        self.grace = GRACE_SECONDS
        self._timer = delayed(self, self._warm, PREWARM_DELAY_MS)

    @property
    def pid(self) -> int | None:
        """Id of the job's process; None if the job has no process."""
        return self._worker.pid if self._worker is not None else None

    @property
    def measured_pid(self) -> int | None:
        """Id of the process in which the job runs (in thread mode, this process); None while idle."""
        if self.info is None:
            return None
        return os.getpid() if self._mode == "thread" else self.pid

    @property
    def warm(self) -> bool:
        """Whether a child process is waiting for the next job, even if its backend is still loading."""
        return self._prewarmer.ready

    def prepare(self, backend: str) -> None:
        """After a short delay, import a backend in a child process if preloading is enabled and no job is running."""
        self._backend = backend
        if self._prewarm:
            self._timer.start()

    def set_prewarm(self, on: bool) -> None:
        """Enable or disable the child process that loads the backend in advance."""
        self._prewarm = on and self._mode == "process"
        if on:
            self.prepare(self._backend)
        else:
            self._timer.stop()
            self._prewarmer.close()

    def start(self, info: JobInfo, spec: JobSpec) -> None:
        """Start a job. The runner must be idle."""
        self.info = info
        self._started_at = time.monotonic()
        self._timer.stop()
        self._tail.follow(info.log)
        child = self._prewarmer.take(self._backend)
        worker = DispatchWorker(spec, self._mode, self.grace, child)
        self._worker = worker
        worker.reported.connect(self.reported)
        worker.ended.connect(self._ended)
        worker.finished.connect(self._finished)
        worker.start()
        self.started.emit(info)

    def stop_keep(self) -> None:
        """Ask the job to stop and save its partial result; cancel a job that cannot save one."""
        if self.info is not None and self.info.kind not in KEEPS:
            self.cancel()
        elif self._worker is not None:
            self._worker.stop()
            self.stopping.emit("Stopping, then saving")

    def cancel(self) -> None:
        """Cancel the job and discard its result; a job that does not end within the grace period is killed."""
        if self._worker is not None:
            self._worker.cancel()
            self.stopping.emit("Cancelling")

    def close(self) -> None:
        """End the waiting child process, and kill the job if one is still running."""
        self._timer.stop()
        self._prewarm = False
        self._prewarmer.close()
        if self._worker is not None:
            self._worker.cancel(at_once=True)
            self._worker.wait()
        self._tail.finish()

    def _ended(self, status: Status, result: object, failure: JobFailure | None) -> None:
        if self.info is not None:
            seconds = time.monotonic() - self._started_at
            self._outcome = Outcome(self.info.kind, status, self.info.run_dir, seconds, result, failure)

    def _finished(self) -> None:
        outcome, self._outcome = self._outcome, None
        self._worker = self.info = None
        self._tail.finish()
        if outcome is not None:
            self.ended.emit(outcome)
        self.prepare(self._backend)

    def _warm(self) -> None:
        if self._prewarm and self._worker is None and self._backend:
            self._prewarmer.start(self._backend)
