"""The central widget: views above; loss, log, runs and queue below; and the job strip."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QTabWidget, QWidget

from ptychopinn_app.binder.editors import guard_wheel
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
    """Arranges views and panels; `cursorText` carries the value under the pointer.

    Attributes
    ----------
    upper_tabs : the views
    lower_tabs : the loss, log, runs and queue panels
    views_area : the upper part of the splitter; messages appear over it, away from the job strip's buttons
    """

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
        views = {"Reconstruction": self.reconstruction, "Probe": self.probe, "Diffraction": self.diffraction}
        self.upper_tabs = _tabs("viewTabs", {**views, "Positions": self.positions, "Report": self.report})
        self.upper_tabs.setTabVisible(self.upper_tabs.indexOf(self.report), False)
        self.views_area = QStackedWidget()
        self.views_area.addWidget(self.welcome)
        self.views_area.addWidget(self.upper_tabs)
        panels = {"Loss": self.loss, "Log": self.log, "Runs": self.runs, "Queue": self.queue}
        self.lower_tabs = _tabs("lowerTabs", panels)
        self.splitter = dressed(QSplitter(Qt.Orientation.Vertical), name="centreSplitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.views_area)
        self.splitter.addWidget(self.lower_tabs)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes(list(SPLIT))
        in_column(self.recovery, (self.splitter, 1), self.strip, of=self, spacing=0, margins=(0, 0, 0, 0))
        for shown in (self.reconstruction, self.probe, self.diffraction, self.positions, self.loss):
            shown.cursorText.connect(self.cursorText)
        # The value under the pointer belongs to the previous view.
        self.upper_tabs.currentChanged.connect(lambda _: self.cursorText.emit(""))
        self._warnings = 0

    @property
    def compare(self) -> CompareView:
        """The comparison of two runs; its tab is created on first use, to keep start-up fast."""
        if self._compare is None:
            self._compare = CompareView()
            guard_wheel(self._compare)
            self._compare.cursorText.connect(self.cursorText)
            self.upper_tabs.addTab(self._compare, "Compare")
        return self._compare

    def show_views(self) -> None:
        """Replace the welcome page with the views, and drop the page's larger minimum height."""
        if self.shows_welcome():
            self.welcome.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            self.views_area.setCurrentWidget(self.upper_tabs)

    def shows_welcome(self) -> bool:
        """Return whether the welcome page is shown, i.e. nothing has been opened yet."""
        return self.views_area.currentWidget() is self.welcome

    def select(self, view: QWidget) -> None:
        """Bring a view or a panel to the front."""
        for tabs in (self.upper_tabs, self.lower_tabs):
            if tabs.indexOf(view) >= 0:
                tabs.setCurrentWidget(view)

    def show_report_tab(self) -> None:
        """Show the report tab."""
        self.upper_tabs.setTabVisible(self.upper_tabs.indexOf(self.report), True)

    def count_warnings(self, levels: list[str]) -> None:
        """Count new warnings and errors, and show the number of unread ones in the title of the Log tab."""
        if self.lower_tabs.currentWidget() is self.log:
            self._warnings = 0
        else:
            self._warnings += sum(level in ("warning", "error") for level in levels)
        self._show_count(self.log, "Log", self._warnings)

    def count_runs(self, number: int) -> None:
        """Show the number of runs in the title of the Runs tab."""
        self._show_count(self.runs, "Runs", number)

    def count_queue(self, number: int) -> None:
        """Show the number of waiting jobs in the title of the Queue tab."""
        self._show_count(self.queue, "Queue", number)

    def _show_count(self, panel: QWidget, title: str, number: int) -> None:
        self.lower_tabs.setTabText(self.lower_tabs.indexOf(panel), f"{title} ({number})" if number else title)

    def reset_split(self) -> None:
        """Restore the initial sizes of views and panels."""
        self.splitter.setSizes(list(SPLIT))

    def fit(self) -> None:
        """Fit the images of the current view and the loss curves to the available space."""
        self.loss.fit()
        view = self.upper_tabs.currentWidget()
        if isinstance(view, ReconstructionView | ProbeView | DiffractionView | PositionsView | CompareView):
            view.fit()


def _tabs(name: str, pages: Mapping[str, QWidget]) -> QTabWidget:
    tabs = dressed(QTabWidget(), name=name)
    tabs.setDocumentMode(True)
    for title, page in pages.items():
        tabs.addTab(page, title)
    return tabs
