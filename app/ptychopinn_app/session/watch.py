"""Watch a folder: scans that arrive in it are queued, with the open model or as quick looks."""

from __future__ import annotations

import time
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn.workflow.arrivals import Arrivals, Stamp, scan_stamps
from ptychopinn_app.jobs.call import call
from ptychopinn_app.jobs.failure import JobFailure
from ptychopinn_app.services.timers import repeated
from ptychopinn_app.session.batch import Batch
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.queue import JobQueue

POLL_MS = 1000


class Watch(QObject):
    """Looks once a second, in a short task; a folder on a slow disk does not hold up the window."""

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
        """Watch a folder; what lies there already is left out."""
        self.stop()
        self.folder, self.arrived, self._arrivals = folder, 0, None
        self._timer.start()
        self._look()
        self.changed.emit()

    def stop(self) -> None:
        """Watch no more; what is queued stays queued."""
        self._timer.stop()
        self.folder = None
        self._failing = False
        self.changed.emit()

    def words(self) -> str:
        """Say what goes on; empty when nothing is watched."""
        if self.folder is None:
            return ""
        waiting = len(self._queue.waiting)
        parts = [f"Watching {self.folder.name}", f"{self.arrived} arrived"]
        parts += [f"{waiting} waiting"] if waiting else []
        return ", ".join(parts)

    def _look(self) -> None:
        folder = self.folder
        if folder is None or self._looking:
            return
        self._looking = True

        def done(stamps: dict[Path, Stamp]) -> None:
            self._looking = False
            if folder == self.folder:
                self._failing = False
                self._take(stamps)

        def failed(failure: JobFailure) -> None:
            self._looking = False
            if folder == self.folder and not self._failing:
                # Told once: a share may be away for an hour and come back.
                self._failing = True
                self._messages.refuse(f"{folder.name} cannot be watched at the moment: {failure.summary}")

        self._messages.request(call(scan_stamps, folder), done, failed)

    def _take(self, stamps: dict[Path, Stamp]) -> None:
        if self._arrivals is None:
            self._arrivals = Arrivals(stamps)
            there = f" {len(stamps)} scans that are there already are left out." if stamps else ""
            words = f"Watching {self.folder}: {self._batch.words}.{there}"
            self._messages.info(words)
            return
        for path in self._arrivals.look(stamps, time.monotonic()):
            self._messages.log.note("info", f"{path.name} has arrived")
            self._batch.add_one(path)
            self.arrived += 1
            self.changed.emit()
