"""The previews of the run that is shown: which there are, and one of them on request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn.workflow.events import Preview
from ptychopinn_app.jobs.spec import JobFailure, Outcome

if TYPE_CHECKING:
    from ptychopinn_app.session.job_info import JobInfo
    from ptychopinn_app.session.session import Session

TASKS = "ptychopinn_app.jobs.preview_tasks"


class Previews(QObject):
    """Follows the running job, or holds those of a run that was opened again.

    Signals
    -------
    changed : the epochs of the previews, oldest first
    read : a `Preview` that was asked for
    """

    changed = pyqtSignal(object)
    read = pyqtSignal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._run_dir: Path | None = None
        self._kept: tuple[tuple[int, int], ...] = ()
        self._wanted: int | None = None
        self._asked = False
        session.jobStarted.connect(self._follow)
        session.jobProgress.connect(self._hear)
        session.jobEnded.connect(self._forget_cancelled)

    @property
    def epochs(self) -> tuple[int, ...]:
        """Epochs of the previews, oldest first."""
        return tuple(epoch for _, epoch in self._kept)

    def open(self, run_dir: Path) -> None:
        """Take the previews of a run."""

        def done(kept: tuple[tuple[int, int], ...]) -> None:
            self._set(run_dir, kept)

        self._ask("previews", done, run_dir=run_dir)

    def request(self, place: int) -> None:
        """Read the preview at a place in `epochs`; while one is being read only the newest request is kept."""
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

        self._ask("preview", done, run_dir=run_dir, number=self._kept[place][0])

    def _follow(self, info: JobInfo) -> None:
        self._set(info.run_dir, ())

    def _hear(self, event: object) -> None:
        if isinstance(event, Preview):
            # What the job has thinned out is answered by its neighbour.
            number = self._kept[-1][0] + 1 if self._kept else 0
            self._kept += ((number, event.epoch),)
            self.changed.emit(self.epochs)

    def _forget_cancelled(self, outcome: Outcome) -> None:
        if outcome.run_dir != self._run_dir:
            return
        if outcome.status == "cancelled":
            self._set(None, ())
        else:
            self.open(outcome.run_dir)

    def _set(self, run_dir: Path | None, kept: tuple[tuple[int, int], ...]) -> None:
        self._run_dir, self._kept, self._wanted = run_dir, kept, None
        self.changed.emit(self.epochs)

    def _ask(self, task: str, done: object, **arguments: object) -> None:
        def failed(failure: JobFailure) -> None:
            self._asked = False
            self._session.refuse(f"Preview: {failure.summary}")

        self._session.helper.request(f"{TASKS}:{task}", arguments, done, failed)  # type: ignore[arg-type]
