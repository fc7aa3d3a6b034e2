"""What the user asks for by menu, key or button: file dialogs, settings, theme, recent files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from ptychopinn.errors import DataError
from ptychopinn_app.commands import THEME_ACTIONS, colour_icons
from ptychopinn_app.job_settings.ptychodus_ini import read_ini, write_ini
from ptychopinn_app.job_settings.scripts import command_line, python_program
from ptychopinn_app.job_settings.settings_file import read_run_settings, read_settings, write_settings
from ptychopinn_app.panels.info_dialogs import AboutDialog, ShortcutsDialog
from ptychopinn_app.panels.parameter_sweep_dialog import SweepDialog
from ptychopinn_app.panels.presets_dialog import PresetsDialog
from ptychopinn_app.panels.settings_dialog import SettingsDialog
from ptychopinn_app.runs.folder import read_note
from ptychopinn_app.services import dialogs
from ptychopinn_app.services.issue_report import issue_report
from ptychopinn_app.theme import theme

if TYPE_CHECKING:
    from ptychopinn_app.job_settings.values import JobSettings
    from ptychopinn_app.main_window import MainWindow
    from ptychopinn_app.records import Scan


class Requests(QObject):
    """Turns actions into calls of the session, with a question in between where one is needed."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._connect_actions()
        theme().changed.connect(self._recolour)
        self.show_recent()
        self._mark_theme()

    def close(self) -> None:
        """Close the dialogs that are open, and forget what could be undone: the end of the stack must find none."""
        for dialog in self._window.findChildren(SettingsDialog):
            dialog.close()
        self._session.edits.clear()

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
            "actionResume": session.resume.start,
            "actionReconstruct": session.reconstruct,
            "actionQuickLook": session.iterations.quick_look,
            "actionCalibrate": session.iterations.calibrate,
            "actionRefine": session.iterations.refine,
            "actionReport": session.iterations.report,
            "actionBothBackends": session.side_by_side.start,
            "actionSweep": self.show_sweep,
            "actionWatch": self.watch_folder,
            "actionStopKeep": session.stop_keep,
            "actionCancel": session.cancel,
            "actionFit": self._window.centre.fit,
            "actionResetLayout": self._window.reset_layout,
            "actionUndo": session.edits.undo,
            "actionRedo": session.edits.redo,
            "actionCompareRuns": self.compare_runs,
            "actionPresets": self.show_presets,
            "actionSaveSettings": self.save_settings,
            "actionLoadSettings": self.load_settings,
            "actionImportIni": self.import_ini,
            "actionExportIni": self.export_ini,
            "actionCopyCommand": lambda: self._copy(command_line, "The command line"),
            "actionCopyPython": lambda: self._copy(python_program, "The program"),
            "actionCopyReport": self.copy_issue_report,
            "actionShortcuts": self.show_shortcuts,
            "actionAbout": lambda: AboutDialog(self._session.machine.name(), self._window).show(),
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

    def compare_runs(self) -> None:
        """Compare the runs that are selected in the list, or say how to select them."""
        runs = self._window.centre.runs
        if not runs.compare():
            self._window.centre.select(runs)
            words = "Select two runs in the Runs tab (Ctrl or Shift and a click, or Shift and the arrows) to compare."
            self._session.notified.emit("info", words)

    def show_presets(self) -> None:
        """Show the presets, in the dialog that is already open if there is one."""
        dialog = self._window.findChild(PresetsDialog) or PresetsDialog(self._session, self._window)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def save_settings(self) -> None:
        """Ask where to save the settings of all sections."""
        path = dialogs.save_settings(self._window, str(Path(self._folder()) / "settings.json"))
        if path is None:
            return
        try:
            write_settings(path, self._session.config.to_table())
        except OSError as error:
            self._session.notified.emit("error", f"{path.name} cannot be written: {error.strerror or error}.")
        else:
            self._session.notified.emit("success", f"Settings saved as {path.name}.")

    def load_settings(self) -> None:
        """Ask for a settings file and take its values; one undo takes them back."""
        path = dialogs.choose_settings(self._window, self._folder())
        if path is None:
            return
        try:
            table, unread = read_settings(path, self._session.config.to_table())
        except DataError as error:
            self._session.notified.emit("error", str(error))
        else:
            self.take_settings(table, path.name, unread)

    def import_ini(self) -> None:
        """Ask for a ptychodus settings file and take its values; one undo takes them back."""
        path = dialogs.choose_ini(self._window, self._folder())
        if path is None:
            return
        try:
            table, unread = read_ini(path, self._session.config)
        except DataError as error:
            self._session.notified.emit("error", str(error))
        else:
            self.take_settings(table, path.name, unread)

    def export_ini(self) -> None:
        """Ask for a ptychodus settings file, new or present, and write the settings into it."""
        path = dialogs.save_ini(self._window, str(Path(self._folder()) / "settings.ini"))
        if path is None:
            return
        try:
            left_out = write_ini(path, self._session.config)
        except (DataError, OSError) as error:
            self._session.notified.emit("error", f"{path.name} cannot be written: {error}")
            return
        words = f"Settings written to {path.name}."
        if left_out:
            words += f" ptychodus has no place for {', '.join(left_out)}."
        self._session.notified.emit("warning" if left_out else "success", words)

    def take_settings(self, table: dict[str, object], origin: str, unread: Sequence[str] = ()) -> None:
        """Replace all settings and say what was left out."""
        left_out = [*unread, *self._session.edits.replace(table, f"settings of {origin}")]
        if left_out:
            words = f"Settings taken from {origin} without {', '.join(left_out)}: unknown here, or of another kind."
            self._session.notified.emit("warning", words)
        else:
            self._session.notified.emit("success", f"Settings taken from {origin}.")

    def take_run_settings(self, run_dir: Path) -> None:
        """Use the settings of a run of the list."""
        noted = read_note(run_dir).get("settings")
        try:
            table, unread = read_run_settings(run_dir, noted, self._session.config.to_table())
        except DataError as error:
            self._session.notified.emit("warning", str(error))
        else:
            self.take_settings(table, run_dir.name, unread)

    def show_sweep(self) -> None:
        """Show the dialog that queues trainings which differ in one setting."""
        SweepDialog(self._session, self._window).show()

    def watch_folder(self) -> None:
        """Ask for a folder and watch it; while one is watched, stop."""
        watch = self._session.watch
        if watch.folder is not None:
            watch.stop()
            return
        folder = dialogs.choose_folder(self._window, self._folder())
        if folder is not None:
            watch.start(folder)
        # A checkable action checks itself when it is pressed, whatever comes of it.
        self._window.action("actionWatch").setChecked(watch.folder is not None)

    def copy_issue_report(self) -> None:
        """Put a text for the developers on the clipboard."""
        self._to_clipboard(issue_report(self._session), "The issue report")

    def _copy(self, write: Callable[[JobSettings, Scan | None, Scan | None], str], what: str) -> None:
        session = self._session
        self._to_clipboard(write(session.config, session.dataset, session.test_dataset), what)

    def _to_clipboard(self, text: str, what: str) -> None:
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(text)
            self._session.notified.emit("success", f"{what} is on the clipboard.")

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
        dialog.show()

    def reset(self) -> None:
        """Ask, then put everything back to its default."""
        if dialogs.ask_reset(self._window):
            self._session.settings.clear()
            self._session.set_all({})
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
