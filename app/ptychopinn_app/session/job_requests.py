"""Jobs requested by the user for the open scan, several scans, or a watched folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn.wording import counted
from ptychopinn.workflow.arrivals import Arrivals, Stamp, scan_stamps
from ptychopinn_app.checks.readiness import Request
from ptychopinn_app.jobs.failure import JobFailure
from ptychopinn_app.jobs.job import call
from ptychopinn_app.records import Scan
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.services.timers import repeated
from ptychopinn_app.session import planned_jobs as jobs
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.state import SessionState

POLL_MS = 1000


class JobRequests:
    """Queues jobs for the open scans, model and result, or shows why a job cannot start."""

    def __init__(self, state: SessionState, messages: Messages, queue: JobQueue) -> None:
        self._state, self._messages, self._queue = state, messages, queue

    def train(self) -> None:
        """Train a model on the open scan."""
        self._add("train", self._state.scan, lambda scan: jobs.TrainJob(scan, self._state.test_scan))

    def resume(self) -> None:
        """Resume training the open model on the open scan."""
        state = self._state
        self._add("resume", state.scan, lambda scan: jobs.TrainJob(scan, state.test_scan, state.model))

    def reconstruct(self) -> None:
        """Reconstruct the test scan with the open model, or the training scan if there is no test scan."""
        model = None if self._queue.trains else self._state.model
        self._add("reconstruct", self._state.target, lambda scan: jobs.ReconstructJob(scan, model))

    def quick_look(self) -> None:
        """Check the open scan's data, probe and positions for consistency by a few sweeps from an empty object."""
        self._add("quick", self._state.scan, jobs.QuickLookJob)

    def calibrate(self) -> None:
        """Retrieve the probe from the open scan; later training runs and reconstructions with this scan will use it."""
        self._add("calibrate", self._state.scan, jobs.CalibrateJob)

    def refine(self) -> None:
        """Refine the displayed object by sweeps over the patterns of its scan."""
        self._add_on_result("refine", jobs.RefineJob)

    def report(self) -> None:
        """Assess the displayed object: R of every pattern, coverage, and agreement between two halves of the scan."""
        self._add_on_result("report", jobs.ReportJob)

    def _add_on_result(self, request: Request, make: Callable[[Scan, Path], jobs.PlannedJob]) -> None:
        state, result = self._state, self._state.result
        object_file = result.run_dir / runs.OBJECT_FILE if result is not None else Path()
        self._add(request, state.target if result is not None else None, lambda scan: make(scan, object_file))

    def _add(self, request: Request, scan: Scan | None, make: Callable[[Scan], jobs.PlannedJob]) -> None:
        reason = self._queue.why_not(request)
        if reason or scan is None:
            self._messages.warn(reason)
        else:
            self._queue.add(make(scan))


class Batch:
    """Queues one job per scan file; each job reads its file and reports any problems."""

    def __init__(self, state: SessionState, messages: Messages, queue: JobQueue) -> None:
        self._state, self._messages, self._queue = state, messages, queue

    def add(self, paths: Sequence[Path]) -> None:
        """Queue a job for each scan."""
        for path in paths:
            self.add_one(path)
        if paths:
            self._messages.info(f"Queued {counted(len(paths), 'scan')}: {self.words}.")

    def add_one(self, path: Path) -> int:
        """Queue a job for one scan and return its number in the queue."""
        scan, model = Scan(path, ScanSummary()), self._state.model
        return self._queue.add(
            jobs.ReconstructJob(scan, model) if model is not None else jobs.QuickLookJob(scan), tell=False
        )

    @property
    def words(self) -> str:
        """Text describing what happens to each scan."""
        model = self._state.model
        return f"each scan is reconstructed with {model.title}" if model is not None else "each scan gets a quick look"


class Watch(QObject):
    """Queues a job for each scan that arrives in a folder. A short task polls the folder every second."""

    changed = pyqtSignal()

    def __init__(self, messages: Messages, batch: Batch, queue: JobQueue) -> None:
        super().__init__(messages)
        self._messages, self._batch, self._queue = messages, batch, queue
        self.folder: Path | None = None
        self.arrived = 0
        self._arrivals: Arrivals | None = None
        self._looking = False
        self._failing = False
        self._timer = repeated(self, self._look, POLL_MS)

    def start(self, folder: Path) -> None:
        """Watch a folder; scans already in it are skipped."""
        self.stop()
        self.folder, self.arrived, self._arrivals = folder, 0, None
        self._timer.start()
        self._look()
        self.changed.emit()

    def stop(self) -> None:
        """Stop watching; queued jobs stay in the queue."""
        self._timer.stop()
        self.folder = None
        self._failing = False
        self.changed.emit()

    def words(self) -> str:
        """Return a summary of the watched folder, arrived scans and queued jobs; empty if no folder is watched."""
        if self.folder is None:
            return ""
        waiting = len(self._queue.waiting)
        parts = [f"Watching {self.folder.name}", f"{self.arrived} arrived"]
        return ", ".join([*parts, f"{waiting} waiting"] if waiting else parts)

    def _look(self) -> None:
        folder = self.folder
        if folder is None or self._looking:
            return
        self._looking = True

        def failed(failure: JobFailure) -> None:
            if folder == self.folder and not self._failing:
                # Reported once: a network share may be away for an hour and come back.
                self._failing = True
                self._messages.refuse(f"Cannot watch {folder.name} at the moment: {failure.summary}")

        task = call(scan_stamps, folder)
        self._messages.request(task, self._queue_arrived, failed, self._looked, lambda: folder == self.folder)

    def _looked(self) -> None:
        self._looking = False

    def _queue_arrived(self, stamps: dict[Path, Stamp]) -> None:
        self._failing = False
        if self._arrivals is None:
            self._arrivals = Arrivals(stamps)
            skipped = f" Skipped {counted(len(stamps), 'scan')} already in the folder." if stamps else ""
            self._messages.info(f"Watching {self.folder}: {self._batch.words}.{skipped}")
            return
        for path in self._arrivals.look(stamps, time.monotonic()):
            self._messages.log.note("info", f"{path.name} has arrived")
            self._batch.add_one(path)
            self.arrived += 1
            self.changed.emit()
