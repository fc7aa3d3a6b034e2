"""Several scans, one after another: reconstructed with the open model, or a quick look at each (no Qt)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn_app.records import Scan
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.planned_jobs import QuickLookJob, ReconstructJob
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.state import SessionState


class Batch:
    """Queues a job for each of some files; every job reads its own file and says what is wrong with it."""

    def __init__(self, state: SessionState, messages: Messages, queue: JobQueue) -> None:
        self._state, self._messages, self._queue = state, messages, queue

    def add(self, paths: Sequence[Path]) -> None:
        """Queue a job for each scan."""
        for path in paths:
            self.add_one(path)
        if paths:
            self._messages.info(f"{len(paths)} scans are in the queue: {self.words}.")

    def add_one(self, path: Path) -> int:
        """Queue a job for one scan; returns its number in the queue."""
        scan, model = Scan(path, ScanSummary()), self._state.model
        return self._queue.add(ReconstructJob(scan, model) if model is not None else QuickLookJob(scan), tell=False)

    @property
    def words(self) -> str:
        """Say what is done with each scan."""
        model = self._state.model
        return f"each is reconstructed with {model.title}" if model is not None else "a quick look at each"
