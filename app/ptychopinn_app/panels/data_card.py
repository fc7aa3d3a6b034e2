"""The data card: what scan is open, what is in it, and what the checks found."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn_app.panels import data_facts
from ptychopinn_app.panels.finding_row import FindingRow, list_height
from ptychopinn_app.records import Scan
from ptychopinn_app.theme import theme
from ptychopinn_app.views.elided_label import ElidedLabel
from ptychopinn_app.widgets import dressed, in_column, in_row, scrolled

UNITS = ("auto", "amplitude", "intensity")
NAME_WIDTH = 66


class DataCard(QFrame):
    """Shows the training scan and the test slot."""

    unitsChosen = pyqtSignal(str)
    fixRequested = pyqtSignal(str)
    undoRequested = pyqtSignal()
    openRequested = pyqtSignal()
    openTestRequested = pyqtSignal()
    closeTestRequested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataCard")
        self.setProperty("role", "card")
        self.setAccessibleName("Data")
        self._rows: list[FindingRow] = []
        in_column(
            self._make_head(),
            self._make_body(),
            self._make_findings(),
            self._make_test_line(),
            of=self,
            spacing=7,
            margins=(14, 11, 14, 12),
        )
        theme().changed.connect(self.refresh_icons)
        self.refresh_icons()
        self.show_scan(None)

    def _make_head(self) -> QVBoxLayout:
        self._name = dressed(ElidedLabel(), role="title")
        self._open = dressed(QPushButton("Open…"), role="small", spoken="Open training data")
        self._open.clicked.connect(self.openRequested)
        self._headline = dressed(QLabel(), name="headline", role="muted")
        self._busy_text = dressed(QLabel(), role="muted")
        self._busy_text.hide()
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.hide()
        top = in_row((self._name, 1), self._open)
        return in_column(top, self._headline, self._busy_text, self._busy, spacing=2)

    def _make_body(self) -> QWidget:
        self._body = QWidget()
        self._grid = QGridLayout(self._body)
        self._grid.setContentsMargins(0, 2, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnMinimumWidth(0, NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self._units = dressed(QComboBox(), name="unitsCombo", spoken="Units of the patterns")
        self._units.setFixedWidth(112)
        for unit in UNITS:
            self._units.addItem(unit, unit)
        self._units.activated.connect(lambda _: self.unitsChosen.emit(str(self._units.currentData())))
        self._decision = dressed(QLabel(), role="small")
        self._decision.setWordWrap(True)
        self._taken = QLabel()
        line = in_row(self._units, (self._taken, 1), spacing=10)
        self._grid.addWidget(_muted("Units"), 0, 0)
        self._grid.addLayout(line, 0, 1)
        self._grid.addWidget(self._decision, 1, 1)
        self._values: list[ElidedLabel] = []
        for number in range(len(data_facts.lines(ScanSummary()))):
            value = ElidedLabel()
            self._grid.addWidget(_muted(""), number + 2, 0)
            self._grid.addWidget(value, number + 2, 1)
            self._values.append(value)
        return self._body

    def _make_findings(self) -> QWidget:
        inner = QWidget()
        self._list = in_column(of=inner, spacing=4, margins=(0, 0, 0, 0))
        self._scroll = scrolled(inner)
        self._fixed = dressed(QPushButton(), role="flat")
        self._fixed.clicked.connect(self.undoRequested)
        self._box = QWidget()
        in_column(self._fixed, self._scroll, of=self._box, spacing=4, margins=(0, 2, 0, 0))
        return self._box

    def _make_test_line(self) -> QHBoxLayout:
        self._test = ElidedLabel()
        self._open_test = dressed(QPushButton("Open…"), role="small", spoken="Open test data")
        self._open_test.clicked.connect(self.openTestRequested)
        self._close_test = dressed(QToolButton(), spoken="Close test data", tip="Close the test data")
        self._close_test.clicked.connect(self.closeTestRequested)
        line = QHBoxLayout()
        name = _muted("Test data")
        name.setMinimumWidth(NAME_WIDTH)
        line.setSpacing(10)
        line.addWidget(name)
        line.addWidget(self._test, 1)
        line.addWidget(self._close_test)
        line.addWidget(self._open_test)
        self.show_test(None)
        return line

    def show_scan(self, scan: Scan | None) -> None:
        """Show a scan, or that none is open."""
        self._body.setVisible(scan is not None)
        self._clear_findings()
        if scan is None:
            self._name.setText("No data")
            self._headline.setText("Drop an NPZ scan here, or open one.")
            return
        self._name.setText(scan.path.name)
        self._name.setToolTip(str(scan.path))
        self._headline.setText(data_facts.headline(scan.summary))
        with QSignalBlocker(self._units):
            self._units.setCurrentIndex(max(0, self._units.findData(scan.units)))
        units, reason = scan.summary.units, scan.summary.units_reason or ""
        self._taken.setText(units if scan.units == "auto" and units else "set by you")
        self._decision.setText(reason)
        self._decision.setVisible(bool(reason) and scan.units == "auto")
        for number, (name, value) in enumerate(data_facts.lines(scan.summary)):
            item = self._grid.itemAtPosition(number + 2, 0)
            label = item.widget() if item is not None else None
            if isinstance(label, QLabel):
                label.setText(name)
            self._values[number].setText(value)
            self._values[number].setToolTip(value)
        self._show_findings(scan)

    def show_test(self, scan: Scan | None) -> None:
        """Show the test slot."""
        self._test.setText("none" if scan is None else f"{scan.path.name}  ({scan.summary.n_patterns:,})")
        self._test.setToolTip("" if scan is None else str(scan.path))
        self._test.setEnabled(scan is not None)
        self._close_test.setVisible(scan is not None)

    def show_reading(self, name: str) -> None:
        """Show that a file is being read; an empty name ends it."""
        self._busy.setVisible(bool(name))
        self._busy_text.setVisible(bool(name))
        self._headline.setVisible(not name)
        self._open.setEnabled(not name)
        self._open_test.setEnabled(not name)
        self._busy_text.setText(f"Reading {name}…")

    def findings(self) -> list[FindingRow]:
        """Give the rows that are shown."""
        return list(self._rows)

    def refresh_icons(self) -> None:
        """Take the icons in the theme's colours."""
        self._close_test.setIcon(theme().icon("close", "text-muted"))
        for row in self._rows:
            row.refresh_icons()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the findings to the new width."""
        super().resizeEvent(event)
        self.fit_findings()

    def fit_findings(self) -> None:
        """Take the room that the window has for the findings."""
        width = max(200, self.width() - 28)
        heights = [row.heightForWidth(width) for row in self._rows]
        self._scroll.setFixedHeight(list_height(self, heights, self._list.spacing()))

    def _clear_findings(self) -> None:
        for row in self._rows:
            self._list.removeWidget(row)
            row.deleteLater()
        self._rows = []
        self._box.hide()

    def _show_findings(self, scan: Scan) -> None:
        shown = [finding for finding in scan.summary.findings if finding.code != "units"]
        for finding in shown:
            # The card names the file already; its sentences need not.
            row = FindingRow(replace(finding, sentence=finding.sentence.replace(f" in {scan.path.name}", "")))
            row.fixRequested.connect(self.fixRequested)
            self._list.addWidget(row)
            self._rows.append(row)
        self._box.setVisible(bool(shown) or bool(scan.fixes))
        self._scroll.setVisible(bool(shown))
        self.fit_findings()
        self._fixed.setVisible(bool(scan.fixes))
        count = len(scan.fixes)
        self._fixed.setText(f"{count} automatic {'repair' if count == 1 else 'repairs'} applied. Undo")


def _muted(text: str) -> QLabel:
    label = dressed(QLabel(text), role="muted")
    return label
