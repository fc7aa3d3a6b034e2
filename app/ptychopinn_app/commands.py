"""One table of commands: object name, text, icon, shortcut, tip. Menus, tool bar and help are built from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

from ptychopinn_app.theme import theme


@dataclass(frozen=True)
class Command:
    """One command of the window."""

    name: str
    text: str
    icon: str = ""
    keys: str = ""
    tip: str = ""
    short: str = ""
    token: str = "text"


COMMANDS = (
    Command("actionOpenData", "Open &data…", "open-data", "Ctrl+O", "Open an NPZ scan to train on", "Open data"),
    Command("actionOpenTestData", "Open &test data…", "", "Ctrl+T", "Open a scan to reconstruct instead"),
    Command("actionOpenModel", "Open &model…", "open-model", "Ctrl+M", "Open a wts.h5.zip archive", "Open model"),
    Command("actionSaveModel", "&Save model…", "save", "Ctrl+S", "Save the model as wts.h5.zip", "Save"),
    Command("actionExportProduct", "&Export product…", "export", "Ctrl+E", "Export the object and probe", "Export"),
    Command("actionClearRecent", "Clear list"),
    Command("actionSettings", "Se&ttings…", "settings", "Ctrl+,", "Theme, runs folder, start-up"),
    Command("actionQuit", "&Quit", "", "Ctrl+Q"),
    Command("actionUndo", "&Undo", "", "Ctrl+Z", "Take the last change of a setting back"),
    Command("actionRedo", "&Redo", "", "Ctrl+Shift+Z", "Make the change again"),
    Command("actionPresets", "&Presets…", "", "Ctrl+P", "Settings by name, with what they would change"),
    Command("actionSaveSettings", "&Save job settings…", "", "", "Keep all settings in a file"),
    Command("actionLoadSettings", "&Load job settings…", "", "", "Take all settings from such a file"),
    Command("actionImportIni", "&Import from ptychodus…", "", "", "Take the settings of a ptychodus INI file"),
    Command("actionExportIni", "&Export to ptychodus…", "", "", "Write the settings into a ptychodus INI file"),
    Command("actionCopyCommand", "Copy as command &line", "", "Ctrl+Shift+C", "The present settings for a terminal"),
    Command("actionCopyPython", "Copy as &Python", "", "Ctrl+Alt+C", "The present settings as a program"),
    Command("actionTrain", "&Train", "train", "Ctrl+R", "Train a model on the open scan", "Train", "on-accent"),
    Command("actionResume", "Res&ume training", "", "Ctrl+Alt+R", "Go on training the open model on the open scan"),
    Command(
        "actionReconstruct", "&Reconstruct", "reconstruct", "Ctrl+Shift+R", "Run the model over the scan", "Reconstruct"
    ),
    Command(
        "actionQuickLook",
        "&Quick look",
        "levels",
        "Ctrl+L",
        "A picture of the scan in seconds, without training",
        "Quick look",
    ),
    Command("actionCalibrate", "Cali&brate probe", "", "Ctrl+Shift+L", "Find the probe from the data and use it"),
    Command("actionRefine", "Re&fine object", "", "Ctrl+I", "Improve the shown object by iteration over its patterns"),
    Command("actionReport", "Quality re&port", "", "Ctrl+Shift+P", "Judge the shown object in depth, on one page"),
    Command("actionBothBackends", "Compare bac&kends", "", "", "Train PyTorch and TensorFlow alike and compare them"),
    Command("actionCompareRuns", "Compare ru&ns", "", "Ctrl+K", "Compare the two runs selected in the Runs tab"),
    Command("actionSweep", "S&weep a setting…", "", "", "Queue trainings that differ in one setting"),
    Command("actionWatch", "Watch &folder…", "", "", "Reconstruct new scans as they arrive in a folder"),
    Command("actionStopKeep", "&Stop and keep", "stop", "Ctrl+.", "Finish the batch and keep what was learned"),
    Command("actionCancel", "&Cancel job", "close", "Ctrl+Shift+.", "End the job and keep nothing"),
    Command("actionFit", "&Fit images", "fit", "Ctrl+0", "Show the whole images and curves"),
    Command("actionThemeSystem", "Follow the s&ystem"),
    Command("actionThemeDark", "&Dark"),
    Command("actionThemeLight", "&Light"),
    Command("actionResetLayout", "Reset &layout", "", "", "Put docks and splitters back"),
    Command("actionShortcuts", "&Keyboard shortcuts", "", "F1"),
    Command("actionCopyReport", "Copy &issue report", "", "", "Versions, settings and log, for those who help"),
    Command("actionAbout", "&About PtychoPINN Studio", "info"),
)

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
        ("actionFit", "-", "docks", "-", "actionThemeSystem", "actionThemeDark", "actionThemeLight", "-",
         "actionResetLayout"),
    ),
    ("&Help", ("actionShortcuts", "actionCopyReport", "actionAbout")),
)  # fmt: skip

THEME_ACTIONS = {"actionThemeSystem": "system", "actionThemeDark": "dark", "actionThemeLight": "light"}


def make_actions(parent: QWidget) -> dict[str, QAction]:
    """Make an action of every command; object name -> action."""
    actions = {}
    for command in COMMANDS:
        action = QAction(command.text, parent)
        action.setObjectName(command.name)
        action.setShortcut(QKeySequence(command.keys))
        # The leading space keeps the text of tool buttons off their icon.
        action.setIconText(" " + (command.short or command.text.replace("&", "").rstrip("…")))
        action.setToolTip(tip(command))
        action.setStatusTip("")
        action.setCheckable(command.name in THEME_ACTIONS or command.name == "actionWatch")
        actions[command.name] = action
    colour_icons(actions)
    return actions


def colour_icons(actions: Mapping[str, QAction]) -> None:
    """Give the actions their icons in the theme's colours."""
    for command in COMMANDS:
        if command.icon:
            actions[command.name].setIcon(theme().icon(command.icon, command.token))


def tip(command: Command, instead: str = "") -> str:
    """Give the tool tip of a command: what it does, or why it cannot, and its keys."""
    words = instead or command.tip or command.text.replace("&", "")
    return f"{words}  ({command.keys})" if command.keys else words


BY_NAME = {command.name: command for command in COMMANDS}
