"""The list of runs, newest first; a double click opens a run and restores its settings."""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path

from PyQt6.QtCore import QItemSelectionModel, QModelIndex, QRect, QSize, Qt, QUrl, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QDesktopServices, QIcon, QPainter, QPixmap
from PyQt6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ptychopinn_app.panels.job_strip import duration
from ptychopinn_app.records import RunEntry
from ptychopinn_app.runs.folder import MOST_LISTED
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import STRETCH, button, current_record, dressed, empty_notice, in_column, in_row

PICTURE = 40
ENTRY = Qt.ItemDataRole.UserRole
STATUS_TOKENS = {
    "done": "success", "stopped": "success", "failed": "error", "running": "accent", "interrupted": "warning",
}  # fmt: skip
KINDS = {
    "train": "Training",
    "reconstruct": "Reconstruction",
    "quick": "Quick look",
    "calibrate": "Probe calibration",
    "refine": "Refinement",
    "report": "Quality report",
}


class _Painter(QStyledItemDelegate):
    """Draws a run as a thumbnail, a title and a line of facts."""

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
        # Only visible runs are drawn, so only their thumbnails are read.
        thumbnail = _thumbnail(entry.thumbnail, entry.status) if entry.thumbnail is not None else None
        if thumbnail is not None:
            thumbnail.paint(painter, frame)
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
    """Lists the runs in the runs folder."""

    openRequested = pyqtSignal(Path)
    settingsRequested = pyqtSignal(Path)
    compareRequested = pyqtSignal(Path, Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = dressed(QListWidget(), name="runsView", spoken="Runs")
        self._list.setAccessibleDescription("Press Enter or double-click to open a run and restore its settings")
        self._list.setItemDelegate(_Painter(self._list))
        self._list.setMouseTracking(True)
        self._list.setUniformItemSizes(True)
        self._list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self._list.itemSelectionChanged.connect(self._enable)
        self._list.itemActivated.connect(self._restore)
        self._list.currentItemChanged.connect(self._enable)
        self._empty = empty_notice("No runs yet. Training and reconstruction runs are listed here.")
        tip = "Open the model or the object of this run"
        self._show = button("Open", lambda: self._request(self.openRequested), tip=tip)
        self._folder = button("Show folder", self._show_folder)
        tip = "Load all settings of this run"
        self._settings = button("Load settings", lambda: self._request(self.settingsRequested), tip=tip)
        tip = "Select two runs with Ctrl or Shift, then compare them  (Ctrl+K)"
        self._compare = button("Compare", self.compare, name="runsCompare", tip=tip)
        buttons = (self._folder, self._settings, self._compare, self._show)
        bar = in_row(STRETCH, *buttons, spacing=8, margins=(12, 6, 12, 6))
        in_column((self._empty, 1), (self._list, 1), bar, of=self, spacing=0, margins=(0, 0, 0, 0))
        self._enable()

    def show_runs(self, entries: tuple[RunEntry, ...]) -> None:
        """Replace the list of runs; the selection is preserved."""
        current = current_record(self._list, RunEntry)
        selected = {entry.path for entry in self._selected()}
        self._list.clear()
        for entry in entries:
            item = QListWidgetItem(entry.title)
            item.setData(ENTRY, entry)
            item.setToolTip(str(entry.path))
            self._list.addItem(item)
            if current is not None and entry.path == current.path:
                self._list.setCurrentItem(item, QItemSelectionModel.SelectionFlag.NoUpdate)
            item.setSelected(entry.path in selected)
        self._list.setVisible(bool(entries))
        self._empty.setVisible(not entries)
        self._enable()

    def count(self) -> int:
        """Return the number of runs."""
        return self._list.count()

    def _selected(self) -> list[RunEntry]:
        entries = [item.data(ENTRY) for item in self._list.selectedItems()]
        return [entry for entry in entries if isinstance(entry, RunEntry)]

    def _enable(self) -> None:
        entry = current_record(self._list, RunEntry)
        self._compare.setEnabled(bool(self._pair()))
        self._folder.setEnabled(entry is not None)
        self._settings.setEnabled(entry is not None)
        self._show.setEnabled(entry is not None and (entry.model_path is not None or entry.has_object))

    def _pair(self) -> list[RunEntry]:
        """Return the two selected runs, the older one first; empty unless exactly two are selected."""
        selected = sorted(self._selected(), key=lambda entry: entry.started)
        return selected if len(selected) == 2 else []

    def compare(self) -> bool:
        """Request a comparison of the two selected runs; return whether exactly two are selected."""
        pair = self._pair()
        if pair:
            self.compareRequested.emit(pair[0].path, pair[1].path)
        return bool(pair)

    def _request(self, signal: pyqtBoundSignal) -> None:
        entry = current_record(self._list, RunEntry)
        if entry is not None:
            signal.emit(entry.path)

    def _restore(self) -> None:
        self._request(self.settingsRequested)
        if self._show.isEnabled():
            self._request(self.openRequested)

    def _show_folder(self) -> None:
        entry = current_record(self._list, RunEntry)
        if entry is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(entry.path)))


@lru_cache(maxsize=MOST_LISTED)
def _thumbnail(path: Path, status: str) -> QIcon | None:
    """Read a run's thumbnail once per status, because the image may change when the run ends."""
    picture = QPixmap(str(path))
    if picture.isNull():
        return None
    mode, ratio = Qt.TransformationMode.SmoothTransformation, Qt.AspectRatioMode.KeepAspectRatioByExpanding
    return QIcon(picture.scaled(2 * PICTURE, 2 * PICTURE, ratio, mode).copy(0, 0, 2 * PICTURE, 2 * PICTURE))


def _facts(entry: RunEntry) -> str:
    when = time.strftime("%d %b %Y, %H:%M", time.localtime(entry.started))
    took = duration(entry.seconds) if entry.seconds is not None else ""
    return "   ·   ".join(part for part in (KINDS.get(entry.kind, entry.kind), when, took, entry.note) if part)
