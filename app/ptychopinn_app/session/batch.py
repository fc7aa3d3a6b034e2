"""Several scans, one after another: reconstructed with the open model, or a quick look at each (no Qt)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn_app.records import Scan

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session


class Batch:
    """Queues a job for each of some files; every job reads its own file and says what is wrong with it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, paths: Sequence[Path]) -> None:
        """Queue a job for each scan."""
        for path in paths:
            self.add_one(path)
        if paths:
            self._session.notified.emit("info", f"{len(paths)} scans are in the queue: {self.words}.")

    def add_one(self, path: Path) -> int:
        """Queue a job for one scan; gives its number in the queue."""
        session, scan = self._session, Scan(path, ScanSummary())
        if session.model is not None:
            return session.queue.add("reconstruct", tell=False, model=session.model, scan=scan)
        return session.queue.add("quick_look", tell=False, scan=scan)

    @property
    def words(self) -> str:
        """Say what is done with each scan."""
        model = self._session.model
        return f"each is reconstructed with {model.title}" if model is not None else "a quick look at each"
