"""Connects the jobs with the job strip, the queue panel, and the actions that start and stop them."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from ptychopinn_app.checks.readiness import Request
from ptychopinn_app.commands import BY_NAME, tip
from ptychopinn_app.jobs.job import JobInfo, Outcome
from ptychopinn_app.panels.runs_panel import KINDS
from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.session.check_list import CheckList
from ptychopinn_app.session.job_requests import Watch
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.session.state import SessionState

TITLE = "PtychoPINN Studio"
REQUESTS: tuple[tuple[str, Request], ...] = (
    ("actionTrain", "train"),
    ("actionResume", "resume"),
    ("actionBothBackends", "train"),
    ("actionReconstruct", "reconstruct"),
    ("actionQuickLook", "quick"),
    ("actionCalibrate", "calibrate"),
    ("actionRefine", "refine"),
    ("actionReport", "report"),
)
_END_WORDS = {
    ("train", "done"): "Training finished. Press Reconstruct to see the whole object.",
    ("train", "stopped"): "Training stopped. The model was saved.",
    ("reconstruct", "done"): "Reconstruction finished.",
    ("reconstruct", "stopped"): "Refinement stopped. The result after the completed sweeps was saved.",
    ("quick", "done"): "Quick look finished. Train a model to reconstruct many scans like this one.",
    ("quick", "stopped"): "Quick look stopped. The result after the completed sweeps was saved.",
    ("refine", "done"): "Refinement finished.",
    ("refine", "stopped"): "Refinement stopped. The result after the completed sweeps was saved.",
}


class JobsPresenter(QObject):
    """Shows which jobs are running, waiting or finished, and which can be started."""

    def __init__(
        self,
        parts: WindowParts,
        *,
        state: SessionState,
        messages: Messages,
        runner: JobRunner,
        queue: JobQueue,
        watch: Watch,
        check_list: CheckList,
    ) -> None:
        super().__init__(parts.window)
        self._window, self._actions, self._central = parts.window, parts.actions, parts.central
        self._watch_label = parts.watch_label
        self._state, self._messages, self._queue, self._watch = state, messages, queue, watch
        strip, queue_panel = self._central.strip, self._central.queue
        strip.stopRequested.connect(runner.stop_keep)
        strip.cancelRequested.connect(runner.cancel)
        queue_panel.removeRequested.connect(queue.remove)
        queue_panel.moveRequested.connect(queue.move)
        queue_panel.pauseRequested.connect(queue.set_paused)
        queue_panel.clearRequested.connect(queue.clear)
        runner.stopping.connect(strip.show_stopping)
        state.jobStarted.connect(self._job_started)
        state.jobProgress.connect(self._job_progress)
        state.jobEnded.connect(self._job_ended)
        queue.changed.connect(self._show_queue)
        watch.changed.connect(self._show_watch)
        for opened in (state.scanChanged, state.testScanChanged, state.modelChanged, state.resultChanged):
            opened.connect(lambda _: self._enable())
        for checked in (state.configChanged, state.backendChecked, state.modelChecked):
            checked.connect(lambda _: self._enable())
        check_list.changed.connect(self._enable)
        self._enable()

    def _job_started(self, info: JobInfo) -> None:
        self._central.strip.begin(info.title, info.kind)
        self._enable()

    def _job_progress(self, event: object) -> None:
        strip = self._central.strip
        strip.show_event(event)
        percent = strip.percent()
        self._window.setWindowTitle(f"{percent} % · {TITLE}" if percent is not None else TITLE)

    def _job_ended(self, outcome: Outcome) -> None:
        self._central.strip.end()
        self._window.setWindowTitle(TITLE)
        if outcome.status == "cancelled":
            self._messages.info(f"{KINDS[outcome.kind]} cancelled; nothing was saved.")
        elif words := _END_WORDS.get((outcome.kind, outcome.status)):
            self._messages.success(words)
        self._enable()

    def _show_queue(self) -> None:
        titles = tuple((each.number, each.title) for each in self._queue.waiting)
        self._central.queue.show_jobs(titles, self._queue.paused)
        self._central.count_queue(len(titles))
        self._show_watch()
        self._enable()

    def _show_watch(self) -> None:
        words = self._watch.words()
        self._watch_label.setText(words)
        self._watch_label.setVisible(bool(words))
        self._actions["actionWatch"].setChecked(bool(words))

    def _enable(self) -> None:
        state, actions, reasons = self._state, self._actions, self._queue.reasons()
        for name, request in REQUESTS:
            reason = reasons[request]
            actions[name].setEnabled(not reason)
            turn = f"{BY_NAME[name].tip}, after the queued jobs" if self._queue.busy else ""
            actions[name].setToolTip(tip(BY_NAME[name], reason or turn))
        actions["actionStopKeep"].setEnabled(state.job is not None and state.job.kind == "train")
        actions["actionCancel"].setEnabled(state.job is not None)
        actions["actionSaveModel"].setEnabled(state.model is not None)
        actions["actionExportProduct"].setEnabled(state.result is not None)
