"""Loads job settings from files, presets and runs, and exports them to files and the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from ptychopinn.errors import DataError
from ptychopinn_app.job_settings.ptychodus_ini import read_ini, write_ini
from ptychopinn_app.job_settings.scripts import command_line, python_program
from ptychopinn_app.job_settings.settings_file import read_run_settings, read_settings, write_settings
from ptychopinn_app.panels.presets_dialog import PresetsDialog
from ptychopinn_app.runs.folder import read_note
from ptychopinn_app.services import dialogs
from ptychopinn_app.services.clipboard import copy_text
from ptychopinn_app.services.issue_report import issue_report
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.edits import SettingsEdits
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.state import SessionState


class SettingsFiles(QObject):
    """Asks for settings files, and loads or writes them; loading settings is a single undo step."""

    def __init__(
        self, window: QWidget, state: SessionState, messages: Messages, app_settings: Settings, edits: SettingsEdits
    ) -> None:
        super().__init__(window)
        self._window, self._app_settings = window, app_settings
        self._state, self._messages, self._edits = state, messages, edits

    def show_presets(self) -> None:
        """Show the presets dialog; if it is already open, bring it to the front."""
        dialog = self._window.findChild(PresetsDialog)
        if dialog is None:
            dialog = PresetsDialog(self._state, self._messages, self._edits, self._app_settings, self._window)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def save(self) -> None:
        """Ask where to save the settings of all sections, and save them."""
        path = dialogs.save_settings(self._window, self._in_folder("settings.json"))
        if path is None:
            return
        try:
            write_settings(path, self._state.config.to_table())
        except OSError as error:
            self._messages.refuse(f"Could not write {path.name}: {error.strerror or error}.")
        else:
            self._messages.success(f"Settings saved as {path.name}.")

    def load(self) -> None:
        """Ask for a settings file and load it."""
        path = dialogs.choose_settings(self._window, self._app_settings.last_folder())
        if path is not None:
            self._take(path.name, lambda: read_settings(path, self._state.config.to_table()))

    def import_ini(self) -> None:
        """Ask for a ptychodus settings file and load it."""
        path = dialogs.choose_ini(self._window, self._app_settings.last_folder())
        if path is not None:
            self._take(path.name, lambda: read_ini(path, self._state.config))

    def take_from_run(self, run_dir: Path) -> None:
        """Load the settings of a run."""
        noted = read_note(run_dir).get("settings")
        self._take(run_dir.name, lambda: read_run_settings(run_dir, noted, self._state.config.to_table()))

    def export_ini(self) -> None:
        """Ask for a ptychodus settings file, new or existing, and write the settings into it."""
        path = dialogs.save_ini(self._window, self._in_folder("settings.ini"))
        if path is None:
            return
        try:
            skipped = write_ini(path, self._state.config)
        except (DataError, OSError) as error:
            self._messages.refuse(f"Could not write {path.name}: {error}")
            return
        words = f"Settings written to {path.name}."
        if skipped:
            self._messages.warn(f"{words} ptychodus has no setting for {', '.join(skipped)}.")
        else:
            self._messages.success(words)

    def _take(self, origin: str, read: Callable[[], tuple[dict[str, object], Sequence[str]]]) -> None:
        """Replace all settings, and report any that were skipped."""
        try:
            table, unread = read()
        except DataError as error:
            self._messages.refuse(str(error))
            return
        skipped = [*unread, *self._edits.replace(table, f"settings of {origin}")]
        if skipped:
            words = f"Settings loaded from {origin}. Skipped (unknown or invalid): {', '.join(skipped)}."
            self._messages.warn(words)
        else:
            self._messages.success(f"Settings loaded from {origin}.")

    def _in_folder(self, name: str) -> str:
        return str(Path(self._app_settings.last_folder()) / name)


class Clipboard:
    """Copies the settings, or a bug report, to the clipboard as text."""

    def __init__(self, state: SessionState, messages: Messages) -> None:
        self._state, self._messages = state, messages

    def copy_command(self) -> None:
        """Copy the settings as a command line."""
        state = self._state
        self._copy("Command line", command_line(state.config, state.scan, state.test_scan))

    def copy_program(self) -> None:
        """Copy the settings as a Python program."""
        state = self._state
        self._copy("Python program", python_program(state.config, state.scan, state.test_scan))

    def copy_issue_report(self) -> None:
        """Copy versions, settings and log for a bug report."""
        state = self._state
        lines = self._messages.log.lines
        self._copy("Bug report", issue_report(state.scan, state.model, state.config.to_table(), lines))

    def _copy(self, title: str, text: str) -> None:
        copy_text(text)
        self._messages.success(f"{title} copied to the clipboard.")
