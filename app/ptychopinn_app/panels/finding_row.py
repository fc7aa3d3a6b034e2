"""Findings of checks as coloured rows: severity, sentence, remedy, and a button if the fix is automatic."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QLabel, QScrollArea, QWidget

from ptychopinn.data.finding import Finding
from ptychopinn_app.services.text_breaks import breakable
from ptychopinn_app.widgets import IconLabel, button, dressed, in_column, in_row, scrolled, wrapped

TOKENS = {"error": "error", "warning": "warning", "info": "accent", "success": "success"}
SPACING = 4
# A list of findings gets half of the height above LOW_WINDOW, so that a form stays visible below two lists; but one
# finding must be readable without scrolling.
LOW_WINDOW, LEAST_ROOM, ONE_FINDING, MOST_ROOM = 570, 60, 130, 150
LEAST_WIDTH = 200


class FindingRow(QFrame):
    """Row for one finding; `fixRequested` carries the code of the finding.

    If `named`, the fix button is below the sentence and names the fix; otherwise it is on the right and reads 'Fix'.
    """

    fixRequested = pyqtSignal(str)

    def __init__(self, finding: Finding, named: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        dressed(self, role="finding", spoken=f"{finding.severity}: {finding.sentence}")
        self.setProperty("severity", finding.severity)
        icon = IconLabel(finding.severity, 16, TOKENS[finding.severity])
        text = in_column(_words(finding.sentence, ""), spacing=3 if named else 1)
        if finding.mend:
            text.addWidget(_words(finding.mend, "small"))
        row = in_row((icon, 0, Qt.AlignmentFlag.AlignTop), (text, 1), of=self, spacing=8, margins=(8, 6, 8, 6))
        if finding.fix:
            fix = button(
                finding.fix if named else "Fix",
                lambda: self.fixRequested.emit(finding.code),
                name=f"fix.{finding.code}",
                role="small",
                spoken=f"Fix: {finding.fix}",
                tip=finding.fix,
            )
            if named:
                text.addWidget(fix, 0, Qt.AlignmentFlag.AlignLeft)
            else:
                row.addWidget(fix, 0, Qt.AlignmentFlag.AlignTop)


class FindingList(QScrollArea):
    """List with one row per finding; as tall as its rows, up to a limit set by the window's height."""

    fixRequested = pyqtSignal(str)

    def __init__(self, named: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._named = named
        self.rows: list[FindingRow] = []
        inner = QWidget()
        self._column = in_column(of=inner, spacing=SPACING, margins=(0, 0, 0, 0))
        scrolled(inner, self)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show one row per finding, replacing the previous rows."""
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [FindingRow(finding, self._named) for finding in findings]
        for row in self.rows:
            row.fixRequested.connect(self.fixRequested)
            self._column.addWidget(row)
        self.fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the height to the new width."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Set the height that the rows need, within the limit for the current window."""
        width = max(LEAST_WIDTH, self.width())
        heights = [row.heightForWidth(width) for row in self.rows]
        if not heights:
            self.setFixedHeight(0)
            return
        window = self.window()
        room = ((window.height() if window is not None else LOW_WINDOW) - LOW_WINDOW) // 2
        room = max(LEAST_ROOM, min(MOST_ROOM, room), min(ONE_FINDING, heights[0]))
        self.setFixedHeight(min(room, sum(heights) + SPACING * (len(heights) - 1)))


def _words(text: str, role: str) -> QLabel:
    broken = breakable(text)
    label = wrapped(broken, role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if broken == text:
        # Otherwise a copy would contain the invisible line breaks, and a path with them names no file.
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
