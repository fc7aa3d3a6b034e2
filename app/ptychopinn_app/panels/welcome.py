"""What the centre shows before anything is open: a drop target, three lines of help, and recent files."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ptychopinn_app.theme import theme

STEPS = (
    ("1", "Open a scan", "Drop an NPZ file anywhere in this window."),
    ("2", "Train", "The model learns from the scan itself. Watch the object appear, stop when you like."),
    ("3", "Reconstruct and export", "Get amplitude and phase with a quality report, as HDF5, NPZ, TIFF or PNG."),
)
MOST_RECENT = 4
WIDTH = 560


class Welcome(QWidget):
    """Empty state of the centre."""

    openDataRequested = pyqtSignal()
    openModelRequested = pyqtSignal()
    pathChosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        zone = QFrame()
        zone.setProperty("role", "dropzone")
        zone.setFixedWidth(WIDTH)
        self._column = QVBoxLayout(zone)
        self._column.setContentsMargins(44, 34, 44, 30)
        self._column.setSpacing(0)
        self._logo = QLabel()
        self._logo.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._logo.setMinimumHeight(64)
        title = QLabel("Drop a scan to begin")
        title.setProperty("role", "heading")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(self._logo)
        self._column.addSpacing(12)
        self._column.addWidget(title)
        self._column.addSpacing(20)
        for number, name, text in STEPS:
            self._column.addLayout(_step(number, name, text))
            self._column.addSpacing(12)
        self._column.addSpacing(10)
        self._column.addLayout(self._buttons())
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._column.addSpacing(14)
        self._column.addLayout(self._recent)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(zone)
        across.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        outer.addLayout(across)
        outer.addStretch(1)
        theme().changed.connect(self.refresh_icons)
        self.refresh_icons()

    def _buttons(self) -> QHBoxLayout:
        data = QPushButton("Open data…")
        data.setProperty("role", "primary")
        data.clicked.connect(self.openDataRequested)
        model = QPushButton("Open model…")
        model.clicked.connect(self.openModelRequested)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addStretch(1)
        row.addWidget(data)
        row.addWidget(model)
        row.addStretch(1)
        return row

    def show_recent(self, paths: list[Path]) -> None:
        """List recent files that still exist."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if not paths:
            return
        head = QLabel("RECENT")
        head.setProperty("role", "section")
        self._recent.addWidget(head)
        for path in paths[:MOST_RECENT]:
            button = QPushButton(path.name)
            button.setIcon(theme().icon("open-model" if path.name.endswith(".zip") else "open-data", "accent"))
            button.setProperty("role", "flat")
            button.setToolTip(str(path))
            button.clicked.connect(lambda _, path=path: self.pathChosen.emit(path))
            self._recent.addWidget(button)

    def refresh_icons(self) -> None:
        """Draw the logo for the present screen."""
        self._logo.setPixmap(theme().pixmap("app", 60))


def _step(number: str, name: str, text: str) -> QHBoxLayout:
    badge = QLabel(number)
    badge.setProperty("role", "figure")
    badge.setFixedWidth(24)
    badge.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
    badge.setEnabled(False)
    title = QLabel(name)
    title.setProperty("role", "title")
    help_text = QLabel(text)
    help_text.setProperty("role", "muted")
    help_text.setWordWrap(True)
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(title)
    words.addWidget(help_text)
    row = QHBoxLayout()
    row.setSpacing(14)
    row.addWidget(badge)
    row.addLayout(words, 1)
    return row
