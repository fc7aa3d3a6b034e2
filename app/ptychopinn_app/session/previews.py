"""The previews of the run that is shown: which there are, and one of them on request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn.events import Preview
from ptychopinn_app.jobs.spec import JobFailure, Outcome
from ptychopinn_app.runs.preview_store import Thinning
from ptychopinn_app.session.job_info import step_of

if TYPE_CHECKING:
    from ptychopinn_app.session.job_info import JobInfo
    from ptychopinn_app.session.session import Session

TASKS = "ptychopinn_app.jobs.preview_tasks"
# Number and epoch of each preview, oldest first.
Kept = tuple[tuple[int, int], ...]


class Previews(QObject):
    """Follows the running job, or holds those of a run that was opened again.

    Signals
    -------
    changed : (number, epoch) of the previews, oldest first, and what they count: 'epoch' or 'sweep'
    read : a `Preview` that was asked for
    reopened : the last `Preview` of a run that was opened again and has no object
    """

    changed = pyqtSignal(object, str)
    read = pyqtSignal(object)
    reopened = pyqtSignal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._run_dir: Path | None = None
        self._kept: Kept = ()
        self._step = "epoch"
        self._thinning = Thinning()
        self._heard = 0
        self._wanted: int | None = None
        self._asked = False
        session.jobStarted.connect(self._follow)
        session.jobProgress.connect(self._hear)
        session.jobEnded.connect(self._end)

    def open(self, run_dir: Path, show_last: bool = False) -> None:
        """Take the previews of a run, and show the last one where there is no object."""

        def done(found: tuple[Kept, str]) -> None:
            # While a job runs the view follows that job.
            info = self._session.runner.info
            if info is not None and info.run_dir != run_dir:
                return
            kept, kind = found
            self._set(run_dir, kept, step_of(kind))
            if show_last and kept:
                self._ask("preview", shown, run_dir=run_dir, number=kept[-1][0])

        def shown(preview: Preview | None) -> None:
            if preview is not None and run_dir == self._run_dir and self._session.runner.info is None:
                self.reopened.emit(preview)

        self._ask("previews", done, run_dir=run_dir)

    def request(self, place: int) -> None:
        """Read the preview at a place, oldest 0; while one is being read only the newest request is kept."""
        self._wanted = place
        self._next()

    def _next(self) -> None:
        if self._asked or self._wanted is None or self._run_dir is None or not self._kept:
            return
        place, self._wanted = min(self._wanted, len(self._kept) - 1), None
        run_dir, self._asked = self._run_dir, True

        def done(preview: Preview | None) -> None:
            self._asked = False
            if preview is not None and run_dir == self._run_dir:
                self.read.emit(preview)
            self._next()

        def failed() -> None:
            self._asked = False

        self._ask("preview", done, failed, run_dir=run_dir, number=self._kept[place][0])

    def _follow(self, info: JobInfo) -> None:
        self._thinning, self._heard = Thinning(), 0
        self._set(info.run_dir, (), step_of(info.kind))

    def _hear(self, event: object) -> None:
        if not isinstance(event, Preview):
            return
        # The job keeps what it reports, and thins it out by the same rule.
        gone = self._thinning.add(self._heard)
        self._kept = (*(each for each in self._kept if each[0] not in gone), (self._heard, event.epoch))
        self._heard += 1
        self.changed.emit(self._kept, self._step)

    def _end(self, outcome: Outcome) -> None:
        if outcome.run_dir != self._run_dir:
            return
        if outcome.status == "cancelled":
            self._set(None, (), self._step)
        else:
            self.open(outcome.run_dir)

    def _set(self, run_dir: Path | None, kept: Kept, step: str) -> None:
        if run_dir != self._run_dir:
            # What was chosen in another run is no choice in this one.
            self.changed.emit((), step)
        self._run_dir, self._kept, self._step, self._wanted = run_dir, kept, step, None
        self.changed.emit(kept, step)

    def _ask(
        self, task: str, done: Callable[[Any], None], then: Callable[[], None] = lambda: None, **arguments: object
    ) -> None:
        def failed(failure: JobFailure) -> None:
            then()
            self._session.refuse(f"Preview: {failure.summary}")

        self._session.helper.request(f"{TASKS}:{task}", arguments, done, failed)
