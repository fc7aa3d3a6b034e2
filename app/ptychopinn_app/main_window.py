"""The main window: builds its parts, connects its actions, and saves its layout."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QByteArray, QCoreApplication, QSettings, QSize, Qt, QTimer
from PyQt6.QtGui import QAction, QCloseEvent, QResizeEvent
from PyQt6.QtWidgets import QDockWidget, QMainWindow, QMenu, QWidget

from ptychopinn_app.binder.editors import guard_wheel
from ptychopinn_app.central_widget import CentralWidget
from ptychopinn_app.commands import SESSION_PANEL, fill_menus, make_actions
from ptychopinn_app.job_settings.values import backends
from ptychopinn_app.panels.check_panel import CheckPanel
from ptychopinn_app.panels.data_card import DataCard
from ptychopinn_app.panels.drop_overlay import DropOverlay
from ptychopinn_app.panels.finding_row import FindingList
from ptychopinn_app.panels.glossary_dialog import GlossaryDialog
from ptychopinn_app.panels.info_dialogs import AboutDialog, ShortcutsDialog
from ptychopinn_app.panels.parameter_sweep_dialog import ParameterSweepDialog
from ptychopinn_app.panels.settings_panel import SettingsPanel
from ptychopinn_app.panels.status_bar import StatusBar
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
from ptychopinn_app.session.session import Session
from ptychopinn_app.theme import theme
from ptychopinn_app.toolbar import MainToolBar
from ptychopinn_app.widgets import in_column

DOCK_WIDTH = 400
SIZE = QSize(1440, 900)
LEAST = QSize(1100, 660)
# One view at a time, so that the window stays responsive.
PREPARE_MS = (600, 900)


class MainWindow(QMainWindow):
    """The main window of PtychoPINN Studio."""

    application: QCoreApplication

    def __init__(self, settings: QSettings | None = None) -> None:
        super().__init__()
        self.settings = Settings(settings)
        theme().apply(self.settings.text("theme", "system"))
        self.session = Session(self.settings, self)
        self.setWindowTitle(TITLE)
        self.setWindowIcon(theme().icon("app"))
        self.setMinimumSize(LEAST)
        self.setDockNestingEnabled(False)
        self.actions_by_name = make_actions(self)
        self.card = DataCard()
        self.checks = CheckPanel()
        self.forms = SettingsPanel(self.session.state.config.defaults)
        self.central = CentralWidget(self.session.messages.log)
        self.bar = MainToolBar(self.actions_by_name, backends(), self)
        self.recent_menu = QMenu("Open &recent", self)
        self.recent_menu.setToolTipsVisible(True)
        self.status = StatusBar()
        self.addToolBar(self.bar)
        self.setCentralWidget(self.central)
        self.setStatusBar(self.status)
        self.central.cursorText.connect(self.status.cursor_value.setText)
        self._make_dock()
        if (bar := self.menuBar()) is not None:
            fill_menus(bar, self.actions_by_name, self.recent_menu)
        self.toasts = Toasts(self.central.views_area)
        self._make_presenters()
        self._connect_actions()
        overlay = DropOverlay(self)
        overlay.refused.connect(lambda sentence: self.toasts.show("warning", sentence))
        overlay.dropped.connect(lambda paths: self.session.files.open_paths(paths))
        guard_wheel(self)
        self.central.setFocus()
        self._first_state = self.saveState()
        self._restore_shape()
        QTimer.singleShot(0, self._first_look)

    def _make_presenters(self) -> None:
        session, settings = self.session, self.settings
        state, messages, datasets, watch = session.state, session.messages, session.datasets, session.watch
        runner, queue = session.runner, session.queue
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
            model_label=self.status.model,
            watch_label=self.status.watch,
            memory_label=self.status.memory,
        )
        self.file_requests = requests = FileRequests(parts, settings, datasets, session.files, watch)
        self.errors = ErrorPresenter(parts, messages, requests)
        self.settings_files = SettingsFiles(self, state, messages, settings, session.edits)
        self.clipboard = Clipboard(state, messages)
        self.preferences = Preferences(parts, runner, settings, session.run_list, self._reset)
        DataPresenter(
            parts,
            requests,
            state=state,
            messages=messages,
            datasets=datasets,
            files=session.files,
            recovery=session.recovery,
        )
        ViewsPresenter(
            parts,
            requests,
            state=state,
            jobs=session.jobs,
            previews=session.previews,
            probe_in_use=session.probe_in_use,
            comparisons=session.comparisons,
        )
        PatternsPresenter(self.central, state, datasets, session.patterns)
        SettingsPresenter(parts, state, session.edits, session.check_list, session.machine)
        JobsPresenter(
            parts,
            state=state,
            messages=messages,
            runner=runner,
            queue=queue,
            watch=watch,
            check_list=session.check_list,
        )
        self.runs = RunsPresenter(parts, messages, session.run_list, session.comparisons, self.settings_files)
        self.machine_presenter = MachinePresenter(parts, state, session.check_list, session.machine)
        self.recent_files = RecentFiles(parts, state, settings, session.files)
        self._closing = Closing(self, requests, state=state, messages=messages, runner=runner, queue=queue, watch=watch)

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
            "actionGlossary": lambda: GlossaryDialog(self).show(),
            "actionAbout": lambda: AboutDialog(session.machine.name(), self).show(),
        }
        for name, act in table.items():
            self.action(name).triggered.connect(lambda _, act=act: act())

    def _first_look(self) -> None:
        """Do the work deferred until the window is shown: list runs, find devices, start the worker, prepare views."""
        self.session.wake()
        for delay_ms, panel in zip(PREPARE_MS, self.central.reconstruction.panels(), strict=True):
            QTimer.singleShot(delay_ms, panel.prepare)

    def _reset(self) -> None:
        """Reset the job settings and the layout, clear the undo history, and update the list of recent files."""
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
        if (toggle := self._dock.toggleViewAction()) is not None:
            toggle.setObjectName(SESSION_PANEL)
            toggle.setShortcut("Ctrl+B")
            self.actions_by_name[SESSION_PANEL] = toggle

    def sizeHint(self) -> QSize:
        """Return the window size for the first start."""
        return SIZE

    def reset_layout(self) -> None:
        """Restore docks and splitters to their initial sizes."""
        self.restoreState(self._first_state)
        self._dock.show()
        self.resizeDocks([self._dock], [DOCK_WIDTH], Qt.Orientation.Horizontal)
        self.central.reset_split()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the lists of findings to the new height of the window."""
        super().resizeEvent(event)
        for findings in self.findChildren(FindingList):
            findings.fit()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Save the window layout and stop all processes; if work would be lost, keep the window open."""
        if event is None:
            return
        if not self._closing.allows():
            event.ignore()
            return
        self.settings.put("window/geometry", self.saveGeometry())
        self.settings.put("window/state", self.saveState())
        self.settings.put("window/split", self.central.splitter.saveState())
        self.preferences.close()
        # The undo stack must be empty before it is destroyed.
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
        """Return an action by its object name."""
        return self.actions_by_name[name]
