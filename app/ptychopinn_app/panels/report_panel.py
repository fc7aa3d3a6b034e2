"""The report of a reconstruction: how well the object explains the data, and how well it meets the truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtCore import QPoint, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ptychopinn_app.panels.job_strip import duration
from ptychopinn_app.records import ObjectResult
from ptychopinn_app.widgets import STRETCH, dressed, in_column, in_row

NAMES = {
    "data": "Data",
    "model": "Model",
    "sweeps": "Iterative sweeps",
    "amplitude_psnr_db": "PSNR of the amplitude (dB)",
    "phase_psnr_db": "PSNR of the phase (dB)",
    "amplitude_ssim": "SSIM of the amplitude",
    "phase_ssim": "SSIM of the phase",
}

# Left free above a page that is scrolled to.
PAGE_MARGIN = 12


class _Page(QWidget):
    """A picture as wide as the view, never larger than it is."""

    def __init__(self, picture: QPixmap) -> None:
        super().__init__()
        self.setObjectName("reportPage")
        self.picture = picture

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        width = min(self.width(), self.picture.width())
        self.setMinimumHeight(width * self.picture.height() // max(self.picture.width(), 1))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        width = min(self.width(), self.picture.width())
        height = width * self.picture.height() // max(self.picture.width(), 1)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(QRect((self.width() - width) // 2, 0, width, height), self.picture)
        painter.end()


class ReportPanel(QScrollArea):
    """Cards with the figures of a report."""

    exportRequested = pyqtSignal()
    reportRequested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reportView")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._result: ObjectResult | None = None
        self._to_page = False
        bar = self.verticalScrollBar()
        if bar is not None:
            # The page takes its height in several steps of the layout, each with a new range.
            bar.rangeChanged.connect(lambda *_: self._scroll_to_page())
            bar.actionTriggered.connect(lambda _: self._stay())

    def show_result(self, result: ObjectResult, page: Path | None = None) -> None:
        """Show the report of a result, and below it the page of a quality report that lies with it."""
        self._result, self._to_page = result, False
        body, column = self._figures_of(result)
        if page is not None:
            column.insertWidget(column.count() - 1, _page(page))
        self.setWidget(body)

    def show_page(self, path: Path, about: Path | None = None) -> None:
        """Show the page of a quality report, below the figures of the shown result if it is about that.

        Parameters
        ----------
        about : folder of the result that the page judges, None when unknown
        """
        page = _page(path)
        if self._result is None or about != self._result.run_dir:
            self.setWidget(page)
            return
        body, column = self._figures_of(self._result)
        column.insertWidget(column.count() - 1, page)
        self.setWidget(body)
        self._to_page = True
        self._scroll_to_page()

    def _stay(self) -> None:
        """Leave the place to who scrolls."""
        self._to_page = False

    def _scroll_to_page(self) -> None:
        """Put the page in sight, as that is what was asked for; the figures are a turn of the wheel above it."""
        bar, body, page = self.verticalScrollBar(), self.widget(), self.findChild(_Page)
        if self._to_page and bar is not None and body is not None and page is not None and page is not body:
            bar.setValue(page.mapTo(body, QPoint(0, 0)).y() - PAGE_MARGIN)

    def _figures_of(self, result: ObjectResult) -> tuple[QWidget, QVBoxLayout]:
        body = QWidget()
        column = in_column(of=body, spacing=18, margins=(28, 22, 28, 22))
        heading = dressed(QLabel("Report"), role="heading")
        where = dressed(QLabel(str(result.run_dir)), role="muted")
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        export = QPushButton("Export product…")
        export.clicked.connect(self.exportRequested)
        more = QPushButton("Quality report…")
        more.setObjectName("qualityReportButton")
        more.setToolTip("R of every pattern, coverage, halves of the scan against each other; takes some seconds")
        more.clicked.connect(self.reportRequested)
        top = in_row(heading, STRETCH, more, export)
        column.addLayout(top)
        column.addWidget(where)
        column.addLayout(_headline_cards(result))
        rows = _figures(result.report)
        if rows:
            column.addWidget(_table(rows))
        for notice in _notices(result.report):
            label = dressed(QLabel(f"Note: {notice}"), role="muted")
            label.setWordWrap(True)
            column.addWidget(label)
        column.addStretch(1)
        return body, column


def _page(path: Path) -> _Page:
    page = _Page(QPixmap(str(path)))
    page.setAccessibleName(f"Quality report {path}")
    return page


def _headline_cards(result: ObjectResult) -> QHBoxLayout:
    report = result.report
    rows, columns = result.amplitude.shape
    cards = [
        ("R-factor", _figure(report.get("r_factor")), "0 would explain the data fully"),
        ("Noise floor", _figure(report.get("noise_floor")), "R that counting noise alone gives"),
        ("Object", f"{rows} × {columns}", "pixels"),
        ("Patterns", _text(report.get("patterns")), _time(report.get("seconds"))),
    ]
    line = QHBoxLayout()
    line.setSpacing(12)
    for name, value, note in cards:
        line.addWidget(_card(name, value, note), 1)
    return line


def _card(name: str, value: str, note: str) -> QFrame:
    card = dressed(QFrame(), role="card")
    column = in_column(of=card, spacing=3, margins=(16, 13, 16, 13))
    for text, role in ((name.upper(), "section"), (value, "figure"), (note, "small")):
        label = dressed(QLabel(text), role=role)
        column.addWidget(label)
    return card


def _table(rows: list[tuple[str, str]]) -> QFrame:
    card = dressed(QFrame(), role="card")
    grid = QGridLayout(card)
    grid.setContentsMargins(16, 14, 16, 14)
    grid.setHorizontalSpacing(28)
    grid.setVerticalSpacing(7)
    grid.setColumnStretch(1, 1)
    for number, (name, value) in enumerate(rows):
        label = dressed(QLabel(name), role="muted")
        grid.addWidget(label, number, 0)
        grid.addWidget(QLabel(value), number, 1)
    return card


def _figures(report: Mapping[str, object]) -> list[tuple[str, str]]:
    """List the plain figures that are not on the cards, those against the truth included."""
    # The sweeps that were made say more than those that were allowed.
    elsewhere = {"r_factor", "noise_floor", "patterns", "seconds", "object_shape", "refine_sweeps"}
    rows = []
    for key, value in report.items():
        if isinstance(value, Mapping):
            rows += [(_name(str(name)), _text(each)) for name, each in value.items() if _plain(each)]
        elif key not in elsewhere and _plain(value):
            rows.append((_name(key), _text(value)))
    return rows


def _notices(report: Mapping[str, object]) -> list[str]:
    notices = report.get("notices")
    return [str(notice) for notice in notices] if isinstance(notices, list | tuple) else []


def _plain(value: object) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _name(key: str) -> str:
    return NAMES.get(key, key.replace("_", " "))


def _text(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else ("–" if value is None else str(value))


def _figure(value: object) -> str:
    """Write an R as everywhere else."""
    return f"{value:.4f}" if isinstance(value, float) else _text(value)


def _time(value: object) -> str:
    return f"reconstructed in {duration(value)}" if isinstance(value, int | float) else ""
