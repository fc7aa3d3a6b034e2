"""The strip shown below the panels while a job runs: phase, progress, time left, Stop and Cancel."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QLabel, QProgressBar, QWidget

from ptychopinn.events import Batch, Epoch, Phase, Sweep
from ptychopinn_app.jobs.job import KEEPS
from ptychopinn_app.views.elided_label import ElidedLabel
from ptychopinn_app.widgets import button, dressed, in_column, in_row

STEPS = 1000


class JobStrip(QFrame):
    """Shows the running job; hidden while no job runs."""

    stopRequested = pyqtSignal()
    cancelRequested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jobStrip")
        self._title = dressed(ElidedLabel(), role="title")
        self._phase = dressed(QLabel(), name="jobPhase", role="muted")
        self._progress = dressed(QProgressBar(), name="jobProgress", spoken="Progress of the job")
        self._progress.setTextVisible(False)
        self._stop = button("Stop and keep", self.stopRequested, tip=KEEPS["train"])
        self._cancel = button("Cancel", self.cancelRequested, role="danger", tip="End the job without saving")
        top = in_row((self._title, 1), self._phase)
        column = in_column(top, self._progress, spacing=6)
        in_row((column, 1), self._stop, self._cancel, of=self, spacing=10, margins=(14, 9, 14, 10))
        self._pace = ""
        self.hide()

    def begin(self, title: str, kind: str) -> None:
        """Show a job that has just started."""
        self._title.setText(title)
        self._pace = ""
        self._progress.setRange(0, 0)
        self._phase.setText("Starting")
        self._stop.setEnabled(True)
        self._cancel.setEnabled(True)
        self._stop.setVisible(kind in KEEPS)
        self._stop.setToolTip(KEEPS.get(kind, ""))
        self.show()

    def show_event(self, event: object) -> None:
        """Show a phase, batch, sweep or epoch event; ignore other events."""
        if isinstance(event, Phase):
            self._progress.setRange(0, 0)
            self._phase.setText(event.text[:1].upper() + event.text[1:])
        elif isinstance(event, Batch):
            done = (event.epoch - 1 + event.batch / max(event.batches, 1)) / max(event.epochs, 1)
            self._show_progress(done, f"epoch {event.epoch} of {event.epochs}, batch {event.batch} of {event.batches}")
        elif isinstance(event, Sweep):
            self._pace = f"  ·  {duration(event.eta_s)} left"
            free = "" if event.r_free is None else f", R free {event.r_free:.4f}"
            text = f"sweep {event.sweep} of {event.sweeps}, R {event.r_factor:.4f}{free}"
            self._show_progress(event.sweep / event.sweeps, text)
        elif isinstance(event, Epoch):
            left = f"  ·  {duration(event.eta_s)} left" if event.eta_s is not None else ""
            self._pace = f"  ·  {event.seconds:.1f} s per epoch{left}"
            self._show_progress(event.epoch / max(event.epochs, 1), f"epoch {event.epoch} of {event.epochs}")

    def show_stopping(self, text: str) -> None:
        """Show that the job is stopping."""
        self._phase.setText(text)
        self._stop.setEnabled(False)
        self._cancel.setEnabled(not text.startswith("Cancel"))
        self._progress.setRange(0, 0)

    def end(self) -> None:
        """Hide the strip."""
        self.hide()

    def percent(self) -> int | None:
        """Return the progress in percent, None while it is unknown."""
        return round(100 * self._progress.value() / STEPS) if self._progress.maximum() == STEPS else None

    def _show_progress(self, fraction: float, text: str) -> None:
        if not self._stop.isEnabled():
            return
        self._progress.setRange(0, STEPS)
        self._progress.setValue(round(STEPS * min(1.0, fraction)))
        self._phase.setText(text + self._pace)


def duration(seconds: float) -> str:
    """Return a duration as text: '45 s', '1:52 min', '2:05 h'."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
