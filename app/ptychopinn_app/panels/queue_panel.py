"""The jobs that wait, in their order."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QPushButton, QWidget

from ptychopinn_app.widgets import STRETCH, dressed, in_column, in_row

NUMBER = Qt.ItemDataRole.UserRole


class QueuePanel(QWidget):
    """Shows the queue; every button has a key of its own in the list: Delete, Ctrl+Up, Ctrl+Down."""

    removeRequested = pyqtSignal(int)
    moveRequested = pyqtSignal(int, int)
    pauseRequested = pyqtSignal(bool)
    clearRequested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = dressed(QListWidget(), name="queueView", spoken="Waiting jobs")
        self._list.currentItemChanged.connect(lambda *_: self._enable())
        self._empty = QLabel("No job waits. While one runs, the next ones asked for are kept here.")
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pause = self._button("Pause", "queuePause", "Let the running job end and begin no other", "")
        self._pause.setCheckable(True)
        self._pause.toggled.connect(self.pauseRequested)
        self._up = self._button("Move up", "queueUp", "Sooner", "Ctrl+Up")
        self._up.clicked.connect(lambda: self._move(-1))
        self._down = self._button("Move down", "queueDown", "Later", "Ctrl+Down")
        self._down.clicked.connect(lambda: self._move(1))
        self._remove = self._button("Remove", "queueRemove", "Take the selected job out", "Del")
        self._remove.clicked.connect(self._remove_current)
        self._clear = self._button("Clear", "queueClear", "Forget all waiting jobs", "")
        self._clear.clicked.connect(self.clearRequested)
        bar = in_row(
            self._pause, STRETCH, self._up, self._down, self._remove, self._clear, spacing=8, margins=(12, 6, 12, 6)
        )
        in_column((self._empty, 1), (self._list, 1), bar, of=self, spacing=0, margins=(0, 0, 0, 0))
        self.show_jobs((), False)

    @staticmethod
    def _button(text: str, name: str, tip: str, keys: str) -> QPushButton:
        button = dressed(
            QPushButton(text), name=name, spoken=f"{text} (queue)", tip=f"{tip}  ({keys})" if keys else tip
        )
        if keys:
            button.setShortcut(keys)
        return button

    def show_jobs(self, jobs: tuple[tuple[int, str], ...], paused: bool) -> None:
        """Show the jobs, each with its number and title; the selected one stays selected."""
        chosen = self._number()
        self._list.clear()
        for place, (number, title) in enumerate(jobs, start=1):
            item = QListWidgetItem(f"{place}.  {title}")
            item.setData(NUMBER, number)
            self._list.addItem(item)
            if number == chosen:
                self._list.setCurrentItem(item)
        self._list.setVisible(bool(jobs))
        self._empty.setVisible(not jobs)
        self._pause.setChecked(paused)
        self._pause.setText("Go on" if paused else "Pause")
        self._enable()

    def titles(self) -> list[str]:
        """Give the lines that are shown."""
        items = (self._list.item(row) for row in range(self._list.count()))
        return [item.text() for item in items if item is not None]

    def select(self, row: int) -> None:
        """Select a line."""
        self._list.setCurrentRow(row)

    def _number(self) -> int | None:
        item = self._list.currentItem()
        return item.data(NUMBER) if item is not None else None

    def _move(self, steps: int) -> None:
        number = self._number()
        if number is not None:
            self.moveRequested.emit(number, steps)

    def _remove_current(self) -> None:
        number = self._number()
        if number is not None:
            self.removeRequested.emit(number)

    def _enable(self) -> None:
        row, count = self._list.currentRow(), self._list.count()
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < count - 1)
        self._remove.setEnabled(row >= 0)
        self._clear.setEnabled(count > 0)
