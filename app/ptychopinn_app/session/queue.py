"""Jobs that wait for their turn: one runs at a time, each with the settings of the moment it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.checks.readiness import Request, why_not
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs.fault_words import fault_words
from ptychopinn_app.jobs.job import Outcome
from ptychopinn_app.records import LossHistory
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.services.timers import delayed
from ptychopinn_app.session.launcher import launch
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.planned_jobs import PlannedJob, ReconstructJob, TrainJob
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.session.state import SessionState


@dataclass(frozen=True)
class Waiting:
    """A job before its turn, with the settings as they were when it was asked for."""

    number: int
    job: PlannedJob
    settings: JobSettings
    note: str = ""

    @property
    def title(self) -> str:
        """Name of the job for people, with its note."""
        return f"{self.job.title}, {self.note}" if self.note else self.job.title


class JobQueue(QObject):
    """Runs jobs in order. A failed or cancelled job does not stop the others.

    Signals
    -------
    changed : the jobs that wait, or whether the queue is paused
    finished : number and `Outcome` of a job; None for one that was removed or could not begin
    """

    changed = pyqtSignal()
    finished = pyqtSignal(int, object)

    def __init__(self, state: SessionState, messages: Messages, runner: JobRunner, app_settings: Settings) -> None:
        super().__init__(state)
        self._state, self._messages, self._runner, self._app_settings = state, messages, runner, app_settings
        self.waiting: tuple[Waiting, ...] = ()
        self.paused = False
        # From the start of a job until what it made is open.
        self.running = False
        self._count = 0
        self._current = 0
        self._trained = True
        self._closed = False
        # The others hear of the end of a job before the next one begins.
        self._turn = delayed(self, self._next)
        state.jobEnded.connect(self._ended)

    @property
    def trains(self) -> bool:
        """Whether a training runs or waits."""
        running = self._state.job is not None and self._state.job.kind == "train"
        return running or any(isinstance(each.job, TrainJob) for each in self.waiting)

    @property
    def busy(self) -> bool:
        """Whether a new job would have to wait."""
        return self.running or bool(self.waiting) or self.paused

    def why_not(self, request: Request) -> str:
        """Return why a job cannot be queued now, empty when it can."""
        return why_not(request, self._state.situation(self.trains))

    def reasons(self) -> dict[Request, str]:
        """Return for every job why it cannot be queued now."""
        situation = self._state.situation(self.trains)
        return {request: why_not(request, situation) for request in get_args(Request)}

    def add(self, job: PlannedJob, settings: JobSettings | None = None, note: str = "", *, tell: bool = True) -> int:
        """Run a job now, or after those that run and wait; returns its number.

        Parameters
        ----------
        settings : None: the present ones
        note : what tells the job from others of its kind, for its title
        tell : whether to say that it waits
        """
        self._count += 1
        waiting = Waiting(self._count, job, (settings or self._state.config).copy(), note)
        if not self.busy:
            self._start(waiting)
            return waiting.number
        self.waiting += (waiting,)
        if tell:
            self._messages.info(f"{waiting.title}: added to the queue ({len(self.waiting)} waiting).")
        self.changed.emit()
        return waiting.number

    def remove(self, number: int) -> None:
        """Take a job out."""
        self.waiting = tuple(each for each in self.waiting if each.number != number)
        self.finished.emit(number, None)
        self.changed.emit()

    def move(self, number: int, steps: int) -> None:
        """Move a job by some places; negative is sooner."""
        order = list(self.waiting)
        place = next((index for index, each in enumerate(order) if each.number == number), None)
        if place is None:
            return
        job = order.pop(place)
        order.insert(min(max(place + steps, 0), len(order)), job)
        self.waiting = tuple(order)
        self.changed.emit()

    def clear(self) -> None:
        """Forget all jobs that wait."""
        forgotten, self.waiting = self.waiting, ()
        for job in forgotten:
            self.finished.emit(job.number, None)
        self.changed.emit()

    def set_paused(self, paused: bool) -> None:
        """Let the running job end and begin no other, or go on."""
        self.paused = paused
        if not paused:
            self._turn.start()
        self.changed.emit()

    def close(self) -> None:
        """Begin nothing any more."""
        self._closed = True
        self._turn.stop()
        self.waiting = ()

    def _ended(self, outcome: Outcome) -> None:
        self.running = False
        if outcome.kind == "train":
            self._trained = outcome.status in ("done", "stopped")
        if not self._closed:
            self._turn.start()
            self.finished.emit(self._current, outcome)

    def _next(self) -> None:
        if self.paused or self._closed or self.running or not self.waiting:
            return
        job, self.waiting = self.waiting[0], self.waiting[1:]
        self._start(job)
        self.changed.emit()

    def _start(self, waiting: Waiting) -> None:
        if isinstance(waiting.job, ReconstructJob) and waiting.job.model is None:
            model = self._state.model
            if not self._trained or model is None:
                self._skip(waiting, f"{waiting.title}: left out, because the training before it left no model.")
                return
            waiting = replace(waiting, job=replace(waiting.job, model=model))
        try:
            info, spec = launch(waiting.job, waiting.settings, waiting.title, self._app_settings.runs_folder())
        except OSError as error:
            self._skip(waiting, fault_words(error) or f"{waiting.title} cannot be begun: {error}")
            return
        self._messages.log.note("info", f"{info.title} in {info.run_dir}")
        if info.kind == "train":
            self._state.set_history(LossHistory())
        self.running, self._current = True, waiting.number
        self._runner.start(info, spec)

    def _skip(self, waiting: Waiting, reason: str) -> None:
        self._messages.refuse(reason)
        self._turn.start()
        self.finished.emit(waiting.number, None)
