"""File dialogs opened by menus, shortcuts and buttons, and the lists of recent files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject

from ptychopinn.files import names
from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.services import dialogs
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.datasets import Datasets
from ptychopinn_app.session.files import Files
from ptychopinn_app.session.job_requests import Watch
from ptychopinn_app.session.state import SessionState
from ptychopinn_app.theme import theme


class FileRequests(QObject):
    """Asks for a path, starting in the last used folder, and passes it to the session to open, save or watch."""

    def __init__(
        self, parts: WindowParts, app_settings: Settings, datasets: Datasets, files: Files, watch: Watch
    ) -> None:
        super().__init__(parts.window)
        self._window, self._watch_action = parts.window, parts.actions["actionWatch"]
        self._app_settings, self._datasets, self._files, self._watch = app_settings, datasets, files, watch

    def open_data(self) -> None:
        """Ask for a scan to train on, and open it."""
        _pass(dialogs.choose_scan(self._window, self._folder(), "Open training data"), self._datasets.open)

    def open_test_data(self) -> None:
        """Ask for a test scan, which is reconstructed instead of the training scan, and open it."""
        path = dialogs.choose_scan(self._window, self._folder(), "Open test data")
        _pass(path, lambda path: self._datasets.open(path, "test"))

    def open_model(self) -> None:
        """Ask for a model archive, and open it."""
        _pass(dialogs.choose_model(self._window, self._folder()), self._files.open_model)

    def save_model(self) -> None:
        """Ask where to save the model, and save it."""
        _pass(dialogs.save_model(self._window, self._in_folder(names.MODEL_FILE)), self._files.save_model)

    def export(self) -> None:
        """Ask for a file name and format, and export the object."""
        _pass(dialogs.save_product(self._window, self._in_folder(names.PRODUCT_FILE)), self._files.export)

    def save_log(self) -> None:
        """Ask where to save the log, and save it."""
        _pass(dialogs.save_log(self._window, self._in_folder(names.LOG_FILE)), self._files.save_log)

    def watch_folder(self) -> None:
        """Ask for a folder and watch it; if a folder is already being watched, stop watching it instead."""
        if self._watch.folder is not None:
            self._watch.stop()
            return
        _pass(dialogs.choose_folder(self._window, self._folder()), self._watch.start)
        # A checkable action checks itself when pressed, even if the dialog is cancelled.
        self._watch_action.setChecked(self._watch.folder is not None)

    def _folder(self) -> str:
        return self._app_settings.last_folder()

    def _in_folder(self, name: str) -> str:
        return str(Path(self._folder()) / name)


class RecentFiles(QObject):
    """Lists the recent files in the menu and on the welcome page."""

    def __init__(self, parts: WindowParts, state: SessionState, app_settings: Settings, files: Files) -> None:
        super().__init__(parts.window)
        self._menu, self._welcome = parts.recent_menu, parts.central.welcome
        self._clear_action = parts.actions["actionClearRecent"]
        self._app_settings, self._files = app_settings, files
        for signal in (state.scanChanged, state.testScanChanged, state.modelChanged):
            signal.connect(lambda _: self.show())
        theme().changed.connect(self.show)
        self.show()

    def show(self) -> None:
        """Update the recent files in the menu and on the welcome page."""
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
        """Clear the list of recent files."""
        self._app_settings.clear_recent()
        self.show()


def _pass(path: Path | None, act: Callable[[Path], object]) -> None:
    """Call `act` with the chosen file; do nothing if the dialog was cancelled."""
    if path is not None:
        act(path)
