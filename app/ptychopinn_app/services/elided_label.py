"""Labels for words of unknown length: names are shortened with an ellipsis, sentences may break inside a path."""

from __future__ import annotations

import re

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

# A word of this length still fits the narrowest place that shows sentences.
LONGEST_WORD = 26
# Zero-width space: a line may end there, nothing is drawn.
BREAK = "\u200b"


def breakable(text: str) -> str:
    """Let the lines of a text end inside long words, such as paths and file names."""
    return re.sub(rf"\S{{{LONGEST_WORD + 1},}}", _with_breaks, text)


def shortened(text: str, longest: int) -> str:
    """Give a text of at most `longest` characters; the end, which tells files apart, stays whole."""
    if len(text) <= longest:
        return text
    end = longest // 2
    return f"{text[: longest - end - 1]}…{text[-end:]}"


def _with_breaks(match: re.Match[str]) -> str:
    pieces = re.split(r"(?<=[_/\\.,:-])", match.group())
    step = LONGEST_WORD
    return BREAK.join(
        BREAK.join(piece[start : start + step] for start in range(0, len(piece), step)) for piece in pieces if piece
    )


class ElidedLabel(QLabel):
    """One line that takes the room there is; what does not fit gives way to an ellipsis in the middle."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def shown(self) -> str:
        """Give the text as it is drawn."""
        width = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, width)

    def minimumSizeHint(self) -> QSize:
        """Give a width that leaves the ellipsis."""
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the text, shortened where needed."""
        style = self.style()
        if style is None:
            return
        painter = QPainter(self)
        style.drawItemText(
            painter,
            self.contentsRect(),
            self.alignment().value,
            self.palette(),
            self.isEnabled(),
            self.shown(),
            self.foregroundRole(),
        )
        painter.end()
