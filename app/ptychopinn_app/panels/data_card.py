"""The data card: the open scan, its contents, and the findings of its checks."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn_app.panels import data_facts
from ptychopinn_app.panels.finding_row import FindingList
from ptychopinn_app.records import Scan
from ptychopinn_app.views.elided_label import ElidedLabel
from ptychopinn_app.widgets import button, dressed, icon_button, in_column, in_row, wrapped

UNITS = ("auto", "amplitude", "intensity")
NAME_WIDTH = 66


class DataCard(QFrame):
    """Shows the training scan and the test scan."""

    unitsChosen = pyqtSignal(str)
    fixRequested = pyqtSignal(str)
    undoRequested = pyqtSignal()
    openRequested = pyqtSignal()
    openTestRequested = pyqtSignal()
    closeTestRequested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dressed(self, name="dataCard", role="card", spoken="Data")
        parts = (self._make_head(), self._make_body(), self._make_findings(), self._make_test_line())
        in_column(*parts, of=self, spacing=7, margins=(14, 11, 14, 12))
        self.show_scan(None)

    def _make_head(self) -> QVBoxLayout:
        self._name = dressed(ElidedLabel(), role="title")
        self._open = button("Open…", self.openRequested, role="small", spoken="Open training data")
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
        grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        grid.setColumnMinimumWidth(0, NAME_WIDTH)
        grid.setColumnStretch(1, 1)
        self._units = dressed(QComboBox(), name="unitsCombo", spoken="Units of the patterns")
        self._units.setFixedWidth(112)
        for unit in UNITS:
            self._units.addItem(unit, unit)
        self._units.activated.connect(lambda _: self.unitsChosen.emit(str(self._units.currentData())))
        self._decision = wrapped(role="small")
        self._unit_source = QLabel()
        grid.addWidget(dressed(QLabel("Units"), role="muted"), 0, 0)
        grid.addLayout(in_row(self._units, (self._unit_source, 1), spacing=10), 0, 1)
        grid.addWidget(self._decision, 1, 1)
        names = [name for name, _ in data_facts.lines(ScanSummary())]
        self._values = [ElidedLabel() for _ in names]
        for row, (name, value) in enumerate(zip(names, self._values, strict=True), start=2):
            grid.addWidget(dressed(QLabel(name), role="muted"), row, 0)
            grid.addWidget(value, row, 1)
        return self._body

    def _make_findings(self) -> QWidget:
        self.findings = FindingList()
        self.findings.fixRequested.connect(self.fixRequested)
        self._fixed = button("", self.undoRequested, role="flat")
        self._box = QWidget()
        in_column(self._fixed, self.findings, of=self._box, spacing=4, margins=(0, 2, 0, 0))
        return self._box

    def _make_test_line(self) -> QHBoxLayout:
        self._test = ElidedLabel()
        self._open_test = button("Open…", self.openTestRequested, role="small", spoken="Open test data")
        self._close_test = icon_button("close", "Close the test data", self.closeTestRequested)
        name = dressed(QLabel("Test data"), role="muted")
        name.setMinimumWidth(NAME_WIDTH)
        self.show_test(None)
        return in_row(name, (self._test, 1), self._close_test, self._open_test, spacing=10)

    def show_scan(self, scan: Scan | None) -> None:
        """Show a scan; pass None if no scan is open."""
        self._body.setVisible(scan is not None)
        self._box.hide()
        if scan is None:
            self.findings.show_findings(())
            self._name.setText("No data")
            self._headline.setText("Drop a scan here (NPZ, HDF5, CXI), or open one.")
            return
        self._name.setText(scan.path.name)
        self._name.setToolTip(str(scan.path))
        self._headline.setText(data_facts.headline(scan.summary))
        with QSignalBlocker(self._units):
            self._units.setCurrentIndex(max(0, self._units.findData(scan.units)))
        units, reason = scan.summary.units, scan.summary.units_reason or ""
        self._unit_source.setText(units if scan.units == "auto" and units else "set by you")
        self._decision.setText(reason)
        self._decision.setVisible(bool(reason) and scan.units == "auto")
        for label, (_, value) in zip(self._values, data_facts.lines(scan.summary), strict=True):
            label.setText(value)
            label.setToolTip(value)
        self._show_findings(scan)

    def show_test(self, scan: Scan | None) -> None:
        """Show the test scan; pass None if no test scan is open."""
        self._test.setText("none" if scan is None else f"{scan.path.name}  ({scan.summary.n_patterns:,})")
        self._test.setToolTip("" if scan is None else str(scan.path))
        self._test.setEnabled(scan is not None)
        self._close_test.setVisible(scan is not None)

    def show_reading(self, name: str) -> None:
        """Show a notice that a file is being read; an empty name hides it."""
        self._busy.setVisible(bool(name))
        self._busy_text.setVisible(bool(name))
        self._headline.setVisible(not name)
        self._open.setEnabled(not name)
        self._open_test.setEnabled(not name)
        self._busy_text.setText(f"Reading {name}…")

    def _show_findings(self, scan: Scan) -> None:
        # The card already names the file, so its sentences need not.
        named = f" in {scan.path.name}"
        findings = [
            replace(finding, sentence=finding.sentence.replace(named, ""))
            for finding in scan.summary.findings
            if finding.code != "units"
        ]
        self._box.setVisible(bool(findings) or bool(scan.fixes))
        self.findings.setVisible(bool(findings))
        self.findings.show_findings(findings)
        self._fixed.setVisible(bool(scan.fixes))
        count = len(scan.fixes)
        self._fixed.setText(f"{count} automatic {'fix' if count == 1 else 'fixes'} applied. Undo")
