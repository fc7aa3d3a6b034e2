"""The jobs that the user requests: queue each, or show why it cannot start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ptychopinn_app.checks.readiness import Request
from ptychopinn_app.records import Scan
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session import planned_jobs as jobs
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.state import SessionState


class JobRequests:
    """Queues jobs for the open scans, model and result."""

    def __init__(self, state: SessionState, messages: Messages, queue: JobQueue) -> None:
        self._state, self._messages, self._queue = state, messages, queue

    def train(self) -> None:
        """Train a model on the open scan."""
        self._add("train", self._state.scan, lambda scan: jobs.TrainJob(scan, self._state.test_scan))

    def resume(self) -> None:
        """Resume the training of the open model on the open scan."""
        state = self._state
        self._add("resume", state.scan, lambda scan: jobs.TrainJob(scan, state.test_scan, state.model))

    def reconstruct(self) -> None:
        """Reconstruct the test scan, or the training scan without one, with the open model."""
        model = None if self._queue.trains else self._state.model
        self._add("reconstruct", self._state.target, lambda scan: jobs.ReconstructJob(scan, model))

    def quick_look(self) -> None:
        """Reconstruct with a few sweeps from an empty object, to check that data, probe and positions fit."""
        self._add("quick", self._state.scan, jobs.QuickLookJob)

    def calibrate(self) -> None:
        """Retrieve the probe from the data, for the next trainings and reconstructions of this scan."""
        self._add("calibrate", self._state.scan, jobs.CalibrateJob)

    def refine(self) -> None:
        """Improve the shown object by sweeps over its patterns."""
        self._add_on_result("refine", jobs.RefineJob)

    def report(self) -> None:
        """Judge the shown object: R of every pattern, coverage, agreement of two halves of the scan."""
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
