"""Files that the user asks for by menu, key or button: a dialog, then the session opens, saves or watches."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject

from ptychopinn.files import names
from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.services import dialogs
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.datasets import Datasets
from ptychopinn_app.session.files import Files
from ptychopinn_app.session.watch import Watch


class FileRequests(QObject):
    """Asks for a file in the folder that was used last."""

    def __init__(
        self, parts: WindowParts, app_settings: Settings, datasets: Datasets, files: Files, watch: Watch
    ) -> None:
        super().__init__(parts.window)
        self._window, self._watch_action = parts.window, parts.actions["actionWatch"]
        self._app_settings, self._datasets, self._files, self._watch = app_settings, datasets, files, watch

    def open_data(self) -> None:
        """Ask for a scan to train on."""
        path = dialogs.choose_scan(self._window, self._folder(), "Open training data")
        if path is not None:
            self._datasets.open(path)

    def open_test_data(self) -> None:
        """Ask for a scan to reconstruct instead."""
        path = dialogs.choose_scan(self._window, self._folder(), "Open test data")
        if path is not None:
            self._datasets.open(path, "test")

    def open_model(self) -> None:
        """Ask for a model archive."""
        path = dialogs.choose_model(self._window, self._folder())
        if path is not None:
            self._files.open_model(path)

    def save_model(self) -> None:
        """Ask where to save the model."""
        path = dialogs.save_model(self._window, self._in_folder(names.MODEL_FILE))
        if path is not None:
            self._files.save_model(path)

    def export(self) -> None:
        """Ask where and how to export the object."""
        path = dialogs.save_product(self._window, self._in_folder(names.PRODUCT_FILE))
        if path is not None:
            self._files.export(path)

    def save_log(self) -> None:
        """Ask where to save the log."""
        path = dialogs.save_log(self._window, self._in_folder(names.LOG_FILE))
        if path is not None:
            self._files.save_log(path)

    def watch_folder(self) -> None:
        """Ask for a folder and watch it; while one is watched, stop."""
        if self._watch.folder is not None:
            self._watch.stop()
            return
        folder = dialogs.choose_folder(self._window, self._folder())
        if folder is not None:
            self._watch.start(folder)
        # A checkable action checks itself when it is pressed, whatever comes of it.
        self._watch_action.setChecked(self._watch.folder is not None)

    def _folder(self) -> str:
        return self._app_settings.last_folder()

    def _in_folder(self, name: str) -> str:
        return str(Path(self._folder()) / name)
