"""The waiting jobs, in order."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtBoundSignal, pyqtSignal
from PyQt6.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QWidget

from ptychopinn_app.widgets import STRETCH, Slot, button, current_record, dressed, empty_notice, in_column, in_row


class QueuePanel(QWidget):
    """Shows the queue; while the panel is visible, Delete, Ctrl+Up and Ctrl+Down act on the selected job."""

    removeRequested = pyqtSignal(int)
    moveRequested = pyqtSignal(int, int)
    pauseRequested = pyqtSignal(bool)
    clearRequested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = dressed(QListWidget(), name="queueView", spoken="Waiting jobs")
        self._list.currentItemChanged.connect(lambda *_: self._enable())
        self._empty = empty_notice("The queue is empty. While a job is running, further jobs wait here.")
        self._pause = _button("Pause", "queuePause", "Pause the queue after the current job", self.pauseRequested)
        self._pause.setCheckable(True)
        tip = "Run the selected job earlier"
        self._up = _button("Move up", "queueUp", tip, lambda: self._request(self.moveRequested, -1), "Ctrl+Up")
        tip = "Run the selected job later"
        self._down = _button("Move down", "queueDown", tip, lambda: self._request(self.moveRequested, 1), "Ctrl+Down")
        tip = "Remove the selected job from the queue"
        self._remove = _button("Remove", "queueRemove", tip, lambda: self._request(self.removeRequested), "Del")
        self._clear = _button("Clear", "queueClear", "Remove all waiting jobs", self.clearRequested)
        buttons = (self._pause, STRETCH, self._up, self._down, self._remove, self._clear)
        bar = in_row(*buttons, spacing=8, margins=(12, 6, 12, 6))
        in_column((self._empty, 1), (self._list, 1), bar, of=self, spacing=0, margins=(0, 0, 0, 0))
        self.show_jobs((), False)

    def show_jobs(self, jobs: tuple[tuple[int, str], ...], paused: bool) -> None:
        """Show the jobs, each with its number and title; the selection is preserved."""
        selected = current_record(self._list, int)
        self._list.clear()
        for place, (number, title) in enumerate(jobs, start=1):
            item = QListWidgetItem(f"{place}.  {title}")
            item.setData(Qt.ItemDataRole.UserRole, number)
            self._list.addItem(item)
            if number == selected:
                self._list.setCurrentItem(item)
        self._list.setVisible(bool(jobs))
        self._empty.setVisible(not jobs)
        self._pause.setChecked(paused)
        self._pause.setText("Resume" if paused else "Pause")
        self._enable()

    def _request(self, signal: pyqtBoundSignal, *arguments: int) -> None:
        number = current_record(self._list, int)
        if number is not None:
            signal.emit(number, *arguments)

    def _enable(self) -> None:
        row, count = self._list.currentRow(), self._list.count()
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < count - 1)
        self._remove.setEnabled(row >= 0)
        self._clear.setEnabled(count > 0)


def _button(text: str, name: str, tip: str, pressed: Slot, keys: str = "") -> QPushButton:
    tip = f"{tip}  ({keys})" if keys else tip
    made = button(text, pressed, name=name, spoken=f"{text} (queue)", tip=tip)
    made.setShortcut(keys)
    return made
