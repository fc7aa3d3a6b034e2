"""Preferences of the application: theme, runs folder, start-up. Not modal."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QWidget

from ptychopinn_app.binder.paths import PathEdit
from ptychopinn_app.theme import MODES
from ptychopinn_app.widgets import STRETCH, Dialog, button, dressed, in_column, in_row

MODE_NAMES = {"system": "Follow the system", "dark": "Dark", "light": "Light"}


class SettingsDialog(Dialog):
    """Dialog for the preferences; emits a signal as soon as a choice is made."""

    themeChosen = pyqtSignal(str)
    runsFolderChosen = pyqtSignal(Path)
    prewarmChosen = pyqtSignal(bool)
    resetRequested = pyqtSignal()

    def __init__(self, mode: str, runs_folder: Path, prewarm: bool, parent: QWidget | None = None) -> None:
        super().__init__("Settings", "settingsDialog", parent)
        self.setMinimumWidth(520)
        themes = QComboBox()
        for name in MODES:
            themes.addItem(MODE_NAMES[name], name)
        themes.setCurrentIndex(MODES.index(mode))
        themes.currentIndexChanged.connect(lambda _: self.themeChosen.emit(str(themes.currentData())))
        folder = dressed(PathEdit("folder", "", False), name="runsFolder")
        folder.set_value(runs_folder)
        folder.valueChanged.connect(self._folder_changed)
        self._problem = dressed(QLabel("Enter an absolute path, for example /data/runs."), role="problem")
        self._problem.hide()
        warm = QCheckBox("Preload the backend")
        warm.setChecked(prewarm)
        warm.setToolTip("Imports the backend in the background, so that training starts faster.")
        warm.toggled.connect(self.prewarmChosen)
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(12)
        form.addRow("Theme", themes)
        form.addRow("Runs folder", folder)
        form.addRow("", self._problem)
        form.addRow("Start-up", warm)
        reset = button("Reset everything…", self.resetRequested, role="danger")
        row = in_row(reset, STRETCH, self.close_button(), spacing=8)
        in_column(form, STRETCH, row, of=self, spacing=20, margins=(22, 20, 22, 18))

    def _folder_changed(self, path: object) -> None:
        good = isinstance(path, Path) and path.is_absolute()
        self._problem.setVisible(not good)
        if good:
            self.runsFolderChosen.emit(path)
