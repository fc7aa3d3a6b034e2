"""What the centre shows before anything is open: a drop target, three lines of help, and recent files."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ptychopinn_app.services.text_breaks import shortened
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import STRETCH, dressed, in_column, in_row

STEPS = (
    ("1", "Open a scan", "Drop an NPZ file anywhere in this window."),
    ("2", "Train", "The model learns from the scan itself. Watch the object appear, stop when you like."),
    ("3", "Reconstruct and export", "Get amplitude and phase with a quality report, as HDF5, NPZ, TIFF or PNG."),
)
MOST_RECENT = 4
# In a window that is lower than this the logo gives its place to the recent files, and fewer of them are listed.
ROOMY, MOST_RECENT_LOW = 540, 2
WIDTH = 560
LONGEST_NAME = 56


class _Zone(QFrame):
    """Asks for the height of its words at its width; a layout alone takes wrapped ones for fewer lines."""

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        return QSize(WIDTH, layout.totalHeightForWidth(WIDTH)) if layout is not None else super().minimumSizeHint()


class Welcome(QWidget):
    """Empty state of the centre."""

    openDataRequested = pyqtSignal()
    openModelRequested = pyqtSignal()
    pathChosen = pyqtSignal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        zone = _Zone()
        zone.setProperty("role", "dropzone")
        zone.setFixedWidth(WIDTH)
        self._column = QVBoxLayout(zone)
        self._column.setSpacing(0)
        self._logo = QLabel()
        self._logo.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._logo.setMinimumHeight(76)
        title = dressed(QLabel("Drop a scan to begin"), role="heading")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._logo.setContentsMargins(0, 0, 0, 12)
        self._column.addWidget(self._logo)
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
        across = in_row(STRETCH, zone, STRETCH)
        inside = QWidget()
        in_column(STRETCH, across, STRETCH, of=inside)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        in_column(scroll, of=self, margins=(0, 0, 0, 0))
        self._paths: list[Path] = []
        self._low = False
        self._use_room()
        theme().changed.connect(self.refresh_icons)
        self.refresh_icons()

    def _buttons(self) -> QHBoxLayout:
        data = dressed(QPushButton("Open data…"), role="primary")
        data.clicked.connect(self.openDataRequested)
        model = QPushButton("Open model…")
        model.clicked.connect(self.openModelRequested)
        return in_row(STRETCH, data, model, STRETCH, spacing=10)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave things out where they would not fit."""
        super().resizeEvent(event)
        if (self.height() < ROOMY) != self._low:
            self._low = not self._low
            self._use_room()
            self.show_recent(self._paths)

    def _use_room(self) -> None:
        self._logo.setVisible(not self._low)
        self._column.setContentsMargins(44, 16 if self._low else 34, 44, 14 if self._low else 30)

    def show_recent(self, paths: list[Path]) -> None:
        """List recent files that still exist."""
        self._paths = paths
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if not paths:
            return
        head = dressed(QLabel("RECENT"), role="section")
        self._recent.addWidget(head)
        for path in paths[: MOST_RECENT_LOW if self._low else MOST_RECENT]:
            button = dressed(QPushButton(shortened(path.name, LONGEST_NAME)), role="flat", tip=str(path))
            button.setIcon(theme().icon("open-model" if path.name.endswith(".zip") else "open-data", "accent"))
            button.clicked.connect(lambda _, path=path: self.pathChosen.emit(path))
            self._recent.addWidget(button)

    def refresh_icons(self) -> None:
        """Draw the logo for the present screen."""
        self._logo.setPixmap(theme().pixmap("app", 60))


def _step(number: str, name: str, text: str) -> QHBoxLayout:
    badge = dressed(QLabel(number), role="figure")
    badge.setFixedWidth(24)
    badge.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
    badge.setEnabled(False)
    title = dressed(QLabel(name), role="title")
    help_text = dressed(QLabel(text), role="muted")
    help_text.setWordWrap(True)
    words = in_column(title, help_text, spacing=2)
    return in_row(badge, (words, 1), spacing=14)
