"""The status bar: value under the pointer, memory of the job, watched folder, model."""

from __future__ import annotations

from PyQt6.QtWidgets import QLabel, QStatusBar, QWidget

from ptychopinn_app.widgets import dressed


class StatusBar(QStatusBar):
    """Has one label per item shown; the memory and watched-folder labels are hidden while empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cursor_value = dressed(QLabel(), name="statusCursor", spoken="Value under the pointer")
        self.memory = dressed(QLabel(), name="statusMemory", spoken="Memory of the running job")
        self.watch = dressed(QLabel(), name="statusWatch", spoken="Watched folder")
        self.model = dressed(QLabel("no model"), name="statusModel")
        self.setSizeGripEnabled(False)
        self.addWidget(self.cursor_value, 1)
        for label in (self.memory, self.watch, self.model):
            self.addPermanentWidget(label)
        self.memory.hide()
        self.watch.hide()
