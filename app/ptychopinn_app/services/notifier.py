"""Notify the user while the window is in the background."""

from __future__ import annotations

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

SHOWN_MS = 10_000


class Notifier(QObject):
    """Flashes the window's task bar button and shows a desktop notification if a system tray is available."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None

    def call(self, title: str, text: str, failed: bool = False) -> bool:
        """Notify the user unless a window of the application is active; return whether a notification was sent."""
        if QApplication.activeWindow() is not None:
            return False
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._message(title, text, failed)
        return True

    def close(self) -> None:
        """Remove the icon from the tray."""
        if self._tray is not None:
            self._tray.hide()

    def _message(self, title: str, text: str, failed: bool) -> None:
        if self._tray is None:
            # Created with the first message: an icon without a message only takes space.
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.messageClicked.connect(self._come_forward)
            self._tray.activated.connect(lambda _: self._come_forward())
        kind = QSystemTrayIcon.MessageIcon.Critical if failed else QSystemTrayIcon.MessageIcon.Information
        self._tray.setToolTip(title)
        self._tray.show()
        self._tray.showMessage(title, text, kind, SHOWN_MS)

    def _come_forward(self) -> None:
        self.close()
        self._window.showNormal() if self._window.isMinimized() else self._window.show()
        self._window.raise_()
        self._window.activateWindow()
