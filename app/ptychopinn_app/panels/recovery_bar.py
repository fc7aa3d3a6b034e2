"""A bar that offers to open again what a killed window had open."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import dressed, in_row


class RecoveryBar(QFrame):
    """Hidden until there is something to offer."""

    restoreRequested = pyqtSignal()
    dismissRequested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recoveryBar")
        self.setProperty("role", "finding")
        self.setProperty("severity", "info")
        self._icon = QLabel()
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        restore = dressed(QPushButton("Restore"), name="recoveryRestore", spoken="Restore the last session")
        restore.clicked.connect(self.restoreRequested)
        dismiss = dressed(QPushButton("Dismiss"), name="recoveryDismiss", spoken="Do not restore the last session")
        dismiss.clicked.connect(self.dismissRequested)
        in_row(
            (self._icon, 0, Qt.AlignmentFlag.AlignVCenter),
            (self._words, 1),
            restore,
            dismiss,
            of=self,
            spacing=10,
            margins=(12, 8, 12, 8),
        )
        self.hide()
        theme().changed.connect(self.refresh_icons)
        self.refresh_icons()

    def offer(self, words: str) -> None:
        """Show what can be restored."""
        self._words.setText(words)
        self.setAccessibleName(words)
        self.show()

    def text(self) -> str:
        """Give the words of the offer."""
        return self._words.text()

    def refresh_icons(self) -> None:
        """Take the icon in the theme's colour."""
        self._icon.setPixmap(theme().pixmap("info", 18, "accent"))
