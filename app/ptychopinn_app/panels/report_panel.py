"""The report of a reconstruction: the fit to the data and, if the true object is known, the deviation from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtCore import QPoint, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QWidget

from ptychopinn_app.panels.job_strip import duration
from ptychopinn_app.records import ObjectResult
from ptychopinn_app.widgets import STRETCH, button, dressed, in_column, in_row, pair_grid, wrapped

NAMES = {
    "data": "Data",
    "model": "Model",
    "sweeps": "Sweeps",
    "amplitude_psnr_db": "Amplitude PSNR (dB)",
    "phase_psnr_db": "Phase PSNR (dB)",
    "amplitude_ssim": "Amplitude SSIM",
    "phase_ssim": "Phase SSIM",
}
PAGE_MARGIN = 12
"""Space above the page after scrolling to it, in pixels."""


class _Page(QWidget):
    """An image that shrinks with the view and is never enlarged."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        dressed(self, name="reportPage", spoken=f"Quality report {path}")
        self.picture = QPixmap(str(path))

    def _place(self) -> QRect:
        width = min(self.width(), self.picture.width())
        height = width * self.picture.height() // max(self.picture.width(), 1)
        return QRect((self.width() - width) // 2, 0, width, height)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.setMinimumHeight(self._place().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(self._place(), self.picture)
        painter.end()


class ReportPanel(QScrollArea):
    """Shows a report's key figures on cards and, below them, the page of a quality report."""

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
            # The layout sets the height of the page in several steps, each with a new range.
            bar.rangeChanged.connect(lambda *_: self._scroll_to_page())
            bar.actionTriggered.connect(lambda _: self._keep_position())

    def show_result(self, result: ObjectResult, page: Path | None = None) -> None:
        """Show a result's key figures and, below them, the page of its quality report, if it has one."""
        self._result, self._to_page = result, False
        self.setWidget(self._figures_of(result, _Page(page) if page is not None else None))

    def show_page(self, path: Path, about: Path | None = None) -> None:
        """Show a quality report page; if it assesses the current result, keep that result's figures above the page.

        Parameters
        ----------
        about : folder of the result that the page assesses, None if unknown
        """
        page = _Page(path)
        if self._result is None or about != self._result.run_dir:
            self.setWidget(page)
            return
        self.setWidget(self._figures_of(self._result, page))
        self._to_page = True
        self._scroll_to_page()

    def _keep_position(self) -> None:
        """Keep the user's scroll position instead of scrolling to the page."""
        self._to_page = False

    def _scroll_to_page(self) -> None:
        """If requested, scroll to the quality report page below the figures."""
        bar, body, page = self.verticalScrollBar(), self.widget(), self.findChild(_Page)
        if self._to_page and bar is not None and body is not None and page is not None and page is not body:
            bar.setValue(page.mapTo(body, QPoint(0, 0)).y() - PAGE_MARGIN)

    def _figures_of(self, result: ObjectResult, page: _Page | None) -> QWidget:
        body = QWidget()
        column = in_column(of=body, spacing=18, margins=(28, 22, 28, 22))
        where = dressed(QLabel(str(result.run_dir)), role="muted")
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        tip = "Compute R for each pattern, the dose and the half-scan FRC (takes a few seconds)"
        more = button("Quality report…", self.reportRequested, name="qualityReportButton", tip=tip)
        export = button("Export product…", self.exportRequested)
        column.addLayout(in_row(dressed(QLabel("Report"), role="heading"), STRETCH, more, export))
        column.addWidget(where)
        column.addLayout(_headline_cards(result))
        rows = _figures(result.report)
        if rows:
            card = dressed(QFrame(), role="card")
            pair_grid(rows, of=card, margins=(16, 14, 16, 14))
            column.addWidget(card)
        notices = result.report.get("notices")
        for notice in notices if isinstance(notices, list | tuple) else ():
            column.addWidget(wrapped(f"Note: {notice}", "muted"))
        if page is not None:
            column.addWidget(page)
        column.addStretch(1)
        return body


def _headline_cards(result: ObjectResult) -> QHBoxLayout:
    report = result.report
    rows, columns = result.amplitude.shape
    seconds = report.get("seconds")
    took = f"reconstructed in {duration(seconds)}" if isinstance(seconds, int | float) else ""
    cards = [
        ("R-factor", _figure(report.get("r_factor")), "lower is better"),
        ("Noise floor", _figure(report.get("noise_floor")), "R from counting noise alone"),
        ("Object", f"{rows} × {columns}", "pixels"),
        ("Patterns", _text(report.get("patterns")), took),
    ]
    return in_row(*((_card(*card), 1) for card in cards), spacing=12)


def _card(name: str, value: str, note: str) -> QFrame:
    card = dressed(QFrame(), role="card")
    column = in_column(of=card, spacing=3, margins=(16, 13, 16, 13))
    for text, role in ((name.upper(), "section"), (value, "figure"), (note, "small")):
        column.addWidget(dressed(QLabel(text), role=role))
    return card


def _figures(report: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return (name, text) for each figure not shown on a card, including the comparison with the true object."""
    # The number of sweeps made replaces the number allowed.
    elsewhere = {"r_factor", "noise_floor", "patterns", "seconds", "object_shape", "refine_sweeps"}
    figures: dict[str, object] = {}
    for key, value in report.items():
        if isinstance(value, Mapping):
            figures.update(value)
        elif key not in elsewhere:
            figures[key] = value
    return [
        (NAMES.get(key, key.replace("_", " ")), _text(value))
        for key, value in figures.items()
        if isinstance(value, int | float | str) and not isinstance(value, bool)
    ]


def _text(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else ("–" if value is None else str(value))


def _figure(value: object) -> str:
    """Format a float with four decimals, like R elsewhere in the application; format other values as text."""
    return f"{value:.4f}" if isinstance(value, float) else _text(value)
