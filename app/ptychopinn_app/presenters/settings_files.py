"""Settings that come from a file, a preset or a run, and go into a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from ptychopinn.errors import DataError
from ptychopinn_app.job_settings.ptychodus_ini import read_ini, write_ini
from ptychopinn_app.job_settings.settings_file import read_run_settings, read_settings, write_settings
from ptychopinn_app.panels.presets_dialog import PresetsDialog
from ptychopinn_app.runs.folder import read_note
from ptychopinn_app.services import dialogs
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.edits import SettingsEdits
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.state import SessionState


class SettingsFiles(QObject):
    """Asks for the file; settings that are taken are one step that can be undone."""

    def __init__(
        self, window: QWidget, app_settings: Settings, state: SessionState, messages: Messages, edits: SettingsEdits
    ) -> None:
        super().__init__(window)
        self._window, self._app_settings = window, app_settings
        self._state, self._messages, self._edits = state, messages, edits

    def show_presets(self) -> None:
        """Show the presets, in the dialog that is already open if there is one."""
        dialog = self._window.findChild(PresetsDialog)
        if dialog is None:
            dialog = PresetsDialog(self._state, self._messages, self._edits, self._app_settings, self._window)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def save(self) -> None:
        """Ask where to save the settings of all sections."""
        path = dialogs.save_settings(self._window, self._in_folder("settings.json"))
        if path is None:
            return
        try:
            write_settings(path, self._state.config.to_table())
        except OSError as error:
            self._messages.refuse(f"{path.name} cannot be written: {error.strerror or error}.")
        else:
            self._messages.success(f"Settings saved as {path.name}.")

    def load(self) -> None:
        """Ask for a settings file and take its values."""
        path = dialogs.choose_settings(self._window, self._app_settings.last_folder())
        if path is None:
            return
        try:
            table, unread = read_settings(path, self._state.config.to_table())
        except DataError as error:
            self._messages.refuse(str(error))
        else:
            self.take(table, path.name, unread)

    def import_ini(self) -> None:
        """Ask for a ptychodus settings file and take its values."""
        path = dialogs.choose_ini(self._window, self._app_settings.last_folder())
        if path is None:
            return
        try:
            table, unread = read_ini(path, self._state.config)
        except DataError as error:
            self._messages.refuse(str(error))
        else:
            self.take(table, path.name, unread)

    def export_ini(self) -> None:
        """Ask for a ptychodus settings file, new or present, and write the settings into it."""
        path = dialogs.save_ini(self._window, self._in_folder("settings.ini"))
        if path is None:
            return
        try:
            left_out = write_ini(path, self._state.config)
        except (DataError, OSError) as error:
            self._messages.refuse(f"{path.name} cannot be written: {error}")
            return
        words = f"Settings written to {path.name}."
        if left_out:
            self._messages.warn(f"{words} ptychodus has no place for {', '.join(left_out)}.")
        else:
            self._messages.success(words)

    def take(self, table: dict[str, object], origin: str, unread: Sequence[str] = ()) -> None:
        """Replace all settings and say what was left out."""
        left_out = [*unread, *self._edits.replace(table, f"settings of {origin}")]
        if left_out:
            words = f"Settings taken from {origin} without {', '.join(left_out)}: unknown here, or of another kind."
            self._messages.warn(words)
        else:
            self._messages.success(f"Settings taken from {origin}.")

    def take_from_run(self, run_dir: Path) -> None:
        """Use the settings of a run of the list."""
        noted = read_note(run_dir).get("settings")
        try:
            table, unread = read_run_settings(run_dir, noted, self._state.config.to_table())
        except DataError as error:
            self._messages.warn(str(error))
        else:
            self.take(table, run_dir.name, unread)

    def _in_folder(self, name: str) -> str:
        return str(Path(self._app_settings.last_folder()) / name)
