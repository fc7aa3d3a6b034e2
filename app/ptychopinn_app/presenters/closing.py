"""Closing the window: ask before work is lost, and wait for files that are being written."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QWidget

from ptychopinn_app.jobs.job import Outcome
from ptychopinn_app.presenters.file_requests import FileRequests
from ptychopinn_app.services import dialogs
from ptychopinn_app.session.job_requests import Watch
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.session.state import SessionState


class Closing(QObject):
    """Asks what to do if closing the window would lose a job or an unsaved model.

    It also waits for a job to end or a file to be saved; then the window closes by itself, unless an error occurs or
    the user chooses to stay.
    """

    def __init__(
        self,
        window: QWidget,
        requests: FileRequests,
        *,
        state: SessionState,
        messages: Messages,
        runner: JobRunner,
        queue: JobQueue,
        watch: Watch,
    ) -> None:
        super().__init__(window)
        self._window, self._requests, self._state, self._messages = window, requests, state, messages
        self._runner, self._queue, self._watch = runner, queue, watch
        self._ends_job = False
        self._waits_for_file = False
        self._model_decided = False
        self._state.jobEnded.connect(self._job_ended)
        self._messages.written.connect(self._written)

    def allows(self) -> bool:
        """Return whether the window may close now; if closing would lose work, ask the user or wait."""
        if self._state.job is not None or self._queue.waiting:
            if not self._ends_job:
                self._ask_about_jobs()
            return False
        if self._messages.writing and not self._waits_for_file:
            self._wait_for_file()
            return False
        return self._may_discard_model()

    def _ask_about_jobs(self) -> None:
        info = self._state.job
        choice = dialogs.ask_close(self._window, len(self._queue.waiting), info.kind if info is not None else "")
        if choice == "stay":
            self._stay()
            return
        self._watch.stop()
        self._queue.clear()
        # Stopping a training to close settles what happens to its model; it says nothing about another open model.
        self._model_decided = choice == "stop"
        if self._state.job is None:
            self._close()
            return
        self._ends_job = True
        (self._runner.stop_keep if choice == "stop" else self._runner.cancel)()

    def _job_ended(self, outcome: Outcome) -> None:
        if not self._ends_job:
            return
        self._ends_job = False
        if outcome.failure is not None:
            self._stay()
            return
        # Jobs queued in the meantime must not start.
        self._queue.clear()
        self._close()

    def _wait_for_file(self) -> None:
        self._waits_for_file = True
        self._messages.info("The window will close once the file is saved. To quit without saving, close it again.")

    def _written(self, good: bool) -> None:
        if not self._waits_for_file:
            return
        if not good:
            # The window shows the error, so it stays open.
            self._stay()
        elif not self._messages.writing:
            self._waits_for_file = False
            self._close()

    def _may_discard_model(self) -> bool:
        model = self._state.model
        if model is None or model.saved or self._model_decided:
            return True
        choice = dialogs.ask_unsaved(self._window, model.title)
        if choice == "close":
            return True
        self._stay()
        if choice == "save":
            self._requests.save_model()
            if self._messages.writing:
                self._model_decided = True
                self._wait_for_file()
        return False

    def _stay(self) -> None:
        self._ends_job = self._waits_for_file = self._model_decided = False

    def _close(self) -> None:
        # Too early within a close event, or while other listeners still handle the end of a job.
        QTimer.singleShot(0, self._window.close)
