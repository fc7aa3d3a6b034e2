"""The recent files in the menu and on the welcome page."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.session.session import Session
from ptychopinn_app.theme import theme


class RecentFiles(QObject):
    """Lists the recent files again whenever a file was opened."""

    def __init__(self, parts: WindowParts, session: Session) -> None:
        super().__init__(parts.window)
        self._menu, self._welcome = parts.recent_menu, parts.central.welcome
        self._clear_action = parts.actions["actionClearRecent"]
        self._app_settings, self._files, state = session.app_settings, session.files, session.state
        for signal in (state.scanChanged, state.testScanChanged, state.modelChanged):
            signal.connect(lambda _: self.show())
        theme().changed.connect(self.show)
        self.show()

    def show(self) -> None:
        """Fill the menu and the welcome page."""
        self._menu.clear()
        paths = [*self._app_settings.recent("data"), *self._app_settings.recent("model")]
        for path in paths:
            entry = self._menu.addAction(path.name)
            if entry is not None:
                entry.setToolTip(str(path))
                entry.setEnabled(path.exists())
                entry.triggered.connect(lambda _, path=path: self._files.open_paths([path]))
        if paths:
            self._menu.addSeparator()
        self._clear_action.setEnabled(bool(paths))
        self._menu.addAction(self._clear_action)
        self._welcome.show_recent([path for path in paths if path.exists()])

    def clear(self) -> None:
        """Forget the recent files."""
        self._app_settings.clear_recent()
        self.show()
