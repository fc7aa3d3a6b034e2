"""Table of commands: object name, text, icon, shortcut, tip. The menus, tool bar and help are built from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PyQt6.QtGui import QAction, QActionGroup, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar, QWidget

from ptychopinn_app.theme import theme


@dataclass(frozen=True)
class Command:
    """A command of the window; `short` is its tool bar text, `token` the theme colour of its icon."""

    name: str
    text: str
    icon: str = ""
    keys: str = ""
    tip: str = ""
    short: str = ""
    token: str = "text"


COMMANDS = (
    Command(
        "actionOpenData", "Open &data…", "open-data", "Ctrl+O", "Open a scan to train on (NPZ, HDF5, CXI)", "Open data"
    ),
    Command(
        "actionOpenTestData", "Open &test data…", "", "Ctrl+T", "Open a second scan for validation and reconstruction"
    ),
    Command("actionOpenModel", "Open &model…", "open-model", "Ctrl+M", "Open a model (wts.h5.zip)", "Open model"),
    Command("actionSaveModel", "&Save model…", "save", "Ctrl+S", "Save the model as wts.h5.zip", "Save"),
    Command("actionExportProduct", "&Export product…", "export", "Ctrl+E", "Export the object and probe", "Export"),
    Command("actionClearRecent", "Clear list"),
    Command("actionSettings", "Settin&gs…", "settings", "Ctrl+,", "Change the theme, runs folder or start-up options"),
    Command("actionQuit", "&Quit", "", "Ctrl+Q"),
    Command("actionUndo", "&Undo", "", "Ctrl+Z", "Undo the last change to a setting"),
    Command("actionRedo", "&Redo", "", "Ctrl+Shift+Z", "Redo the last undone change"),
    Command("actionPresets", "&Presets…", "", "Ctrl+P", "Apply or save a named set of settings"),
    Command("actionSaveSettings", "&Save job settings…", "", "", "Save all settings to a file"),
    Command("actionLoadSettings", "&Load job settings…", "", "", "Load all settings from a file or from a run"),
    Command("actionImportIni", "&Import from ptychodus…", "", "", "Load the settings from a ptychodus INI file"),
    Command("actionExportIni", "&Export to ptychodus…", "", "", "Write the settings to a ptychodus INI file"),
    Command(
        "actionCopyCommand", "Copy as &command line", "", "Ctrl+Shift+C", "Copy the current settings as a shell command"
    ),
    Command("actionCopyPython", "Copy as P&ython", "", "Ctrl+Alt+C", "Copy the current settings as a Python script"),
    Command("actionTrain", "&Train", "train", "Ctrl+R", "Train a model on the open scan", "Train", "on-accent"),
    Command("actionResume", "Res&ume training", "", "Ctrl+Alt+R", "Continue training the open model on the open scan"),
    Command("actionReconstruct", "&Reconstruct", "reconstruct", "Ctrl+Shift+R", "Reconstruct the scan with the model"),
    Command("actionQuickLook", "&Quick look", "levels", "Ctrl+L", "Reconstruct the scan in seconds, without training"),
    Command("actionCalibrate", "Cali&brate probe", "", "Ctrl+Shift+L", "Determine the probe from the data and use it"),
    Command("actionRefine", "Re&fine object", "", "Ctrl+I", "Improve the object with sweeps over the patterns"),
    Command("actionReport", "Quality re&port", "", "Ctrl+Shift+P", "Create a one-page report on the object's quality"),
    Command(
        "actionBothBackends", "Compare bac&kends", "", "", "Train and compare both backends with the same settings"
    ),
    Command("actionCompareRuns", "Compare ru&ns", "", "Ctrl+K", "Compare the two runs selected in the Runs tab"),
    Command("actionSweep", "S&weep a setting…", "", "", "Queue training runs that differ in one setting"),
    Command("actionWatch", "Watch fol&der…", "", "", "Reconstruct new scans as they appear in a folder"),
    Command("actionStopKeep", "&Stop and keep", "stop", "Ctrl+.", "Stop the job and save its result so far"),
    Command("actionCancel", "&Cancel job", "close", "Ctrl+Shift+.", "End the job without saving"),
    Command("actionFit", "&Fit images", "fit", "Ctrl+0", "Fit images and plots to the view"),
    Command("actionThemeSystem", "Follow the s&ystem"),
    Command("actionThemeDark", "&Dark"),
    Command("actionThemeLight", "&Light"),
    Command("actionResetLayout", "&Reset layout", "", "", "Restore the default layout"),
    Command("actionShortcuts", "&Keyboard shortcuts", "", "F1"),
    Command("actionGlossary", "&Glossary", "", "", "Explain the terms used in this application"),
    Command("actionCopyReport", "Copy &bug report", "", "", "Copy versions, settings and log to the clipboard"),
    Command("actionAbout", "&About PtychoPINN Studio", "info"),
)

SESSION_PANEL = "actionSessionPanel"
"""Shows or hides the session panel; the dock creates this action, and the window adds it to the others."""

MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "&File",
        ("actionOpenData", "actionOpenTestData", "actionOpenModel", "recent", "-", "actionSaveModel",
         "actionExportProduct", "-", "actionSettings", "-", "actionQuit"),
    ),
    (
        "&Edit",
        ("actionUndo", "actionRedo", "-", "actionPresets", "actionLoadSettings", "actionSaveSettings", "-",
         "actionImportIni", "actionExportIni", "-", "actionCopyCommand", "actionCopyPython"),
    ),
    (
        "&Run",
        ("actionQuickLook", "actionCalibrate", "-", "actionTrain", "actionResume", "actionReconstruct", "-",
         "actionRefine", "actionReport", "-", "actionCompareRuns", "actionBothBackends", "actionSweep", "actionWatch",
         "-", "actionStopKeep", "actionCancel"),
    ),
    (
        "&View",
        ("actionFit", "-", SESSION_PANEL, "-", "actionThemeSystem", "actionThemeDark", "actionThemeLight", "-",
         "actionResetLayout"),
    ),
    ("&Help", ("actionShortcuts", "actionGlossary", "-", "actionCopyReport", "-", "actionAbout")),
)  # fmt: skip

THEME_ACTIONS = {"actionThemeSystem": "system", "actionThemeDark": "dark", "actionThemeLight": "light"}


def make_actions(parent: QWidget) -> dict[str, QAction]:
    """Create an action for each command; return a mapping from object name to action."""
    actions = {}
    for command in COMMANDS:
        action = QAction(command.text, parent)
        action.setObjectName(command.name)
        action.setShortcut(QKeySequence(command.keys))
        if command.icon:
            action.setIcon(theme().icon(command.icon, command.token))
        # The leading space keeps the text of tool buttons off their icon.
        action.setIconText(" " + (command.short or command.text.replace("&", "").rstrip("…")))
        action.setToolTip(tip(command))
        action.setCheckable(command.name in THEME_ACTIONS or command.name == "actionWatch")
        actions[command.name] = action
    return actions


def fill_menus(bar: QMenuBar, actions: Mapping[str, QAction], recent: QMenu) -> None:
    """Build the menus; `recent` is the menu of recent files."""
    group = QActionGroup(bar)
    for name in THEME_ACTIONS:
        group.addAction(actions[name])
    for title, names in MENUS:
        menu = QMenu(title, bar)
        bar.addMenu(menu)
        for name in names:
            if name == "-":
                menu.addSeparator()
            elif name == "recent":
                menu.addMenu(recent)
            else:
                menu.addAction(actions[name])


def tip(command: Command, instead: str = "") -> str:
    """Return a command's tool tip: its purpose and shortcut. If `instead` is given, it replaces the purpose."""
    words = instead or command.tip or command.text.replace("&", "")
    return f"{words}  ({command.keys})" if command.keys else words


BY_NAME = {command.name: command for command in COMMANDS}
