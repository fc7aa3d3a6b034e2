"""The welcome page, shown until something is open: a drop target, three steps, and recent files."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ptychopinn_app.services.text_breaks import shortened
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import STRETCH, IconLabel, button, dressed, in_column, in_row, scrolled, wrapped

STEPS = (
    ("1", "Open a scan", "Drop a scan (NPZ, HDF5, CXI) anywhere in this window."),
    ("2", "Train", "The model learns from the scan itself. Watch the object appear. You can stop at any time."),
    ("3", "Reconstruct and export", "Export amplitude and phase (HDF5, NPZ, TIFF or PNG) and create a quality report."),
)
MOST_RECENT = 4
# A lower page hides the logo and lists fewer recent files.
ROOMY, MOST_RECENT_LOW = 540, 2
WIDTH = 560
LONGEST_NAME = 56


class _Zone(QFrame):
    """Frame whose minimum height fits its wrapped text; a layout alone underestimates that height."""

    def minimumSizeHint(self) -> QSize:
        """Return the fixed width and the height needed at that width."""
        layout = self.layout()
        return QSize(WIDTH, layout.totalHeightForWidth(WIDTH)) if layout is not None else super().minimumSizeHint()


class Welcome(QWidget):
    """The page shown in the central widget while nothing is open."""

    openDataRequested = pyqtSignal()
    openModelRequested = pyqtSignal()
    pathChosen = pyqtSignal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        zone = dressed(_Zone(), role="dropzone")
        zone.setFixedWidth(WIDTH)
        self._column = QVBoxLayout(zone)
        self._column.setSpacing(0)
        self._logo = IconLabel("app", 60)
        self._logo.setFixedHeight(76)
        title = dressed(QLabel("Drop a scan to start"), role="heading")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(self._logo, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(title)
        self._column.addSpacing(20)
        for number, name, text in STEPS:
            self._column.addLayout(_step(number, name, text))
            self._column.addSpacing(12)
        self._column.addSpacing(10)
        data = button("Open data…", self.openDataRequested, role="primary")
        model = button("Open model…", self.openModelRequested)
        self._column.addLayout(in_row(STRETCH, data, model, STRETCH, spacing=10))
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._column.addSpacing(14)
        self._column.addLayout(self._recent)
        inside = QWidget()
        in_column(STRETCH, in_row(STRETCH, zone, STRETCH), STRETCH, of=inside)
        in_column(scrolled(inside), of=self, margins=(0, 0, 0, 0))
        self._paths: list[Path] = []
        self._low = False
        self._use_room()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Hide the logo and some recent files if the page is too short."""
        super().resizeEvent(event)
        if (self.height() < ROOMY) != self._low:
            self._low = not self._low
            self._use_room()
            self.show_recent(self._paths)

    def _use_room(self) -> None:
        self._logo.setVisible(not self._low)
        self._column.setContentsMargins(44, 16 if self._low else 34, 44, 14 if self._low else 30)

    def show_recent(self, paths: list[Path]) -> None:
        """List the first few of the given recent files."""
        self._paths = paths
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if not paths:
            return
        self._recent.addWidget(dressed(QLabel("RECENT"), role="section"))
        for path in paths[: MOST_RECENT_LOW if self._low else MOST_RECENT]:
            name = shortened(path.name, LONGEST_NAME)
            recent = button(name, lambda _, path=path: self.pathChosen.emit(path), role="flat", tip=str(path))
            recent.setIcon(theme().icon("open-model" if path.name.endswith(".zip") else "open-data", "accent"))
            self._recent.addWidget(recent)


def _step(number: str, name: str, text: str) -> QHBoxLayout:
    badge = dressed(QLabel(number), role="figure")
    badge.setFixedWidth(24)
    badge.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
    badge.setEnabled(False)
    texts = in_column(dressed(QLabel(name), role="title"), wrapped(text, "muted"), spacing=2)
    return in_row(badge, (texts, 1), spacing=14)
