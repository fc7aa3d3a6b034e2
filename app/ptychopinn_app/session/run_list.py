"""The runs on disk: listing them, showing one again, and what happens when one ends (no Qt)."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ptychopinn.results import Calibration, QualityReport, ReconstructResult, TrainResult
from ptychopinn_app.jobs.fault_words import fault_words
from ptychopinn_app.jobs.spec import Outcome
from ptychopinn_app.records import LossHistory, RunEntry
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session.job_info import closing_words

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session


class Runs:
    """Keeps the list of runs and turns the end of a job into what the window shows."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.entries: tuple[RunEntry, ...] = ()

    def refresh(self) -> None:
        """List the runs folder anew."""
        self._session.ask("list_runs", self._set, "Runs", root=self._session.settings.runs_folder())

    def open(self, path: Path) -> None:
        """Show a run of the list again: its model, its losses, its object."""
        session = self._session
        entry = next((run for run in self.entries if run.path == path), None)
        if entry is None or not path.is_dir():
            session.notified.emit("warning", f"The run {path.name} is no longer there.")
            self.refresh()
            return
        session.previews.open(path, show_last=not entry.has_object)
        if entry.model_path is not None:
            session.read_model(entry.model_path, saved=False)
            session.ask("load_history", session.set_history, "Losses", run_dir=path)
        if entry.has_object:
            session.load_result(path)
        elif (path / runs.REPORT_PAGE).is_file():
            session.reportChanged.emit(path / runs.REPORT_PAGE)

    def end(self, outcome: Outcome) -> None:
        """Note how a job ended, and open what it made before anybody is told of the end."""
        session = self._session
        session.tail.finish()
        session.recovery.release()
        session.log.note("error" if outcome.failure else "info", closing_words(outcome))
        if outcome.status == "cancelled":
            session.ask("delete_run", lambda _: self.refresh(), "Cancel", run_dir=outcome.run_dir)
        else:
            self._note(outcome)
            self.refresh()
        if outcome.failure is not None:
            if session.queue.waiting:
                # Of many jobs in a row each failure gets a line; a dialog for each would cover the window.
                session.refuse(f"{outcome.run_dir.name}: {outcome.failure.summary}")
            else:
                log = outcome.run_dir / runs.PROCESS_LOG
                session.failed.emit(outcome.failure.summary, outcome.failure.details, log)
            if (outcome.run_dir / runs.MODEL_FILE).is_file():
                words = (
                    "What it had learned until then was kept: open it in the Runs tab to use it or to go on from it."
                )
                session.notified.emit("info", f"{outcome.run_dir.name}: {words}")

        # Who waits for the end of a job wants to use what it made: that is opened first.
        end = partial(session.jobEnded.emit, outcome)
        if isinstance(outcome.result, TrainResult):
            session.set_history(LossHistory(outcome.result.history["loss"], outcome.result.history["val_loss"]))
            session.read_model(outcome.result.model_path, saved=False, then=end)
        elif isinstance(outcome.result, Calibration):
            session.iterations.use_probe(outcome.result)
            end()
        elif isinstance(outcome.result, QualityReport):
            session.reportChanged.emit(outcome.result.page_path)
            end()
        elif isinstance(outcome.result, ReconstructResult):
            session.load_result(outcome.result.run_dir, then=end)
        else:
            end()

    def _note(self, outcome: Outcome) -> None:
        """Note how a job ended; that there is no room for it must not hide the end itself."""
        try:
            runs.write_note(outcome.run_dir, status=outcome.status, seconds=round(outcome.seconds, 1))
        except OSError as error:
            words = fault_words(error) or str(error)
            self._session.refuse(f"The end of {outcome.run_dir.name} cannot be noted. {words}")

    def _set(self, entries: tuple[RunEntry, ...]) -> None:
        self.entries = entries
        self._session.runsChanged.emit(entries)
