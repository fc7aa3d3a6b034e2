"""What the user asks for by menu, key or button: file dialogs, settings, theme, recent files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QDialog

from ptychopinn_app.commands import THEME_ACTIONS, colour_icons
from ptychopinn_app.panels.info_dialogs import AboutDialog, ShortcutsDialog
from ptychopinn_app.panels.settings_dialog import SettingsDialog
from ptychopinn_app.services import dialogs
from ptychopinn_app.theme import theme

if TYPE_CHECKING:
    from ptychopinn_app.main_window import MainWindow


class Requests(QObject):
    """Turns actions into calls of the session, with a question in between where one is needed."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._dialogs: dict[str, QDialog] = {}
        self._connect_actions()
        theme().changed.connect(self._recolour)
        self.show_recent()
        self._mark_theme()

    def close(self) -> None:
        """Close the dialogs that are open."""
        for dialog in self._dialogs.values():
            dialog.close()

    def _connect_actions(self) -> None:
        session = self._session
        table: dict[str, Callable[[], object]] = {
            "actionOpenData": self.open_data,
            "actionOpenTestData": self.open_test_data,
            "actionOpenModel": self.open_model,
            "actionSaveModel": self.save_model,
            "actionExportProduct": self.export,
            "actionClearRecent": self.clear_recent,
            "actionSettings": self.show_settings,
            "actionQuit": self._window.close,
            "actionTrain": session.train,
            "actionReconstruct": session.reconstruct,
            "actionQuickLook": session.iterations.quick_look,
            "actionCalibrate": session.iterations.calibrate,
            "actionRefine": session.iterations.refine,
            "actionReport": session.iterations.report,
            "actionStopKeep": session.stop_keep,
            "actionCancel": session.cancel,
            "actionFit": self._window.centre.fit,
            "actionResetLayout": self._window.reset_layout,
            "actionShortcuts": self.show_shortcuts,
            "actionAbout": lambda: AboutDialog(self._window).show(),
        }
        for name, call in table.items():
            self._window.action(name).triggered.connect(lambda _, call=call: call())
        for name, mode in THEME_ACTIONS.items():
            self._window.action(name).triggered.connect(lambda _, mode=mode: self.choose_theme(mode))

    def open_data(self) -> None:
        """Ask for a scan to train on."""
        path = dialogs.choose_scan(self._window, self._folder(), "Open training data")
        if path is not None:
            self._session.open_data(path)

    def open_test_data(self) -> None:
        """Ask for a scan to reconstruct instead."""
        path = dialogs.choose_scan(self._window, self._folder(), "Open test data")
        if path is not None:
            self._session.open_data(path, "test")

    def open_model(self) -> None:
        """Ask for a model archive."""
        path = dialogs.choose_model(self._window, self._folder())
        if path is not None:
            self._session.open_model(path)

    def save_model(self) -> None:
        """Ask where to save the model."""
        path = dialogs.save_model(self._window, str(Path(self._folder()) / "wts.h5.zip"))
        if path is not None:
            self._session.save_model(path)

    def export(self) -> None:
        """Ask where and how to export the object."""
        path = dialogs.save_product(self._window, str(Path(self._folder()) / "product.h5"))
        if path is not None:
            self._session.export_product(path)

    def save_log(self) -> None:
        """Ask where to save the log."""
        path = dialogs.save_log(self._window, str(Path(self._folder()) / "log.txt"))
        if path is not None:
            self._session.save_log(path)

    def _folder(self) -> str:
        return self._window.settings.text("folder/last", str(Path.home()))

    def show_recent(self) -> None:
        """Fill the menu and the welcome page with recent files."""
        settings, menu = self._window.settings, self._window.recent_menu
        menu.clear()
        paths = [*settings.recent("data"), *settings.recent("model")]
        for path in paths:
            entry = menu.addAction(path.name)
            if entry is not None:
                entry.setToolTip(str(path))
                entry.setEnabled(path.exists())
                entry.triggered.connect(lambda _, path=path: self._session.open_paths([path]))
        if paths:
            menu.addSeparator()
        self._window.action("actionClearRecent").setEnabled(bool(paths))
        menu.addAction(self._window.action("actionClearRecent"))
        self._window.centre.welcome.show_recent([path for path in paths if path.exists()])

    def clear_recent(self) -> None:
        """Forget the recent files."""
        self._window.settings.clear_recent()
        self.show_recent()

    def show_settings(self) -> None:
        """Show the settings of the application."""
        settings = self._window.settings
        dialog = SettingsDialog(theme().mode, settings.runs_folder(), settings.flag("jobs/prewarm", True), self._window)
        dialog.themeChosen.connect(self.choose_theme)
        dialog.runsFolderChosen.connect(self._session.set_runs_folder)
        dialog.prewarmChosen.connect(self._session.set_prewarm)
        dialog.resetRequested.connect(self.reset)
        self._dialogs["settings"] = dialog
        dialog.show()

    def reset(self) -> None:
        """Ask, then put everything back to its default."""
        if dialogs.ask_reset(self._window):
            self._session.settings.clear()
            self._session.reset_config()
            self._window.reset_layout()
            self.choose_theme("system")
            self.show_recent()
            self.close()

    def show_shortcuts(self) -> None:
        """Show the keyboard shortcuts."""
        ShortcutsDialog(self._window.actions_by_name.values(), self._window).show()

    def choose_theme(self, mode: str) -> None:
        """Dress the application and remember it."""
        self._window.settings.put("theme", mode)
        theme().apply(mode)
        self._mark_theme()

    def _mark_theme(self) -> None:
        for name, mode in THEME_ACTIONS.items():
            self._window.action(name).setChecked(theme().mode == mode)

    def _recolour(self) -> None:
        colour_icons(self._window.actions_by_name)
        self.show_recent()
