"""Short messages over the window that disappear automatically."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QLabel, QToolButton, QWidget

from ptychopinn_app.services.text_breaks import breakable
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import dressed, in_row

SHOWN_MS = {"info": 4500, "success": 4500, "warning": 8000, "error": 12000}
MOST = 4
MARGIN = 18
WIDTH = 400
LINE = 28
TOKENS = {"info": "accent", "success": "success", "warning": "warning", "error": "error"}


class _Toast(QFrame):
    """One message."""

    gone = pyqtSignal(QFrame)

    def __init__(self, severity: str, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "toast")
        self.text = text
        icon = QLabel()
        icon.setPixmap(theme().pixmap(severity, 20, TOKENS[severity]))
        icon.setFixedHeight(LINE)
        label = QLabel(breakable(text))
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        # Aligns the first line with the icon and the cross.
        over = max(0, (LINE - label.fontMetrics().height()) // 2)
        label.setContentsMargins(0, over, 0, over)
        label.setFixedWidth(WIDTH - 100)
        close = dressed(QToolButton(), spoken="Dismiss message")
        close.setIcon(theme().icon("close", "text-muted"))
        close.setFixedSize(LINE, LINE)
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(self.close)
        top = Qt.AlignmentFlag.AlignTop
        in_row((icon, 0, top), (label, 1, top), (close, 0, top), of=self, spacing=10, margins=(14, 8, 8, 8))
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 5)
        self.setGraphicsEffect(shadow)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(f"{severity}: {text}")
        self.adjustSize()
        QTimer.singleShot(SHOWN_MS[severity], self.close)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Emit `gone`."""
        self.gone.emit(self)
        super().closeEvent(event)


class Toasts(QObject):
    """Stacks messages in the lower right corner of a widget."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._shown: list[_Toast] = []
        over.installEventFilter(self)

    def show(self, severity: str, text: str) -> None:
        """Show a message of severity 'info', 'success', 'warning' or 'error'."""
        severity = severity if severity in TOKENS else "info"
        for old in [toast for toast in self._shown if toast.text == text] + self._shown[: -MOST + 1]:
            old.close()
        toast = _Toast(severity, text, self._over)
        toast.gone.connect(self._forget)
        self._shown.append(toast)
        toast.show()
        toast.raise_()
        self._place()

    def texts(self) -> list[str]:
        """Return the visible messages."""
        return [toast.text for toast in self._shown]

    def _forget(self, toast: _Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            self._place()

    def _place(self) -> None:
        bottom = self._over.height() - MARGIN
        for toast in reversed(self._shown):
            bottom -= toast.height()
            toast.move(self._over.width() - toast.width() - MARGIN, bottom)
            bottom -= 8

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Move the messages to the corner when the window is resized."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._place()
        return False
