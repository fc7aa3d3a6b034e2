"""Settings of the application itself: theme, runs folder, warm start. Not modal."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from ptychopinn_app.binder.paths import PathEdit
from ptychopinn_app.theme import MODES
from ptychopinn_app.widgets import STRETCH, dressed, in_column, in_row

MODE_NAMES = {"system": "Follow the system", "dark": "Dark", "light": "Light"}


class SettingsDialog(QDialog):
    """Each choice takes effect at once and is sent by a signal."""

    themeChosen = pyqtSignal(str)
    runsFolderChosen = pyqtSignal(Path)
    prewarmChosen = pyqtSignal(bool)
    resetRequested = pyqtSignal()

    def __init__(self, mode: str, runs_folder: Path, prewarm: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("settingsDialog")
        self.setWindowTitle("Settings")
        self.setMinimumWidth(520)
        themes = QComboBox()
        for name in MODES:
            themes.addItem(MODE_NAMES[name], name)
        themes.setCurrentIndex(MODES.index(mode))
        themes.currentIndexChanged.connect(lambda _: self.themeChosen.emit(str(themes.currentData())))
        folder = dressed(PathEdit("folder", "", False), name="runsFolder")
        folder.set_value(runs_folder)
        folder.valueChanged.connect(self._folder_changed)
        self._problem = dressed(QLabel("The folder must be an absolute path."), role="problem")
        self._problem.hide()
        warm = QCheckBox("Load the backend ahead of time")
        warm.setChecked(prewarm)
        warm.setToolTip("A process in the background imports the backend, so that Train starts at once.")
        warm.toggled.connect(self.prewarmChosen)
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(12)
        form.addRow("Theme", themes)
        form.addRow("Runs folder", folder)
        form.addRow("", self._problem)
        form.addRow("Start-up", warm)
        reset = dressed(QPushButton("Reset everything…"), role="danger")
        reset.clicked.connect(self.resetRequested)
        close = dressed(QPushButton("Close"), role="primary")
        close.setDefault(True)
        close.clicked.connect(self.close)
        row = in_row(reset, STRETCH, close, spacing=8)
        in_column(form, STRETCH, row, of=self, spacing=20, margins=(22, 20, 22, 18))

    def _folder_changed(self, path: object) -> None:
        good = isinstance(path, Path) and path.is_absolute()
        self._problem.setVisible(not good)
        if good:
            self.runsFolderChosen.emit(path)
