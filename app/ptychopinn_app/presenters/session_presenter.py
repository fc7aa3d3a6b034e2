"""Connects the session with the window: actions to its methods, its signals to panels and views."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QWidget

from ptychopinn.events import Preview
from ptychopinn_app.commands import BY_NAME, tip
from ptychopinn_app.job_settings.sections import SECTIONS
from ptychopinn_app.jobs.compare_tasks import Comparison
from ptychopinn_app.jobs.spec import Outcome
from ptychopinn_app.panels.runs_panel import KINDS
from ptychopinn_app.records import LossHistory, Model, ObjectResult, RunEntry, Scan
from ptychopinn_app.runs.folder import REPORT_PAGE, judged_run
from ptychopinn_app.services.error_dialog import ErrorDialog
from ptychopinn_app.services.logbook import LogLine
from ptychopinn_app.session.job_info import JobInfo
from ptychopinn_app.toolbar import BACKEND_NAMES

if TYPE_CHECKING:
    from ptychopinn_app.main_window import MainWindow

TITLE = "PtychoPINN Studio"
# One at a time, so that the window answers in between.
PREPARE_MS = (600, 900)


class Presenter(QObject):
    """Keeps the window in step with the session."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._unseen: set[QWidget] = set()
        self._requests = window.requests
        self._connect_panels()
        self._connect_session()
        for section in SECTIONS:
            self._show_section(section.name)
        self._show_backend()
        self._show_edits()
        self._enable()
        self._requests.show_recent()

    # Connections

    def _connect_panels(self) -> None:
        window, session, centre = self._window, self._session, self._window.centre
        window.card.unitsChosen.connect(session.datasets.set_units)
        window.card.fixRequested.connect(session.datasets.apply_fix)
        window.card.undoRequested.connect(session.datasets.undo_fixes)
        window.card.openRequested.connect(self._requests.open_data)
        window.card.openTestRequested.connect(self._requests.open_test_data)
        window.card.closeTestRequested.connect(session.datasets.close_test)
        window.forms.edited.connect(session.edits.edit)
        window.bar.backendChosen.connect(session.set_backend)
        window.bar.deviceChosen.connect(session.set_device)
        centre.welcome.openDataRequested.connect(self._requests.open_data)
        centre.welcome.openModelRequested.connect(self._requests.open_model)
        centre.welcome.pathChosen.connect(lambda path: session.open_paths([path]))
        centre.recovery.restoreRequested.connect(session.recovery.restore)
        centre.recovery.dismissRequested.connect(session.recovery.dismiss)
        centre.strip.stopRequested.connect(session.stop_keep)
        centre.strip.cancelRequested.connect(session.cancel)
        centre.report.exportRequested.connect(self._requests.export)
        centre.report.reportRequested.connect(session.iterations.report)
        centre.log.saveRequested.connect(self._requests.save_log)
        centre.queue.removeRequested.connect(session.queue.remove)
        centre.queue.moveRequested.connect(session.queue.move)
        centre.queue.pauseRequested.connect(session.queue.set_paused)
        centre.queue.clearRequested.connect(session.queue.clear)
        centre.runs.compareRequested.connect(session.comparisons.compare)
        session.comparisons.compared.connect(self._show_comparison)
        centre.runs.openRequested.connect(session.runs.open)
        centre.runs.settingsRequested.connect(self._requests.take_run_settings)
        centre.upper_tabs().currentChanged.connect(lambda _: self._fill_view())
        centre.lower_tabs().currentChanged.connect(lambda _: centre.count_warnings([]))

    def _connect_session(self) -> None:
        session, centre = self._session, self._window.centre
        session.datasetChanged.connect(self._show_scan)
        session.testDatasetChanged.connect(self._show_test)
        session.probe_in_use.changed.connect(self._show_probe)
        session.modelChanged.connect(self._show_model)
        session.configChanged.connect(self._config_changed)
        session.jobStarted.connect(self._job_started)
        session.jobProgress.connect(self._job_progress)
        session.jobStopping.connect(centre.strip.show_stopping)
        session.jobEnded.connect(self._job_ended)
        session.resultChanged.connect(self._show_result)
        session.historyChanged.connect(self._show_history)
        session.reportChanged.connect(self._show_report)
        session.runsChanged.connect(self._show_runs)
        session.devicesChanged.connect(self._show_devices)
        session.backendChecked.connect(lambda _: self._show_backend())
        session.reading.connect(self._window.card.show_reading)
        session.notified.connect(self._window.toasts.show)
        session.failed.connect(self.show_error)
        session.log.appended.connect(self._count_warnings)
        session.queue.changed.connect(self._show_queue)
        session.watch.changed.connect(self._show_watch)
        session.previews.changed.connect(centre.reconstruction.scrubber.set_previews)
        session.previews.read.connect(centre.reconstruction.show_past)
        session.previews.reopened.connect(self._show_reopened)
        centre.reconstruction.scrubber.chosen.connect(session.previews.request)
        session.recovery.offered.connect(lambda lost: centre.recovery.offer(lost.describe()))
        session.recovery.settled.connect(centre.recovery.hide)
        session.checks.changed.connect(self._enable)
        session.edits.indexChanged.connect(lambda _: self._show_edits())

    def first_look(self) -> None:
        """What can wait until the window is shown: runs, devices, the warm child, graphics that will be needed."""
        self._session.wake()
        self._session.helper.get_ready()
        for delay_ms, panel in zip(PREPARE_MS, self._window.centre.reconstruction.panels(), strict=True):
            QTimer.singleShot(delay_ms, panel.prepare)

    # What the session says

    def _show_scan(self, scan: Scan) -> None:
        centre = self._window.centre
        self._window.card.show_scan(scan)
        centre.show_views()
        self._unseen = {centre.probe, centre.positions, centre.diffraction}
        if not centre.reconstruction.has_object() and self._session.runner.info is None:
            centre.select(centre.diffraction)
        self._fill_view()
        self._enable()
        self._requests.show_recent()

    def _show_probe(self) -> None:
        """Show another probe: at once where it is in sight, else when its view comes to the front."""
        self._unseen.add(self._window.centre.probe)
        self._fill_view()

    def _fill_view(self) -> None:
        """Fill the view in front; the others follow when they come to the front, to keep opening a scan quick."""
        centre, scan = self._window.centre, self._session.dataset
        view = centre.upper_tabs().currentWidget()
        if view is None or view not in self._unseen or scan is None or scan.preview is None:
            return
        self._unseen.discard(view)
        if view is centre.probe:
            centre.probe.set_probe(self._session.probe_in_use.modes, self._session.probe_in_use.words)
        elif view is centre.positions:
            centre.positions.set_positions(scan.preview.positions_px)
            centre.positions.mark(centre.diffraction.index())
        else:
            centre.diffraction.set_scan(len(scan.preview.positions_px), scan.preview.mean_amplitude)
            centre.diffraction.show_pattern(0, scan.preview.first_amplitude)

    def _show_test(self, scan: Scan | None) -> None:
        self._window.card.show_test(scan)
        self._enable()
        self._requests.show_recent()

    def _show_model(self, model: Model) -> None:
        self._window.centre.show_views()
        name = f"Model {model.path.name}" if model.saved else f"Model of run {model.path.parent.name}"
        backend = BACKEND_NAMES.get(model.backend, model.backend)
        facts = [backend] + ([f"N {model.pattern_size}"] if model.pattern_size else [])
        facts += [f"grid size {model.gridsize}"] if model.gridsize else []
        facts += [] if model.saved else ["not saved"]
        self._window.model_label.setText("  ·  ".join([name, *facts]))
        self._window.model_label.setToolTip(f"{model.path}\n{model.about}")
        self._enable()
        self._requests.show_recent()

    def _config_changed(self, section: str) -> None:
        if section == "backend":
            self._show_backend()
        else:
            self._show_section(section)
        for other in ("training", "inference") if section == "model" else ():
            self._show_section(other)
        if section == "execution":
            self._show_device()
        self._enable()

    def _show_section(self, section: str) -> None:
        config = self._session.config
        problems = self._session.problems(section)
        notes = self._session.checks.notes(section)
        self._window.forms.show_section(section, config.values(section), problems, config.changed(section), notes)

    def _show_edits(self) -> None:
        """Name in the menu what would be undone and redone."""
        edits = self._session.edits
        for name, word, possible, what in (
            ("actionUndo", "&Undo", edits.canUndo(), edits.undoText()),
            ("actionRedo", "&Redo", edits.canRedo(), edits.redoText()),
        ):
            self._window.action(name).setEnabled(possible)
            self._window.action(name).setText(f"{word} {what[:1].lower()}{what[1:]}" if possible else word)

    def _show_backend(self) -> None:
        config = self._session.config
        self._window.bar.show_backend(config.backend, self._session.backend_problem)
        self._window.forms.show_execution(config.backend == "pytorch")
        self._show_device()
        self._enable()

    def _show_device(self) -> None:
        accelerator = str(self._session.config.values("execution").get("accelerator", "auto"))
        self._window.bar.show_device(accelerator, self._session.config.device_index)

    def _show_devices(self, devices: object) -> None:
        if isinstance(devices, tuple):
            self._window.bar.show_devices(devices)
            self._show_device()

    def _job_started(self, info: JobInfo) -> None:
        centre = self._window.centre
        centre.show_views()
        centre.strip.begin(info.title, info.kind)
        centre.reconstruction.forget_levels()
        if info.kind == "train":
            centre.select(centre.reconstruction)
            centre.select(centre.loss)
        self._enable()

    def _job_progress(self, event: object) -> None:
        centre = self._window.centre
        centre.strip.show_event(event)
        if isinstance(event, Preview):
            info = self._session.runner.info
            step = "epoch" if info is None or info.kind == "train" else "sweep"
            caption = f"Preview, {step} {event.epoch}" if event.epoch else "Preview before training"
            centre.reconstruction.show_object(event.amplitude, event.phase, caption)
        percent = centre.strip.percent()
        self._window.setWindowTitle(f"{percent} % · {TITLE}" if percent is not None else TITLE)

    def _job_ended(self, outcome: Outcome) -> None:
        self._window.centre.strip.end()
        self._window.setWindowTitle(TITLE)
        words = {
            ("train", "done"): ("success", "Training finished. Press Reconstruct to see the whole object."),
            ("train", "stopped"): ("success", "Training stopped; the model was kept."),
            ("reconstruct", "done"): ("success", "Reconstruction finished."),
            ("quick", "done"): ("success", "Quick look finished. Train a model to reconstruct many such scans."),
            ("refine", "done"): ("success", "Refinement finished."),
        }
        message = words.get((outcome.kind, outcome.status))
        if outcome.status == "cancelled":
            message = ("info", f"{KINDS[outcome.kind]} cancelled; nothing was kept.")
        if message is not None:
            self._window.toasts.show(*message)
        self._enable()

    def _show_result(self, result: ObjectResult) -> None:
        centre = self._window.centre
        centre.show_views()
        centre.reconstruction.forget_levels()
        centre.reconstruction.scrubber.follow()
        rows, columns = result.amplitude.shape
        caption = f"Result, {rows} × {columns} px, run {result.run_dir.name}"
        centre.reconstruction.show_object(result.amplitude, result.phase, caption, result.pixel_size_m)
        page = result.run_dir / REPORT_PAGE
        centre.report.show_result(result, page if page.is_file() else None)
        centre.show_report_tab()
        centre.select(centre.reconstruction)
        self._enable()

    def _show_reopened(self, preview: Preview) -> None:
        centre = self._window.centre
        centre.show_views()
        centre.reconstruction.show_reopened(preview)
        centre.select(centre.reconstruction)

    def _show_report(self, page: Path) -> None:
        centre = self._window.centre
        centre.show_views()
        centre.report.show_page(page, judged_run(page))
        centre.show_report_tab()
        centre.select(centre.report)

    def _show_comparison(self, found: Comparison, settings: list[tuple[str, str, str]]) -> None:
        centre = self._window.centre
        centre.show_views()
        centre.show_compare_tab()
        centre.select(centre.compare)
        centre.compare.show_comparison(found, settings)
        if centre.runs.isAncestorOf(self._window.focusWidget()):
            # Who has just asked for it can step through it by the space bar at once.
            centre.compare.setFocus()

    def _show_history(self, history: LossHistory) -> None:
        self._window.centre.loss.set_curves(history.loss, history.val_loss)

    def _show_runs(self, entries: tuple[RunEntry, ...]) -> None:
        self._window.centre.runs.show_runs(entries)
        self._window.centre.count_runs(len(entries))

    def _show_queue(self) -> None:
        queue = self._session.queue
        self._window.centre.queue.show_jobs(queue.waiting, queue.paused)
        self._window.centre.count_queue(len(queue.waiting))
        self._show_watch()
        self._enable()

    def _show_watch(self) -> None:
        words = self._session.watch.words()
        self._window.watch_label.setText(words)
        self._window.watch_label.setVisible(bool(words))
        self._window.action("actionWatch").setChecked(bool(words))

    def _count_warnings(self, lines: list[LogLine]) -> None:
        self._window.centre.count_warnings([line.level for line in lines])

    def show_error(self, summary: str, details: str, log: Path | None = None) -> None:
        """Report a failure in a dialog that does not block; one of the window itself is shown once while it is open."""
        # What fails at each tick of a timer or each drawing would otherwise bury the window in dialogs.
        shown = [dialog.summary for dialog in self._window.findChildren(ErrorDialog) if dialog.isVisible()]
        if log is None and summary in shown:
            return
        ErrorDialog("The job failed" if log else "Something went wrong", summary, details, log, self._window).show()

    def _enable(self) -> None:
        session, action = self._session, self._window.action
        info = session.runner.info
        for name, reason in (
            ("actionTrain", session.why_not_train()),
            ("actionResume", session.resume.why_not()),
            ("actionBothBackends", session.side_by_side.why_not()),
            ("actionReconstruct", session.why_not_reconstruct()),
            ("actionQuickLook", session.iterations.why_not()),
            ("actionCalibrate", session.iterations.why_not()),
            ("actionRefine", session.iterations.why_not_refine()),
            ("actionReport", session.iterations.why_not_refine()),
        ):
            action(name).setEnabled(not reason)
            turn = f"{BY_NAME[name].tip}, after the jobs before it" if session.queue.busy else ""
            action(name).setToolTip(tip(BY_NAME[name], reason or turn))
        action("actionStopKeep").setEnabled(info is not None and info.kind == "train")
        action("actionCancel").setEnabled(info is not None)
        action("actionSaveModel").setEnabled(session.model is not None)
        action("actionExportProduct").setEnabled(session.result is not None)
