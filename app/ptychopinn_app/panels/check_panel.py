"""Findings about settings, data and model together: one line that unfolds into a list with a button each."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QToolButton, QWidget

from ptychopinn.data.finding import Finding
from ptychopinn.wording import counted
from ptychopinn_app.panels.finding_row import FindingRow, list_height
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import dressed, in_column, in_row, scrolled

SPACING = 4


class CheckPanel(QWidget):
    """Shows what was found before a training; hidden while no scan and no model is open."""

    fixRequested = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("checkPanel")
        self.setAccessibleName("Checks before training")
        self._rows: list[FindingRow] = []
        self._shown: tuple[Finding, ...] = ()
        self._head = dressed(QToolButton(), name="checkSummary", role="fold")
        self._head.setCheckable(True)
        self._head.setChecked(True)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.toggled.connect(lambda _: self._unfold())
        self._memory = dressed(QLabel(), name="memoryEstimate", role="small", spoken="Memory that training needs")
        self._memory.setTextFormat(Qt.TextFormat.PlainText)
        self._memory.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._memory.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line = in_row(self._head, (self._memory, 1), spacing=8, margins=(6, 0, 6, 0))
        in_column(line, self._make_list(), of=self, spacing=4, margins=(0, 0, 0, 0))
        theme().changed.connect(self.refresh_icons)
        self.show_findings((), "")

    def _make_list(self) -> QScrollArea:
        inner = QWidget()
        self._list = in_column(of=inner, spacing=SPACING, margins=(0, 0, 0, 0))
        self._scroll = scrolled(inner)
        return self._scroll

    def show_findings(self, findings: Sequence[Finding], memory: str) -> None:
        """Show findings, the worst first, and the line about memory."""
        self._memory.setText(memory)
        self._memory.setToolTip(f"{memory}. Estimated from batch size, sizes and scan." if memory else "")
        self.setVisible(bool(findings) or bool(memory))
        if tuple(findings) != self._shown:
            self._shown = tuple(findings)
            self._fill()
        self._head.setText(self._summary())
        self._unfold()

    def rows(self) -> list[FindingRow]:
        """Give the rows that are listed."""
        return list(self._rows)

    def refresh_icons(self) -> None:
        """Take the icons in the theme's colours."""
        worst = self._shown[0].severity if self._shown else "success"
        token = {"error": "error", "warning": "warning", "info": "accent", "success": "success"}[worst]
        self._head.setIcon(theme().icon(worst, token))
        for row in self._rows:
            row.refresh_icons()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the list the height that its sentences need at the new width."""
        super().resizeEvent(event)
        self.fit_findings()

    def _summary(self) -> str:
        counts = {name: sum(each.severity == name for each in self._shown) for name in ("error", "warning", "info")}
        nouns = [("error", "error"), ("warning", "warning")]
        if not counts["error"] and not counts["warning"]:
            nouns = [("info", "note")]
        # The leading space keeps the text off the icon.
        return " " + (", ".join(counted(counts[name], noun) for name, noun in nouns if counts[name]) or "Settings fit")

    def _fill(self) -> None:
        for row in self._rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [FindingRow(finding, named=True) for finding in self._shown]
        for row in self._rows:
            row.fixRequested.connect(self.fixRequested)
            self._list.addWidget(row)

    def _unfold(self) -> None:
        self._head.setEnabled(bool(self._shown))
        self._head.setToolTip("Hide the list" if self._head.isChecked() else "Show what was found")
        self._scroll.setVisible(bool(self._shown) and self._head.isChecked())
        self.refresh_icons()
        self.fit_findings()

    def fit_findings(self) -> None:
        """Take the room that the window has for the findings."""
        width = max(200, self.width())
        heights = [row.heightForWidth(width) for row in self._rows]
        self._scroll.setFixedHeight(list_height(self, heights, SPACING))
