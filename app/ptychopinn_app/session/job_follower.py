"""Follow the running job: forward its events, open its results, and record how it ended."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject

from ptychopinn.events import Epoch, Notice
from ptychopinn.results import Calibration, QualityReport, ReconstructResult, TrainResult
from ptychopinn_app.jobs.failure import JobFailure, fault_words
from ptychopinn_app.jobs.job import JobInfo, Outcome
from ptychopinn_app.records import LossHistory
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session.files import Files
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.probe_in_use import ProbeInUse
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.run_list import RunList
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.session.state import SessionState

_STATUS_WORDS = {"done": "Finished", "stopped": "Stopped, result saved", "cancelled": "Cancelled", "failed": "Failed"}


class JobFollower(QObject):
    """Updates the state and emits its signals when the runner starts or ends a job or reports progress."""

    def __init__(
        self,
        state: SessionState,
        messages: Messages,
        runner: JobRunner,
        queue: JobQueue,
        files: Files,
        run_list: RunList,
        probe: ProbeInUse,
    ) -> None:
        super().__init__(state)
        self._state, self._messages, self._queue = state, messages, queue
        self._files, self._run_list, self._probe = files, run_list, probe
        runner.started.connect(self._started)
        runner.reported.connect(self._reported)
        runner.ended.connect(self._ended)

    def _started(self, info: JobInfo) -> None:
        self._state.job = info
        self._state.jobStarted.emit(info)
        self._run_list.refresh()

    def _reported(self, event: object) -> None:
        if isinstance(event, Epoch):
            val_loss = float("nan") if event.val_loss is None else event.val_loss
            history = self._state.history
            self._state.set_history(LossHistory((*history.loss, event.loss), (*history.val_loss, val_loss)))
        elif isinstance(event, Notice) and event.severity != "info":
            self._messages.notified.emit(event.severity, event.text)
        self._state.jobProgress.emit(event)

    def _ended(self, outcome: Outcome) -> None:
        self._state.job = None
        self._messages.log.note("error" if outcome.failure else "info", closing_words(outcome))
        if outcome.status == "cancelled":
            self._run_list.delete(outcome.run_dir)
        else:
            self._note(outcome)
            self._run_list.refresh()
        if outcome.failure is not None:
            self._report_failure(outcome.failure, outcome.run_dir)
        self._open(outcome)

    def _open(self, outcome: Outcome) -> None:
        """Open the result of a job, then signal that the job has ended: listeners expect the result to be open."""

        def end() -> None:
            self._state.jobEnded.emit(outcome)

        result = outcome.result
        if isinstance(result, TrainResult):
            self._state.set_history(LossHistory(result.history["loss"], result.history["val_loss"]))
            self._files.open_model(result.model_path, saved=False, then=end)
        elif isinstance(result, ReconstructResult):
            self._files.open_result(result.run_dir, then=end)
        else:
            if isinstance(result, Calibration):
                self._probe.use(result)
            elif isinstance(result, QualityReport):
                self._state.reportChanged.emit(result.page_path)
            end()

    def _report_failure(self, failure: JobFailure, run_dir: Path) -> None:
        if self._queue.waiting:
            # With jobs waiting, each failure gets a line: a dialog for each would cover the window.
            self._messages.refuse(f"{run_dir.name}: {failure.summary}")
        else:
            self._messages.jobFailed.emit(failure.summary, failure.details, run_dir / runs.PROCESS_LOG)
        if (run_dir / runs.MODEL_FILE).is_file():
            words = "The partially trained model was saved. Open the run in the Runs tab to use it or resume training."
            self._messages.info(f"{run_dir.name}: {words}")

    def _note(self, outcome: Outcome) -> None:
        """Record how a job ended. A write error is shown, not raised, so that the end of the job is still signalled."""
        try:
            runs.write_note(outcome.run_dir, status=outcome.status, seconds=round(outcome.seconds, 1))
        except OSError as error:
            words = fault_words(error) or str(error)
            self._messages.refuse(f"Could not save the final status of {outcome.run_dir.name}. {words}")


def closing_words(outcome: Outcome) -> str:
    """Return the log entry that states how a job ended."""
    text = f"{_STATUS_WORDS[outcome.status]} after {outcome.seconds:.1f} s"
    return f"{text}: {outcome.failure.summary}" if outcome.failure is not None else text
