"""The main window: builds its parts, takes drops, and remembers its shape."""

from __future__ import annotations

from collections.abc import Callable
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
from PyQt6.QtWidgets import QApplication, QDockWidget, QLabel, QLineEdit, QMainWindow, QMenu, QWidget

from ptychopinn_app.binder.fields import guard_wheel
from ptychopinn_app.binder.paths import PathEdit
from ptychopinn_app.central_widget import CentralWidget
from ptychopinn_app.commands import MENUS, THEME_ACTIONS, make_actions
from ptychopinn_app.job_settings.values import backends
from ptychopinn_app.panels.check_panel import CheckPanel
from ptychopinn_app.panels.data_card import DataCard
from ptychopinn_app.panels.drop_overlay import DropOverlay
from ptychopinn_app.panels.info_dialogs import AboutDialog, ShortcutsDialog
from ptychopinn_app.panels.parameter_sweep_dialog import ParameterSweepDialog
from ptychopinn_app.panels.settings_panel import SettingsPanel
from ptychopinn_app.presenters.closing import Closing
from ptychopinn_app.presenters.data_presenter import DataPresenter
from ptychopinn_app.presenters.error_presenter import ErrorPresenter
from ptychopinn_app.presenters.file_requests import FileRequests, RecentFiles
from ptychopinn_app.presenters.jobs_presenter import TITLE, JobsPresenter
from ptychopinn_app.presenters.machine_presenter import MachinePresenter
from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.presenters.patterns_presenter import PatternsPresenter
from ptychopinn_app.presenters.preferences import Preferences
from ptychopinn_app.presenters.runs_presenter import RunsPresenter
from ptychopinn_app.presenters.settings_files import Clipboard, SettingsFiles
from ptychopinn_app.presenters.settings_presenter import SettingsPresenter
from ptychopinn_app.presenters.views_presenter import ViewsPresenter
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.services.toast import Toasts
from ptychopinn_app.session.opened_paths import open_request
from ptychopinn_app.session.session import Session
from ptychopinn_app.theme import theme
from ptychopinn_app.toolbar import MainToolBar
from ptychopinn_app.widgets import dressed, in_column

DOCK_WIDTH = 400
SIZE = QSize(1440, 900)
LEAST = QSize(1100, 660)
# One view at a time, so that the window answers in between.
PREPARE_MS = (600, 900)


