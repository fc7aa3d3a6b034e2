"""The job queue: jobs run one at a time, each with the settings that were current when it was requested."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.checks.readiness import Request, why_not
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs.failure import fault_words
from ptychopinn_app.jobs.job import JobInfo, JobSpec, Outcome
from ptychopinn_app.records import LossHistory
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.services.timers import delayed
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.planned_jobs import PlannedJob, ReconstructJob, TrainJob
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.session.state import SessionState


@dataclass(frozen=True)
class Waiting:
    """A queued job with its settings."""

    number: int
    job: PlannedJob
    settings: JobSettings
    note: str = ""

    @property
    def title(self) -> str:
        """Title to display, including the note."""
        return f"{self.job.title}, {self.note}" if self.note else self.job.title


class JobQueue(QObject):
    """Runs jobs in order. A failed or cancelled job does not stop the remaining ones.

    Signals
    -------
    changed : the queued jobs have changed, or the queue was paused or resumed
    finished : number and `Outcome` of a job; the outcome is None if the job was removed or could not start
    """

    changed = pyqtSignal()
    finished = pyqtSignal(int, object)

    def __init__(self, state: SessionState, messages: Messages, runner: JobRunner, app_settings: Settings) -> None:
        super().__init__(state)
        self._state, self._messages, self._runner, self._app_settings = state, messages, runner, app_settings
        self.waiting: tuple[Waiting, ...] = ()
        self.paused = False
        # From the start of a job until its result is open.
        self.running = False
        self._count = 0
        self._current = 0
        self._trained = True
        self._closed = False
        # All listeners handle the end of a job before the next one starts.
        self._turn = delayed(self, self._next)
        state.jobEnded.connect(self._ended)

    @property
    def trains(self) -> bool:
        """Whether a training run is running or queued."""
        running = self._state.job is not None and self._state.job.kind == "train"
        return running or any(isinstance(each.job, TrainJob) for each in self.waiting)

    @property
    def busy(self) -> bool:
        """Whether a new job would have to wait."""
        return self.running or bool(self.waiting) or self.paused

    def why_not(self, request: Request) -> str:
        """Return why a job cannot be queued now; empty if it can."""
        return why_not(request, self._state.situation(self.trains))

    def reasons(self) -> dict[Request, str]:
        """Return, for each kind of job, why it cannot be queued now; empty if it can."""
        situation = self._state.situation(self.trains)
        return {request: why_not(request, situation) for request in get_args(Request)}

    def add(self, job: PlannedJob, settings: JobSettings | None = None, note: str = "", *, tell: bool = True) -> int:
        """Start a job immediately if the queue is idle, otherwise append it to the queue; return its number.

        Parameters
        ----------
        settings : the settings of the job; None for the current settings
        note : text in the title that distinguishes the job from similar ones
        tell : whether to show a message if the job has to wait
        """
        self._count += 1
        waiting = Waiting(self._count, job, (settings or self._state.config).copy(), note)
        if not self.busy:
            self._start(waiting)
            return waiting.number
        self.waiting += (waiting,)
        if tell:
            self._messages.info(f"Queued: {waiting.title} ({len(self.waiting)} waiting).")
        self.changed.emit()
        return waiting.number

    def remove(self, number: int) -> None:
        """Remove a queued job."""
        self.waiting = tuple(each for each in self.waiting if each.number != number)
        self.finished.emit(number, None)
        self.changed.emit()

    def move(self, number: int, steps: int) -> None:
        """Move a queued job by a number of places; negative values move it towards the front."""
        order = list(self.waiting)
        place = next((index for index, each in enumerate(order) if each.number == number), None)
        if place is None:
            return
        job = order.pop(place)
        order.insert(min(max(place + steps, 0), len(order)), job)
        self.waiting = tuple(order)
        self.changed.emit()

    def clear(self) -> None:
        """Remove all queued jobs."""
        removed, self.waiting = self.waiting, ()
        for job in removed:
            self.finished.emit(job.number, None)
        self.changed.emit()

    def set_paused(self, paused: bool) -> None:
        """Pause the queue after the running job, or resume it."""
        self.paused = paused
        if not paused:
            self._turn.start()
        self.changed.emit()

    def close(self) -> None:
        """Remove all queued jobs and start no further ones."""
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
                self._skip(waiting, f"Skipped {waiting.title}: the preceding training run produced no model.")
                return
            waiting = replace(waiting, job=replace(waiting.job, model=model))
        try:
            info, spec = launch(waiting.job, waiting.settings, waiting.title, self._app_settings.runs_folder())
        except OSError as error:
            self._skip(waiting, fault_words(error) or f"Could not start {waiting.title}: {error}")
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


def launch(job: PlannedJob, settings: JobSettings, title: str, root: Path) -> tuple[JobInfo, JobSpec]:
    """Create a run folder under `root`, and return descriptions of the job for the window and for the job process.

    Raises
    ------
    OSError
        The folder or its note cannot be written.
    """
    run_dir = runs.new_run_folder(root, job.kind, job.scan.path.stem)
    runs.write_note(
        run_dir,
        kind=job.kind,
        title=title,
        started=time.time(),
        status="running",
        data=job.scan.path,
        settings=settings.to_table(),
        **job.sources,
    )
    info = JobInfo(job.kind, title, run_dir, run_dir / runs.PROCESS_LOG)
    environment = {"CUDA_VISIBLE_DEVICES": settings.device_index} if settings.device_index else {}
    return info, JobSpec(job.call(settings, run_dir), info.log, environment)
