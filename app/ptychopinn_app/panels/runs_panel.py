"""The list of runs, newest first; a double click opens one and restores its settings."""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path

from PyQt6.QtCore import QItemSelectionModel, QModelIndex, QRect, QSize, Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices, QIcon, QPainter, QPixmap
from PyQt6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ptychopinn_app.panels.job_strip import duration
from ptychopinn_app.records import RunEntry
from ptychopinn_app.runs.folder import MOST_LISTED
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import STRETCH, dressed, in_column, in_row

PICTURE = 40
ENTRY = Qt.ItemDataRole.UserRole
STATUS_TOKENS = {
    "done": "success",
    "stopped": "success",
    "failed": "error",
    "running": "accent",
    "interrupted": "warning",
}
KINDS = {
    "train": "Training",
    "reconstruct": "Reconstruction",
    "quick": "Quick look",
    "calibrate": "Probe calibration",
    "refine": "Refinement",
    "report": "Quality report",
}


class _Painter(QStyledItemDelegate):
    """Draws a run as picture, title, and a line of facts."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(200, PICTURE + 16)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        entry = index.data(ENTRY)
        if painter is None or not isinstance(entry, RunEntry):
            return
        colours = theme()
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, colours.colour("selection"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, colours.colour("hover"))
        frame = QRect(option.rect.left() + 14, option.rect.top() + 8, PICTURE, PICTURE)
        # Only runs in sight are drawn, so only their pictures are read.
        picture = _picture(entry.thumbnail, entry.status) if entry.thumbnail is not None else None
        if picture is not None:
            picture.paint(painter, frame)
        else:
            kind = "train" if entry.kind == "train" else "reconstruct"
            colours.icon(kind, "text-muted").paint(painter, frame.adjusted(8, 8, -8, -8))
        left = frame.right() + 14
        right = option.rect.right() - 120
        upper = QRect(left, option.rect.top() + 9, right - left, 20)
        lower = QRect(left, option.rect.top() + 29, right - left, 18)
        font = painter.font()
        painter.setPen(colours.colour("text"))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        metrics = painter.fontMetrics()
        painter.drawText(upper, flags, metrics.elidedText(entry.title, Qt.TextElideMode.ElideMiddle, upper.width()))
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(colours.colour("text-muted"))
        painter.drawText(lower, flags, _facts(entry))
        status = QRect(right, option.rect.top(), 106, option.rect.height())
        painter.setPen(colours.colour(STATUS_TOKENS.get(entry.status, "text-muted")))
        painter.drawText(status, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, entry.status)
        painter.restore()


class RunsPanel(QWidget):
    """Shows the runs folder."""

    openRequested = pyqtSignal(Path)
    settingsRequested = pyqtSignal(Path)
    compareRequested = pyqtSignal(Path, Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = dressed(QListWidget(), name="runsView", spoken="Runs")
        self._list.setAccessibleDescription("Enter or a double click opens a run and restores its settings")
        self._list.setItemDelegate(_Painter(self._list))
        self._list.setMouseTracking(True)
        self._list.setUniformItemSizes(True)
        self._list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self._list.itemSelectionChanged.connect(self._enable)
        self._list.itemActivated.connect(self._restore)
        self._list.currentItemChanged.connect(self._enable)
        self._empty = QLabel("No runs yet. Each training and each reconstruction gets a folder, listed here.")
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._show = dressed(QPushButton("Open"), tip="Open the model or the object of the run")
        self._show.clicked.connect(self._open)
        self._folder = QPushButton("Show folder")
        self._folder.clicked.connect(self._show_folder)
        self._settings = QPushButton("Use its settings")
        self._settings.setToolTip("Put all settings to those that the run was made with")
        self._settings.clicked.connect(self._use_settings)
        self._compare = QPushButton("Compare")
        self._compare.setObjectName("runsCompare")
        self._compare.setToolTip("Select two runs (Ctrl or Shift and a click or the arrows) to compare them  (Ctrl+K)")
        self._compare.clicked.connect(lambda _: self.compare())
        bar = in_row(
            STRETCH, self._folder, self._settings, self._compare, self._show, spacing=8, margins=(12, 6, 12, 6)
        )
        in_column((self._empty, 1), (self._list, 1), bar, of=self, spacing=0, margins=(0, 0, 0, 0))
        self._enable()

    def show_runs(self, entries: tuple[RunEntry, ...]) -> None:
        """Show a list of runs; the selected one stays selected."""
        chosen = self._chosen()
        selected = {
            entry.path for item in self._list.selectedItems() if isinstance(entry := item.data(ENTRY), RunEntry)
        }
        self._list.clear()
        for entry in entries:
            item = QListWidgetItem(entry.title)
            item.setData(ENTRY, entry)
            item.setToolTip(str(entry.path))
            self._list.addItem(item)
            if chosen is not None and entry.path == chosen.path:
                self._list.setCurrentItem(item, QItemSelectionModel.SelectionFlag.NoUpdate)
            item.setSelected(entry.path in selected)
        self._list.setVisible(bool(entries))
        self._empty.setVisible(not entries)
        self._enable()

    def count(self) -> int:
        """Give the number of runs."""
        return self._list.count()

    def _chosen(self) -> RunEntry | None:
        item = self._list.currentItem()
        entry = item.data(ENTRY) if item is not None else None
        return entry if isinstance(entry, RunEntry) else None

    def _enable(self) -> None:
        entry = self._chosen()
        self._compare.setEnabled(bool(self._pair()))
        self._folder.setEnabled(entry is not None)
        self._settings.setEnabled(entry is not None)
        self._show.setEnabled(entry is not None and (entry.model_path is not None or entry.has_object))

    def _pair(self) -> list[RunEntry]:
        """Give the two selected runs, the older one first; nothing unless there are two."""
        entries = [item.data(ENTRY) for item in self._list.selectedItems()]
        chosen = sorted((each for each in entries if isinstance(each, RunEntry)), key=lambda each: each.started)
        return chosen if len(chosen) == 2 else []

    def compare(self) -> bool:
        """Ask for a comparison of the two selected runs; gives whether two are selected."""
        pair = self._pair()
        if pair:
            self.compareRequested.emit(pair[0].path, pair[1].path)
        return bool(pair)

    def _open(self) -> None:
        entry = self._chosen()
        if entry is not None:
            self.openRequested.emit(entry.path)

    def _restore(self) -> None:
        self._use_settings()
        if self._show.isEnabled():
            self._open()

    def _use_settings(self) -> None:
        entry = self._chosen()
        if entry is not None:
            self.settingsRequested.emit(entry.path)

    def _show_folder(self) -> None:
        entry = self._chosen()
        if entry is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(entry.path)))


@lru_cache(maxsize=MOST_LISTED)
def _picture(path: Path, status: str) -> QIcon | None:
    """Read the picture of a run once; a run that ends may have another one than while it ran."""
    picture = QPixmap(str(path))
    if picture.isNull():
        return None
    mode, ratio = Qt.TransformationMode.SmoothTransformation, Qt.AspectRatioMode.KeepAspectRatioByExpanding
    return QIcon(picture.scaled(2 * PICTURE, 2 * PICTURE, ratio, mode).copy(0, 0, 2 * PICTURE, 2 * PICTURE))


def _facts(entry: RunEntry) -> str:
    when = time.strftime("%d %b %Y, %H:%M", time.localtime(entry.started))
    took = duration(entry.seconds) if entry.seconds is not None else ""
    return "   ·   ".join(part for part in (KINDS.get(entry.kind, entry.kind), when, took, entry.note) if part)
