"""One finding of the data checks: severity, sentence, how to mend it, and a button where that is automatic."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from ptychopinn.data.finding import Finding
from ptychopinn_app.services.text_breaks import breakable
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import dressed, in_column, in_row

TOKENS = {"error": "error", "warning": "warning", "info": "accent"}

# A list of findings gets half of what a window is higher than this, so that a form stays in sight below two lists; but
# one finding is to be read whole without scrolling.
LOW_WINDOW, LEAST_ROOM, ONE_FINDING, MOST_ROOM = 570, 60, 130, 150


def list_height(widget: QWidget, heights: list[int], spacing: int) -> int:
    """Give the height of a list of findings, each so high, in the window of a widget."""
    if not heights:
        return 0
    window = widget.window()
    room = ((window.height() if window is not None else LOW_WINDOW) - LOW_WINDOW) // 2
    room = max(LEAST_ROOM, min(MOST_ROOM, room), min(ONE_FINDING, heights[0]))
    return min(room, sum(heights) + spacing * (len(heights) - 1))


class FindingRow(QFrame):
    """A coloured row; `fixRequested` carries the code of the finding.

    With `named` the button says what it does, below the sentence; without, it is a short 'Fix' beside it.
    """

    fixRequested = pyqtSignal(str)

    def __init__(self, finding: Finding, named: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self.setProperty("role", "finding")
        self.setProperty("severity", finding.severity)
        self.setAccessibleName(f"{finding.severity}: {finding.sentence}")
        self._icon = QLabel()
        text = in_column(_words(finding.sentence, ""), spacing=3 if named else 1)
        if finding.mend:
            text.addWidget(_words(finding.mend, "small"))
        row = in_row((self._icon, 0, Qt.AlignmentFlag.AlignTop), (text, 1), of=self, spacing=8, margins=(8, 6, 8, 6))
        if finding.fix:
            button = dressed(
                QPushButton(finding.fix if named else "Fix"),
                name=f"fix.{finding.code}",
                role="small",
                spoken=f"Fix: {finding.fix}",
                tip=finding.fix,
            )
            button.clicked.connect(lambda: self.fixRequested.emit(finding.code))
            if named:
                text.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            else:
                row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.refresh_icons()

    def refresh_icons(self) -> None:
        """Take the icon in the theme's colour."""
        severity = self.finding.severity
        self._icon.setPixmap(theme().pixmap(severity, 16, TOKENS[severity]))


def _words(text: str, role: str) -> QLabel:
    broken = breakable(text)
    label = dressed(QLabel(broken), role=role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if broken == text:
        # Else a copy would carry the invisible places for breaks, and a path with them names no file.
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
