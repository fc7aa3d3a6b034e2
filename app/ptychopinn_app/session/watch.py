"""Watch a folder: scans that arrive in it are queued, with the open model or as quick looks."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from ptychopinn.workflow.arrivals import Arrivals, Stamp
from ptychopinn_app.jobs.spec import JobFailure

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session

POLL_MS = 1000


class Watch(QObject):
    """Looks once a second, in the helper; a folder on a slow disk does not hold up the window."""

    changed = pyqtSignal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.folder: Path | None = None
        self.arrived = 0
        self._arrivals: Arrivals | None = None
        self._asked = False
        self._failing = False
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._ask)

    def start(self, folder: Path) -> None:
        """Watch a folder; what lies there already is left out."""
        self.stop()
        self.folder, self.arrived, self._arrivals = folder, 0, None
        self._timer.start()
        self._ask()
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
        waiting = len(self._session.queue.waiting)
        parts = [f"Watching {self.folder.name}", f"{self.arrived} arrived"]
        parts += [f"{waiting} waiting"] if waiting else []
        return ", ".join(parts)

    def _ask(self) -> None:
        folder = self.folder
        if folder is None or self._asked:
            return
        self._asked = True

        def done(stamps: dict[Path, Stamp]) -> None:
            self._asked = False
            if folder == self.folder:
                self._failing = False
                self._take(stamps)

        def failed(failure: JobFailure) -> None:
            self._asked = False
            if folder == self.folder and not self._failing:
                # Told once: a share may be away for an hour and come back.
                self._failing = True
                self._session.refuse(f"{folder.name} cannot be watched at the moment: {failure.summary}")

        self._session.helper.request("ptychopinn_app.jobs.light_tasks:list_scans", {"folder": folder}, done, failed)

    def _take(self, stamps: dict[Path, Stamp]) -> None:
        if self._arrivals is None:
            self._arrivals = Arrivals(stamps)
            there = f" {len(stamps)} scans that are there already are left out." if stamps else ""
            words = f"Watching {self.folder}: {self._session.batch.words}.{there}"
            self._session.notified.emit("info", words)
            return
        for path in self._arrivals.look(stamps, time.monotonic()):
            self._session.log.note("info", f"{path.name} has arrived")
            self._session.batch.add_one(path)
            self.arrived += 1
            self.changed.emit()
