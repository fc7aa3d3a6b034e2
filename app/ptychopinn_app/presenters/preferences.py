"""Settings of the application itself: theme, runs folder, preloading of the backend, and the reset to defaults."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject

from ptychopinn_app.commands import THEME_ACTIONS
from ptychopinn_app.panels.settings_dialog import SettingsDialog
from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.services import dialogs
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.run_list import RunList
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.theme import theme


class Preferences(QObject):
    """Applies and stores each choice immediately.

    Parameters
    ----------
    reset_others : resets the job settings and the window when the user resets everything
    """

    def __init__(
        self,
        parts: WindowParts,
        runner: JobRunner,
        app_settings: Settings,
        run_list: RunList,
        reset_others: Callable[[], None],
    ) -> None:
        super().__init__(parts.window)
        self._window, self._actions = parts.window, parts.actions
        self._app_settings, self._runner, self._run_list = app_settings, runner, run_list
        self._reset_others = reset_others
        for name, mode in THEME_ACTIONS.items():
            self._actions[name].triggered.connect(lambda _, mode=mode: self.choose_theme(mode))
        self._mark_theme()

    def show(self) -> None:
        """Show the preferences dialog."""
        prewarm = self._app_settings.flag("jobs/prewarm", True)
        dialog = SettingsDialog(theme().mode, self._app_settings.runs_folder(), prewarm, self._window)
        dialog.themeChosen.connect(self.choose_theme)
        dialog.runsFolderChosen.connect(self._run_list.set_folder)
        dialog.prewarmChosen.connect(self.set_prewarm)
        dialog.resetRequested.connect(self.reset)
        dialog.show()

    def close(self) -> None:
        """Close any open preferences dialog."""
        for dialog in self._window.findChildren(SettingsDialog):
            dialog.close()

    def set_prewarm(self, on: bool) -> None:
        """Choose whether the backend is loaded ahead of time."""
        self._app_settings.put("jobs/prewarm", on)
        self._runner.set_prewarm(on)

    def reset(self) -> None:
        """Reset all settings to their defaults if the user confirms."""
        if dialogs.ask_reset(self._window):
            self._app_settings.clear()
            self._reset_others()
            self.choose_theme("system")
            self.close()

    def choose_theme(self, mode: str) -> None:
        """Apply a theme and store the choice."""
        self._app_settings.put("theme", mode)
        theme().apply(mode)
        self._mark_theme()

    def _mark_theme(self) -> None:
        for name, mode in THEME_ACTIONS.items():
            self._actions[name].setChecked(theme().mode == mode)
