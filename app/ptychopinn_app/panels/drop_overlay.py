"""Drag and drop of files, with an overlay that describes what dropping them would do."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QLineEdit, QWidget

from ptychopinn_app.binder.paths import PathEdit
from ptychopinn_app.session.opened_paths import open_request
from ptychopinn_app.theme import theme


class DropOverlay(QWidget):
    """Covers its parent while files are dragged over it, and handles the drop; mouse events pass through."""

    dropped = pyqtSignal(list)
    refused = pyqtSignal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setObjectName("dropOverlay")
        self.text = ""
        self.hide()
        parent.setAcceptDrops(True)
        parent.installEventFilter(self)
        # A line edit would insert the names of dropped files as text; only a path field should.
        for field in parent.findChildren(QLineEdit):
            if not isinstance(field, PathEdit):
                field.setAcceptDrops(False)

    def show_text(self, text: str) -> None:
        """Cover the window and show `text`."""
        self.text = text
        self._cover()
        self.show()
        self.raise_()

    def _cover(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the window's size and handle its drag events; return whether the event was handled."""
        if event is None:
            return False
        kind = event.type()
        if kind == QEvent.Type.Resize:
            self._cover()
        elif kind == QEvent.Type.DragLeave:
            self.hide()
        elif isinstance(event, QDragEnterEvent):
            self._enter(event)
            return True
        elif isinstance(event, QDropEvent):
            event.acceptProposedAction()
            if kind == QEvent.Type.Drop:
                self.hide()
                self.dropped.emit(_paths(event))
            return True
        return False

    def _enter(self, event: QDragEnterEvent) -> None:
        request = open_request(_paths(event))
        if request.any:
            event.acceptProposedAction()
            self.show_text(request.describe())
            return
        for sentence in request.refused:
            self.refused.emit(sentence)
        event.ignore()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw background, frame, icon and text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        background = QColor(theme().colour("window"))
        background.setAlpha(225)
        painter.fillRect(self.rect(), background)
        painter.setPen(QPen(theme().colour("accent"), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(18, 18, -18, -18), 16, 16)
        middle = self.rect().center()
        painter.drawPixmap(middle.x() - 24, middle.y() - 76, theme().pixmap("drop", 48, "accent"))
        font = painter.font()
        font.setPixelSize(17)
        painter.setFont(font)
        painter.setPen(theme().colour("text"))
        box = QRectF(60, middle.y() - 14, self.width() - 120, 140)
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"Open {self.text}")
        painter.end()


def _paths(event: QDropEvent) -> list[Path]:
    mime = event.mimeData()
    urls = mime.urls() if mime is not None and mime.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
