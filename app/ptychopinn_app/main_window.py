"""The main window: builds its parts, takes drops, and remembers its shape."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QByteArray, QMimeData, QSettings, QSize, Qt, QTimer
from PyQt6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QResizeEvent,
)
from PyQt6.QtWidgets import QApplication, QDockWidget, QLabel, QLineEdit, QMainWindow, QMenu, QVBoxLayout, QWidget

from ptychopinn_app.binder.fields import guard_wheel
from ptychopinn_app.binder.paths import PathEdit
from ptychopinn_app.centre import Centre
from ptychopinn_app.commands import MENUS, THEME_ACTIONS, make_actions
from ptychopinn_app.job_settings.values import backends
from ptychopinn_app.panels.check_panel import CheckPanel
from ptychopinn_app.panels.data_card import DataCard
from ptychopinn_app.panels.drop_overlay import DropOverlay
from ptychopinn_app.panels.settings_panel import SettingsPanel
from ptychopinn_app.presenters.closing import Closing
from ptychopinn_app.presenters.machine_presenter import MachinePresenter
from ptychopinn_app.presenters.patterns_presenter import PatternsPresenter
from ptychopinn_app.presenters.requests import Requests
from ptychopinn_app.presenters.session_presenter import Presenter
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.services.toast import Toasts
from ptychopinn_app.session.opened_paths import sort_out
from ptychopinn_app.session.session import Session
from ptychopinn_app.theme import theme
from ptychopinn_app.toolbar import MainToolBar

DOCK_WIDTH = 400
SIZE = QSize(1440, 900)
LEAST = QSize(1100, 660)


class MainWindow(QMainWindow):
    """PtychoPINN Studio."""

    application: QApplication

    def __init__(self, settings: QSettings | None = None) -> None:
        super().__init__()
        self.settings = Settings(settings)
        theme().apply(self.settings.text("theme", "system"))
        self.session = Session(self.settings, self)
        self.setWindowTitle("PtychoPINN Studio")
        self.setWindowIcon(theme().icon("app"))
        self.setMinimumSize(LEAST)
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(False)
        self.actions_by_name = make_actions(self)
        self.card = DataCard()
        self.checks = CheckPanel()
        self.forms = SettingsPanel(self.session.config.defaults)
        self.centre = Centre(self.session.log)
        self.bar = MainToolBar(self.actions_by_name, backends(), self)
        self.recent_menu = QMenu("Open &recent", self)
        self.recent_menu.setToolTipsVisible(True)
        self.addToolBar(self.bar)
        self.setCentralWidget(self.centre)
        self._make_dock()
        self._make_menus()
        self._make_status()
        self.toasts = Toasts(self.centre.views_area())
        self._overlay = DropOverlay(self)
        self._closing = Closing(self)
        self.requests = Requests(self)
        self.presenter = Presenter(self)
        self.machine_presenter = MachinePresenter(self)
        self.patterns_presenter = PatternsPresenter(self)
        self._let_drops_pass()
        guard_wheel(self)
        self.centre.setFocus()
        self._first_state = self.saveState()
        self._restore_shape()
        QTimer.singleShot(0, self.presenter.first_look)

    def _make_dock(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(10, 10, 10, 0)
        column.setSpacing(10)
        column.addWidget(self.card)
        column.addWidget(self.checks)
        column.addWidget(self.forms, 1)
        self._dock = QDockWidget("Session panel", self)
        self._dock.setObjectName("sessionDock")
        self._dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self._dock.setTitleBarWidget(QWidget())
        self._dock.setWidget(body)
        body.setMinimumWidth(DOCK_WIDTH - 30)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self._dock)
        self.resizeDocks([self._dock], [DOCK_WIDTH], Qt.Orientation.Horizontal)

    def _make_menus(self) -> None:
        bar = self.menuBar()
        if bar is None:
            return
        group = QActionGroup(self)
        for name in THEME_ACTIONS:
            group.addAction(self.actions_by_name[name])
        for title, names in MENUS:
            menu = bar.addMenu(title)
            if menu is None:
                continue
            for name in names:
                if name == "-":
                    menu.addSeparator()
                elif name == "recent":
                    menu.addMenu(self.recent_menu)
                elif name == "docks":
                    toggle = self._dock.toggleViewAction()
                    if toggle is not None:
                        toggle.setObjectName("actionSessionPanel")
                        toggle.setShortcut("Ctrl+B")
                        menu.addAction(toggle)
                        self.actions_by_name["actionSessionPanel"] = toggle
                else:
                    menu.addAction(self.actions_by_name[name])

    def _make_status(self) -> None:
        status = self.statusBar()
        self.cursor_label = QLabel()
        self.cursor_label.setObjectName("statusCursor")
        self.cursor_label.setAccessibleName("Value under the pointer")
        self.watch_label = QLabel()
        self.watch_label.setObjectName("statusWatch")
        self.watch_label.setAccessibleName("Watched folder")
        self.watch_label.hide()
        self.model_label = QLabel("no model")
        self.model_label.setObjectName("statusModel")
        self.memory_label = QLabel()
        self.memory_label.setObjectName("statusMemory")
        self.memory_label.setAccessibleName("Memory of the running job")
        self.memory_label.hide()
        if status is not None:
            status.setSizeGripEnabled(False)
            status.addWidget(self.cursor_label, 1)
            status.addPermanentWidget(self.memory_label)
            status.addPermanentWidget(self.watch_label)
            status.addPermanentWidget(self.model_label)
        self.centre.cursorText.connect(self.cursor_label.setText)

    # Drag and drop

    def _let_drops_pass(self) -> None:
        """Leave files that are dropped on a field to the window: a field would take their names as its text."""
        for field in self.findChildren(QLineEdit):
            if not isinstance(field, PathEdit):
                field.setAcceptDrops(False)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Accept a drag that holds something to open, and say what a drop will do."""
        if event is None:
            return
        paths = _paths(event.mimeData())
        found = sort_out(paths)
        if not found.any:
            for sentence in found.refused:
                self.toasts.show("warning", sentence)
            event.ignore()
            return
        event.acceptProposedAction()
        self._overlay.show_text(found.describe())

    def dragMoveEvent(self, event: QDragMoveEvent | None) -> None:
        """Keep accepting what was accepted on entry."""
        if event is not None:
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        """Take the veil away."""
        self._overlay.hide()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open what was dropped."""
        self._overlay.hide()
        if event is not None:
            event.acceptProposedAction()
            self.session.open_paths(_paths(event.mimeData()))

    # Shape and end

    def sizeHint(self) -> QSize:
        """Give the size of a first start."""
        return SIZE

    def reset_layout(self) -> None:
        """Put docks and splitters back."""
        self.restoreState(self._first_state)
        self._dock.show()
        self.resizeDocks([self._dock], [DOCK_WIDTH], Qt.Orientation.Horizontal)
        self.centre.reset_split()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the lists of findings the room that there is now."""
        super().resizeEvent(event)
        self.card.fit_findings()
        self.checks.fit_findings()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """End all processes and remember the shape, unless something would be lost."""
        if event is None:
            return
        if not self._closing.allows():
            event.ignore()
            return
        self.settings.put("window/geometry", self.saveGeometry())
        self.settings.put("window/state", self.saveState())
        self.settings.put("window/split", self.centre.splitter.saveState())
        self.requests.close()
        self.machine_presenter.notifier.close()
        self.session.close()
        event.accept()

    def _restore_shape(self) -> None:
        self.resize(SIZE)
        for key, restore in (
            ("window/geometry", self.restoreGeometry),
            ("window/state", self.restoreState),
            ("window/split", self.centre.splitter.restoreState),
        ):
            kept: QByteArray = self.settings.blob(key)
            if not kept.isEmpty():
                restore(kept)

    def action(self, name: str) -> QAction:
        """Give an action by its object name."""
        return self.actions_by_name[name]


def _paths(mime: QMimeData | None) -> list[Path]:
    urls = mime.urls() if mime is not None and mime.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