class MainWindow(QMainWindow):
    """PtychoPINN Studio."""

    application: QApplication

    def __init__(self, settings: QSettings | None = None) -> None:
        super().__init__()
        self.settings = Settings(settings)
        theme().apply(self.settings.text("theme", "system"))
        self.session = Session(self.settings, self)
        self.setWindowTitle(TITLE)
        self.setWindowIcon(theme().icon("app"))
        self.setMinimumSize(LEAST)
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(False)
        self.actions_by_name = make_actions(self)
        self.card = DataCard()
        self.checks = CheckPanel()
        self.forms = SettingsPanel(self.session.state.config.defaults)
        self.central = CentralWidget(self.session.messages.log)
        self.bar = MainToolBar(self.actions_by_name, backends(), self)
        self.recent_menu = QMenu("Open &recent", self)
        self.recent_menu.setToolTipsVisible(True)
        self.addToolBar(self.bar)
        self.setCentralWidget(self.central)
        self._make_dock()
        self._make_menus()
        self._make_status()
        self.toasts = Toasts(self.central.views_area())
        self._overlay = DropOverlay(self)
        self._make_presenters()
        self._connect_actions()
        self._let_drops_pass()
        guard_wheel(self)
        self.central.setFocus()
        self._first_state = self.saveState()
        self._restore_shape()
        QTimer.singleShot(0, self._first_look)

    def _make_presenters(self) -> None:
        session = self.session
        parts = WindowParts(
            window=self,
            actions=self.actions_by_name,
            bar=self.bar,
            card=self.card,
            checks=self.checks,
            forms=self.forms,
            central=self.central,
            toasts=self.toasts,
            recent_menu=self.recent_menu,
            model_label=self.model_label,
            watch_label=self.watch_label,
            memory_label=self.memory_label,
        )
        self.file_requests = FileRequests(parts, session)
        self.errors = ErrorPresenter(parts, session.messages, self.file_requests)
        self.settings_files = SettingsFiles(self, session)
        self.clipboard = Clipboard(session)
        self.preferences = Preferences(parts, session, self._reset)
        DataPresenter(parts, session, self.file_requests)
        ViewsPresenter(parts, session, self.file_requests)
        PatternsPresenter(self.central, session)
        SettingsPresenter(parts, session)
        JobsPresenter(parts, session)
        self.runs = RunsPresenter(parts, session, self.settings_files)
        self.machine_presenter = MachinePresenter(parts, session)
        self.recent_files = RecentFiles(parts, session)
        self._closing = Closing(self, session, self.file_requests)

    def _connect_actions(self) -> None:
        session, files, settings_files = self.session, self.file_requests, self.settings_files
        table: dict[str, Callable[[], object]] = {
            "actionOpenData": files.open_data,
            "actionOpenTestData": files.open_test_data,
            "actionOpenModel": files.open_model,
            "actionSaveModel": files.save_model,
            "actionExportProduct": files.export,
            "actionClearRecent": self.recent_files.clear,
            "actionSettings": self.preferences.show,
            "actionQuit": self.close,
            "actionTrain": session.jobs.train,
            "actionResume": session.jobs.resume,
            "actionReconstruct": session.jobs.reconstruct,
            "actionQuickLook": session.jobs.quick_look,
            "actionCalibrate": session.jobs.calibrate,
            "actionRefine": session.jobs.refine,
            "actionReport": session.jobs.report,
            "actionBothBackends": session.comparisons.train_both,
            "actionSweep": lambda: ParameterSweepDialog(session.parameter_sweep, self).show(),
            "actionWatch": files.watch_folder,
            "actionStopKeep": session.runner.stop_keep,
            "actionCancel": session.runner.cancel,
            "actionFit": self.central.fit,
            "actionResetLayout": self.reset_layout,
            "actionUndo": session.edits.undo,
            "actionRedo": session.edits.redo,
            "actionCompareRuns": self.runs.compare,
            "actionPresets": settings_files.show_presets,
            "actionSaveSettings": settings_files.save,
            "actionLoadSettings": settings_files.load,
            "actionImportIni": settings_files.import_ini,
            "actionExportIni": settings_files.export_ini,
            "actionCopyCommand": self.clipboard.copy_command,
            "actionCopyPython": self.clipboard.copy_program,
            "actionCopyReport": self.clipboard.copy_issue_report,
            "actionShortcuts": lambda: ShortcutsDialog(self.actions_by_name.values(), self).show(),
            "actionAbout": lambda: AboutDialog(session.machine.name(), self).show(),
        }
        for name, act in table.items():
            self.action(name).triggered.connect(lambda _, act=act: act())

    def _first_look(self) -> None:
        """Do what can wait until the window is shown: runs, devices, the warm child, graphics that will be needed."""
        self.session.wake()
        for delay_ms, panel in zip(PREPARE_MS, self.central.reconstruction.panels(), strict=True):
            QTimer.singleShot(delay_ms, panel.prepare)

    def _reset(self) -> None:
        """Put job settings, layout and the list of recent files back."""
        self.session.state.set_all({})
        self.reset_layout()
        self.recent_files.show()
        self.session.edits.clear()

    def _make_dock(self) -> None:
        body = QWidget()
        in_column(self.card, self.checks, (self.forms, 1), of=body, spacing=10, margins=(10, 10, 10, 0))
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
        self.cursor_label = dressed(QLabel(), name="statusCursor", spoken="Value under the pointer")
        self.watch_label = dressed(QLabel(), name="statusWatch", spoken="Watched folder")
        self.watch_label.hide()
        self.model_label = dressed(QLabel("no model"), name="statusModel")
        self.memory_label = dressed(QLabel(), name="statusMemory", spoken="Memory of the running job")
        self.memory_label.hide()
        if status is not None:
            status.setSizeGripEnabled(False)
            status.addWidget(self.cursor_label, 1)
            status.addPermanentWidget(self.memory_label)
            status.addPermanentWidget(self.watch_label)
            status.addPermanentWidget(self.model_label)
        self.central.cursorText.connect(self.cursor_label.setText)

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
        request = open_request(paths)
        if not request.any:
            for sentence in request.refused:
                self.toasts.show("warning", sentence)
            event.ignore()
            return
        event.acceptProposedAction()
        self._overlay.show_text(request.describe())

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
            self.session.files.open_paths(_paths(event.mimeData()))

    # Shape and end

    def sizeHint(self) -> QSize:
        """Give the size of a first start."""
        return SIZE

    def reset_layout(self) -> None:
        """Put docks and splitters back."""
        self.restoreState(self._first_state)
        self._dock.show()
        self.resizeDocks([self._dock], [DOCK_WIDTH], Qt.Orientation.Horizontal)
        self.central.reset_split()

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
        self.settings.put("window/split", self.central.splitter.saveState())
        self.preferences.close()
        # What could be undone is forgotten: the end of the stack must find none.
        self.session.edits.clear()
        self.machine_presenter.notifier.close()
        self.session.close()
        event.accept()

    def _restore_shape(self) -> None:
        self.resize(SIZE)
        for key, restore in (
            ("window/geometry", self.restoreGeometry),
            ("window/state", self.restoreState),
            ("window/split", self.central.splitter.restoreState),
        ):
            state: QByteArray = self.settings.blob(key)
            if not state.isEmpty():
                restore(state)

    def action(self, name: str) -> QAction:
        """Give an action by its object name."""
        return self.actions_by_name[name]


def _paths(mime: QMimeData | None) -> list[Path]:
    urls = mime.urls() if mime is not None and mime.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
