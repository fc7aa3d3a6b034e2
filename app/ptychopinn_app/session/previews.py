"""List the previews of the displayed run, and read individual previews on request."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn.events import Preview
from ptychopinn_app.jobs import run_tasks
from ptychopinn_app.jobs.job import JobInfo, Outcome, call
from ptychopinn_app.runs.preview_store import Thinning, read_preview
from ptychopinn_app.session.messages import Messages, Newest
from ptychopinn_app.session.state import SessionState

# Number and epoch of each preview, oldest first.
Stored = tuple[tuple[int, int], ...]


class Previews(QObject):
    """Follows the running job, or lists the previews of a reopened run.

    Signals
    -------
    changed : (number, epoch) for each preview, oldest first, and the unit: 'epoch' or 'sweep'
    read : the requested `Preview`
    reopened : the last `Preview` of a reopened run that has no object
    """

    changed = pyqtSignal(tuple, str)
    read = pyqtSignal(Preview)
    reopened = pyqtSignal(Preview)

    def __init__(self, state: SessionState, messages: Messages) -> None:
        super().__init__(state)
        self._state, self._messages = state, messages
        self._run_dir: Path | None = None
        self._stored: Stored = ()
        self._step = "epoch"
        self._thinning = Thinning()
        self._reported = 0
        self._places = Newest(self._read)
        state.jobStarted.connect(self._follow)
        state.jobProgress.connect(self._job_reports)
        state.jobEnded.connect(self._end)

    def open(self, run_dir: Path, show_last: bool = False) -> None:
        """List the previews of a run; with `show_last`, also show the last preview."""

        def done(listed: tuple[Stored, str]) -> None:
            # While a job runs, the view follows that job.
            if self._state.job is not None and self._state.job.run_dir != run_dir:
                return
            stored, kind = listed
            self._set(run_dir, stored, step_of(kind))
            if show_last and stored:
                self._messages.ask("Preview", call(read_preview, run_dir, stored[-1][0]), shown)

        def shown(preview: Preview | None) -> None:
            if preview is not None and run_dir == self._run_dir and self._state.job is None:
                self.reopened.emit(preview)

        self._messages.ask("Preview", call(run_tasks.previews, run_dir), done)

    def request(self, place: int) -> None:
        """Read the preview at an index (0 is the oldest); while one is being read, only the newest request is kept."""
        self._places.request(place)

    def _read(self, place: int) -> bool:
        run_dir, stored = self._run_dir, self._stored
        if run_dir is None or not stored:
            return False

        def done(preview: Preview | None) -> None:
            if preview is not None and run_dir == self._run_dir:
                self.read.emit(preview)

        number = stored[min(place, len(stored) - 1)][0]
        self._messages.ask("Preview", call(read_preview, run_dir, number), done, self._places.end)
        return True

    def _follow(self, info: JobInfo) -> None:
        self._thinning, self._reported = Thinning(), 0
        self._set(info.run_dir, (), step_of(info.kind))

    def _job_reports(self, event: object) -> None:
        if not isinstance(event, Preview):
            return
        # The job stores its previews and thins them out by the same rule.
        gone = self._thinning.add(self._reported)
        self._stored = (*(each for each in self._stored if each[0] not in gone), (self._reported, event.epoch))
        self._reported += 1
        self.changed.emit(self._stored, self._step)

    def _end(self, outcome: Outcome) -> None:
        if outcome.run_dir != self._run_dir:
            return
        if outcome.status == "cancelled":
            self._set(None, (), self._step)
        else:
            self.open(outcome.run_dir)

    def _set(self, run_dir: Path | None, stored: Stored, step: str) -> None:
        if run_dir != self._run_dir:
            # A choice made in another run does not apply to this one.
            self.changed.emit((), step)
        self._run_dir, self._stored, self._step = run_dir, stored, step
        self._places.forget()
        self.changed.emit(stored, step)


def step_of(kind: str) -> str:
    """Return the unit in which a job counts its previews: 'epoch' or 'sweep'."""
    return "epoch" if kind == "train" else "sweep"
