"""A bar that offers to restore what was open before an improper shutdown."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QWidget

from ptychopinn_app.widgets import IconLabel, button, dressed, in_row, wrapped


class RecoveryBar(QFrame):
    """Offers to restore the last session; hidden while there is nothing to restore."""

    restoreRequested = pyqtSignal()
    dismissRequested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dressed(self, name="recoveryBar", role="finding")
        self.setProperty("severity", "info")
        self._offer = wrapped()
        self._offer.setTextFormat(Qt.TextFormat.PlainText)
        spoken = "Restore the last session"
        restore = button("Restore", self.restoreRequested, name="recoveryRestore", spoken=spoken)
        spoken = "Do not restore the last session"
        dismiss = button("Dismiss", self.dismissRequested, name="recoveryDismiss", spoken=spoken)
        icon = (IconLabel("info", 18, "accent"), 0, Qt.AlignmentFlag.AlignVCenter)
        in_row(icon, (self._offer, 1), restore, dismiss, of=self, spacing=10, margins=(12, 8, 12, 8))
        self.hide()

    def offer(self, text: str) -> None:
        """Show what can be restored."""
        self._offer.setText(text)
        self.setAccessibleName(text)
        self.show()

    def text(self) -> str:
        """Return the text of the offer."""
        return self._offer.text()
