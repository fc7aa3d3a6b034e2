"""The centre of the window: views above, loss, log and runs below, and the job strip."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QTabWidget, QWidget

from ptychopinn_app.binder.fields import guard_wheel
from ptychopinn_app.panels.job_strip import JobStrip
from ptychopinn_app.panels.log_panel import LogPanel
from ptychopinn_app.panels.queue_panel import QueuePanel
from ptychopinn_app.panels.recovery_bar import RecoveryBar
from ptychopinn_app.panels.report_panel import ReportPanel
from ptychopinn_app.panels.runs_panel import RunsPanel
from ptychopinn_app.panels.welcome import Welcome
from ptychopinn_app.services.logbook import LogBook
from ptychopinn_app.views.compare_view import CompareView
from ptychopinn_app.views.diffraction_view import DiffractionView
from ptychopinn_app.views.loss_plot import LossPlot
from ptychopinn_app.views.positions_view import PositionsView
from ptychopinn_app.views.probe_view import ProbeView
from ptychopinn_app.views.reconstruction_view import ReconstructionView
from ptychopinn_app.widgets import dressed, in_column

SPLIT = (620, 210)


class CentralWidget(QWidget):
    """Arranges views and panels; `cursorText` is what lies under the pointer."""

    cursorText = pyqtSignal(str)

    def __init__(self, book: LogBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.welcome = Welcome()
        self.reconstruction = ReconstructionView()
        self.probe = ProbeView()
        self.diffraction = DiffractionView()
        self.positions = PositionsView()
        self.report = ReportPanel()
        self._compare: CompareView | None = None
        self.loss = LossPlot()
        self.log = LogPanel(book)
        self.runs = RunsPanel()
        self.queue = QueuePanel()
        self.strip = JobStrip()
        self.recovery = RecoveryBar()
        self._upper = dressed(QTabWidget(), name="viewTabs")
        self._upper.setDocumentMode(True)
        self._upper.addTab(self.reconstruction, "Reconstruction")
        for view, title in ((self.probe, "Probe"), (self.diffraction, "Diffraction"), (self.positions, "Positions")):
            self._upper.addTab(view, title)
        self._upper.addTab(self.report, "Report")
        self._upper.setTabVisible(self._upper.indexOf(self.report), False)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self._upper)
        self._lower = dressed(QTabWidget(), name="lowerTabs")
        self._lower.setDocumentMode(True)
        for panel, title in ((self.loss, "Loss"), (self.log, "Log"), (self.runs, "Runs"), (self.queue, "Queue")):
            self._lower.addTab(panel, title)
        self.splitter = dressed(QSplitter(Qt.Orientation.Vertical), name="centreSplitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._stack)
        self.splitter.addWidget(self._lower)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes(list(SPLIT))
        in_column(self.recovery, (self.splitter, 1), self.strip, of=self, spacing=0, margins=(0, 0, 0, 0))
        for shown in (self.reconstruction, self.probe, self.diffraction, self.positions, self.loss):
            shown.cursorText.connect(self.cursorText)
        # What lay under the pointer belongs to the view that was left.
        self._upper.currentChanged.connect(lambda _: self.cursorText.emit(""))
        self._warnings = 0

    @property
    def compare(self) -> CompareView:
        """The comparison of two runs; its tab is made when it is first asked for, to keep the start quick."""
        if self._compare is None:
            self._compare = CompareView()
            guard_wheel(self._compare)
            self._compare.cursorText.connect(self.cursorText)
            self._upper.addTab(self._compare, "Compare")
        return self._compare

    def show_views(self) -> None:
        """Leave the welcome page, whose height the views need not have."""
        if self.shows_welcome():
            self.welcome.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            self._stack.setCurrentWidget(self._upper)

    def shows_welcome(self) -> bool:
        """Whether nothing has been opened yet."""
        return self._stack.currentWidget() is self.welcome

    def select(self, view: QWidget) -> None:
        """Bring a view or a panel to the front."""
        for tabs in (self._upper, self._lower):
            if tabs.indexOf(view) >= 0:
                tabs.setCurrentWidget(view)

    def show_report_tab(self) -> None:
        """Offer the report."""
        self._upper.setTabVisible(self._upper.indexOf(self.report), True)

    def count_warnings(self, levels: list[str]) -> None:
        """Say in the log's tab how many warnings and errors have not been looked at."""
        if self._lower.currentWidget() is self.log:
            self._warnings = 0
        else:
            self._warnings += sum(level in ("warning", "error") for level in levels)
        self._lower.setTabText(self._lower.indexOf(self.log), f"Log ({self._warnings})" if self._warnings else "Log")

    def count_runs(self, number: int) -> None:
        """Say in the runs' tab how many there are."""
        self._lower.setTabText(self._lower.indexOf(self.runs), f"Runs ({number})" if number else "Runs")

    def count_queue(self, number: int) -> None:
        """Say in the queue's tab how many jobs wait."""
        self._lower.setTabText(self._lower.indexOf(self.queue), f"Queue ({number})" if number else "Queue")

    def lower_tabs(self) -> QTabWidget:
        """Give the tabs of loss, log and runs."""
        return self._lower

    def upper_tabs(self) -> QTabWidget:
        """Give the tabs of the views."""
        return self._upper

    def views_area(self) -> QWidget:
        """Give the part above the splitter, where messages may lie without hiding buttons."""
        return self._stack

    def reset_split(self) -> None:
        """Give views and panels their first sizes."""
        self.splitter.setSizes(list(SPLIT))

    def fit(self) -> None:
        """Show whole images in the view in front, and whole curves."""
        self.loss.fit()
        view = self._upper.currentWidget()
        if isinstance(view, ReconstructionView | ProbeView | DiffractionView | PositionsView | CompareView):
            view.fit()
