"""The parts of the window that presenters fill and listen to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QLabel, QMenu, QWidget

from ptychopinn_app.central_widget import CentralWidget
from ptychopinn_app.panels.check_panel import CheckPanel
from ptychopinn_app.panels.data_card import DataCard
from ptychopinn_app.panels.settings_panel import SettingsPanel
from ptychopinn_app.services.toast import Toasts
from ptychopinn_app.toolbar import MainToolBar


@dataclass(frozen=True)
class WindowParts:
    """Widgets and actions of one window.

    Attributes
    ----------
    window : the main window, parent of the dialogs
    actions : object name -> action
    """

    window: QWidget
    actions: Mapping[str, QAction]
    bar: MainToolBar
    card: DataCard
    checks: CheckPanel
    forms: SettingsPanel
    central: CentralWidget
    toasts: Toasts
    recent_menu: QMenu
    model_label: QLabel
    watch_label: QLabel
    memory_label: QLabel
