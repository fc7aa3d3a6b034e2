"""Veil over the window while files are dragged across it: says what a drop will do."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from ptychopinn_app.theme import theme


class DropOverlay(QWidget):
    """Covers its parent; lets all events through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setObjectName("dropOverlay")
        self.text = ""
        self.hide()
        parent.installEventFilter(self)

    def show_text(self, text: str) -> None:
        """Cover the window with a text."""
        self.text = text
        self._cover()
        self.show()
        self.raise_()

    def _cover(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the size of the window."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._cover()
        return False

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw veil, frame, icon and text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(theme().colour("window"))
        veil.setAlpha(225)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(theme().colour("accent"), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(18, 18, -18, -18), 16, 16)
        middle = self.rect().center()
        picture = theme().pixmap("drop", 48, "accent")
        painter.drawPixmap(middle.x() - 24, middle.y() - 76, picture)
        font = painter.font()
        font.setPixelSize(17)
        painter.setFont(font)
        painter.setPen(theme().colour("text"))
        box = QRectF(60, middle.y() - 14, self.width() - 120, 140)
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"Open {self.text}")
        painter.end()
