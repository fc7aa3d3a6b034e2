"""Connects data and results with the views: scan, probe, object, losses, report, comparison."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from ptychopinn.events import Preview
from ptychopinn_app.jobs.compare_tasks import Comparison
from ptychopinn_app.jobs.job import JobInfo
from ptychopinn_app.presenters.file_requests import FileRequests
from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.records import LossHistory, ObjectResult, Scan
from ptychopinn_app.runs.folder import REPORT_PAGE, judged_run
from ptychopinn_app.session.comparison import Comparisons
from ptychopinn_app.session.job_requests import JobRequests
from ptychopinn_app.session.previews import Previews, step_of
from ptychopinn_app.session.probe_in_use import ProbeInUse
from ptychopinn_app.session.state import SessionState


class ViewsPresenter(QObject):
    """Fills the visible view immediately and the others when they are shown, so that a scan opens quickly."""

    def __init__(
        self,
        parts: WindowParts,
        requests: FileRequests,
        *,
        state: SessionState,
        jobs: JobRequests,
        previews: Previews,
        probe_in_use: ProbeInUse,
        comparisons: Comparisons,
    ) -> None:
        super().__init__(parts.window)
        self._window, self._central = parts.window, parts.central
        self._state, self._probe = state, probe_in_use
        self._unseen: set[QWidget] = set()
        central, scrubber = self._central, self._central.reconstruction.scrubber
        central.report.exportRequested.connect(requests.export)
        central.report.reportRequested.connect(jobs.report)
        central.upper_tabs.currentChanged.connect(lambda _: self._fill_view())
        state.scanChanged.connect(self._show_scan)
        state.modelChanged.connect(lambda _: central.show_views())
        state.jobStarted.connect(self._job_started)
        state.jobProgress.connect(self._job_progress)
        state.resultChanged.connect(self._show_result)
        state.historyChanged.connect(self._show_history)
        state.reportChanged.connect(self._show_report)
        probe_in_use.changed.connect(self._show_probe)
        comparisons.compared.connect(self._show_comparison)
        previews.changed.connect(scrubber.set_previews)
        previews.read.connect(central.reconstruction.show_past)
        previews.reopened.connect(self._show_reopened)
        scrubber.chosen.connect(previews.request)

    def _show_scan(self, scan: Scan) -> None:
        central = self._central
        central.show_views()
        self._unseen = {central.probe, central.positions, central.diffraction}
        if not central.reconstruction.has_object() and self._state.job is None:
            central.select(central.diffraction)
        self._fill_view()

    def _show_probe(self) -> None:
        """Show a new probe, immediately if the probe view is visible, otherwise once that view is shown."""
        self._unseen.add(self._central.probe)
        self._fill_view()

    def _fill_view(self) -> None:
        central, scan = self._central, self._state.scan
        view = central.upper_tabs.currentWidget()
        if view is None or view not in self._unseen or scan is None or scan.preview is None:
            return
        self._unseen.discard(view)
        if view is central.probe:
            central.probe.set_probe(self._probe.modes, self._probe.words)
        elif view is central.positions:
            central.positions.set_positions(scan.preview.positions_px)
            central.positions.mark(central.diffraction.index())
        else:
            central.diffraction.set_scan(len(scan.preview.positions_px), scan.preview.mean_amplitude)
            central.diffraction.show_pattern(0, scan.preview.first_amplitude)

    def _job_started(self, info: JobInfo) -> None:
        central = self._central
        central.show_views()
        central.reconstruction.forget_levels()
        if info.kind == "train":
            central.select(central.reconstruction)
            central.select(central.loss)

    def _job_progress(self, event: object) -> None:
        if isinstance(event, Preview):
            step = step_of(self._state.job.kind if self._state.job is not None else "train")
            caption = f"Preview, {step} {event.epoch}" if event.epoch else "Preview before training"
            self._central.reconstruction.show_object(event.amplitude, event.phase, caption)

    def _show_result(self, result: ObjectResult) -> None:
        central = self._central
        central.show_views()
        central.reconstruction.forget_levels()
        central.reconstruction.scrubber.follow()
        rows, columns = result.amplitude.shape
        caption = f"Result, {rows} × {columns} px, run {result.run_dir.name}"
        central.reconstruction.show_object(result.amplitude, result.phase, caption, result.pixel_size_m)
        page = result.run_dir / REPORT_PAGE
        central.report.show_result(result, page if page.is_file() else None)
        central.show_report_tab()
        central.select(central.reconstruction)

    def _show_reopened(self, preview: Preview) -> None:
        self._central.show_views()
        self._central.reconstruction.show_reopened(preview)
        self._central.select(self._central.reconstruction)

    def _show_report(self, page: Path) -> None:
        self._central.show_views()
        self._central.report.show_page(page, judged_run(page))
        self._central.show_report_tab()
        self._central.select(self._central.report)

    def _show_comparison(self, comparison: Comparison, settings: list[tuple[str, str, str]]) -> None:
        central = self._central
        central.show_views()
        central.select(central.compare)
        central.compare.show_comparison(comparison, settings)
        if central.runs.isAncestorOf(self._window.focusWidget()):
            # The space bar then steps through the comparison at once.
            central.compare.setFocus()

    def _show_history(self, history: LossHistory) -> None:
        self._central.loss.set_curves(history.loss, history.val_loss)
