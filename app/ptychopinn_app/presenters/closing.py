"""Whether the window may close: what is asked before work is lost, and what the window waits for."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QWidget

from ptychopinn_app.jobs.job import Outcome
from ptychopinn_app.presenters.file_requests import FileRequests
from ptychopinn_app.services import dialogs
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.session.state import SessionState
from ptychopinn_app.session.watch import Watch


class Closing(QObject):
    """Asks about jobs, about files that are being written and about a model that is not saved.

    The window stays open while it waits, and closes by itself afterwards; a failure on the way, or the wish to stay,
    ends the waiting.
    """

    def __init__(
        self,
        window: QWidget,
        state: SessionState,
        messages: Messages,
        runner: JobRunner,
        queue: JobQueue,
        watch: Watch,
        requests: FileRequests,
    ) -> None:
        super().__init__(window)
        self._window, self._state, self._messages = window, state, messages
        self._runner, self._queue, self._watch, self._requests = runner, queue, watch, requests
        self._ends_job = False
        self._waits_for_file = False
        self._model_decided = False
        state.jobEnded.connect(self._job_ended)
        messages.written.connect(self._written)

    def allows(self) -> bool:
        """Whether nothing is lost by closing now; asks where that depends on the user."""
        if self._state.job is not None or self._queue.waiting:
            if not self._ends_job:
                self._ask_about_jobs()
            return False
        if self._messages.writing and not self._waits_for_file:
            self._wait_for_file()
            return False
        return self._may_leave_model()

    def _ask_about_jobs(self) -> None:
        info = self._state.job
        choice = dialogs.ask_close(self._window, len(self._queue.waiting), info.kind if info is not None else "")
        if choice == "stay":
            self._stay()
            return
        self._watch.stop()
        self._queue.clear()
        # Who stops a training to close has decided on its model; another model that is open was not spoken of.
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
        # What came in meanwhile must not begin.
        self._queue.clear()
        self._close()

    def _wait_for_file(self) -> None:
        self._waits_for_file = True
        words = "The window closes as soon as the file is written. Close it again to give the file up."
        self._messages.info(words)

    def _written(self, good: bool) -> None:
        if not self._waits_for_file:
            return
        if not good:
            # What went wrong is told in the window, so it stays.
            self._stay()
        elif not self._messages.writing:
            self._waits_for_file = False
            self._close()

    def _may_leave_model(self) -> bool:
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
        # Within a close event, or while others still hear of the end of a job, it would be too early.
        QTimer.singleShot(0, self._window.close)
