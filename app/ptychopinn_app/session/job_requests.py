"""The jobs that the user asks for: each is queued, or the reason why it cannot start is told (no Qt)."""

from __future__ import annotations

from ptychopinn_app.checks.readiness import Request
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.planned_jobs import (
    CalibrateJob,
    PlannedJob,
    QuickLookJob,
    ReconstructJob,
    RefineJob,
    ReportJob,
    TrainJob,
)
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.state import SessionState


class JobRequests:
    """Queues jobs on what is open."""

    def __init__(self, state: SessionState, messages: Messages, queue: JobQueue) -> None:
        self._state, self._messages, self._queue = state, messages, queue

    def train(self) -> None:
        """Train a model on the open scan."""
        scan, test = self._state.scan, self._state.test_scan
        self._add("train", TrainJob(scan, test) if scan is not None else None)

    def resume(self) -> None:
        """Go on training the open model on the open scan."""
        scan, test = self._state.scan, self._state.test_scan
        self._add("resume", TrainJob(scan, test, self._state.model) if scan is not None else None)

    def reconstruct(self) -> None:
        """Reconstruct the test scan, or the training scan without one, with the open model."""
        scan, model = self._state.target, None if self._queue.trains else self._state.model
        self._add("reconstruct", ReconstructJob(scan, model) if scan is not None else None)

    def quick_look(self) -> None:
        """Show the object after a few sweeps from nothing: do data, probe and positions belong together?"""
        scan = self._state.scan
        self._add("quick", QuickLookJob(scan) if scan is not None else None)

    def calibrate(self) -> None:
        """Find the probe from the data and use it for the next trainings and reconstructions of this scan."""
        scan = self._state.scan
        self._add("calibrate", CalibrateJob(scan) if scan is not None else None)

    def refine(self) -> None:
        """Go on from the shown object by sweeps over its patterns."""
        self._on_result("refine", RefineJob)

    def report(self) -> None:
        """Judge the shown object: R of every pattern, coverage, halves of the scan against each other."""
        self._on_result("report", ReportJob)

    def _on_result(self, request: Request, kind: type[RefineJob] | type[ReportJob]) -> None:
        scan, result = self._state.target, self._state.result
        if scan is None or result is None:
            self._add(request, None)
        else:
            self._add(request, kind(scan, result.run_dir / runs.OBJECT_FILE))

    def _add(self, request: Request, job: PlannedJob | None) -> None:
        reason = self._queue.why_not(request)
        if reason or job is None:
            self._messages.warn(reason)
        else:
            self._queue.add(job)
