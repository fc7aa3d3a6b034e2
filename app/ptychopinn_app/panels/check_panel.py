"""Findings about settings, data and model: a summary line that expands into a list with fix buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from ptychopinn.data.finding import Finding
from ptychopinn.wording import counted
from ptychopinn_app.panels.finding_row import TOKENS, FindingList
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import dressed, in_column, in_row


class CheckPanel(QWidget):
    """Shows the findings of the checks before training; hidden while there is nothing to show."""

    fixRequested = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dressed(self, name="checkPanel", spoken="Checks before training")
        self._shown: tuple[Finding, ...] = ()
        self._head = dressed(QToolButton(), name="checkSummary", role="fold")
        self._head.setCheckable(True)
        self._head.setChecked(True)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.toggled.connect(lambda _: self._unfold())
        self._memory = dressed(QLabel(), name="memoryEstimate", role="small", spoken="Memory needed for training")
        self._memory.setTextFormat(Qt.TextFormat.PlainText)
        self._memory.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._memory.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.findings = FindingList(named=True)
        self.findings.fixRequested.connect(self.fixRequested)
        line = in_row(self._head, (self._memory, 1), spacing=8, margins=(6, 0, 6, 0))
        in_column(line, self.findings, of=self, spacing=4, margins=(0, 0, 0, 0))
        self.show_findings((), "")

    def show_findings(self, findings: Sequence[Finding], memory: str) -> None:
        """Show the findings, most severe first, and the memory estimate."""
        self._memory.setText(memory)
        self._memory.setToolTip(f"{memory}. Estimated from batch size, network and scan." if memory else "")
        self.setVisible(bool(findings) or bool(memory))
        if tuple(findings) != self._shown:
            self._shown = tuple(findings)
            self.findings.show_findings(self._shown)
        worst = self._shown[0].severity if self._shown else "success"
        self._head.setIcon(theme().icon(worst, TOKENS[worst]))
        self._head.setText(self._summary())
        self._unfold()

    def _summary(self) -> str:
        counts = {name: sum(each.severity == name for each in self._shown) for name in ("error", "warning", "info")}
        nouns = [("error", "error"), ("warning", "warning")]
        if not counts["error"] and not counts["warning"]:
            nouns = [("info", "note")]
        # The leading space keeps the text off the icon.
        return " " + (", ".join(counted(counts[name], noun) for name, noun in nouns if counts[name]) or "Settings OK")

    def _unfold(self) -> None:
        self._head.setEnabled(bool(self._shown))
        self._head.setToolTip("Hide the findings" if self._head.isChecked() else "Show the findings")
        self.findings.setVisible(bool(self._shown) and self._head.isChecked())
