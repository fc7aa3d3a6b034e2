"""Jobs that wait for their turn: one runs at a time, each with the settings of the moment it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from ptychopinn_app.jobs.fault_words import fault_words
from ptychopinn_app.jobs.spec import Outcome
from ptychopinn_app.records import LossHistory
from ptychopinn_app.session.launcher import Launcher

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session


@dataclass(frozen=True)
class Waiting:
    """A job before its turn.

    Attributes
    ----------
    launcher : holds the settings as they were when the job was asked for
    kind : method of the launcher: 'train', 'reconstruct', 'quick_look', 'calibrate', 'refine' or 'report'
    arguments : of that method; a 'model' that is None is the one that the training before will make
    """

    number: int
    kind: str
    title: str
    launcher: Launcher
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def needs_training(self) -> bool:
        """Whether the job uses the model of the training before it."""
        return self.arguments.get("model", self) is None


class JobQueue(QObject):
    """Runs jobs in order. A failed or cancelled job does not stop the others.

    Signals
    -------
    changed : the jobs that wait, or whether the queue is paused
    finished : number and `Outcome` of a job; None for one that was removed or could not begin
    """

    changed = pyqtSignal()
    finished = pyqtSignal(int, object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.waiting: tuple[Waiting, ...] = ()
        self.paused = False
        # From the start of a job until what it made is open.
        self.running = False
        self._count = 0
        self._current = 0
        self._trained = True
        self._closed = False
        # The others hear of the end of a job before the next one begins.
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._next)
        session.jobEnded.connect(self._ended)

    @property
    def trains(self) -> bool:
        """Whether a training runs or waits."""
        info = self._session.runner.info
        return (info is not None and info.kind == "train") or any(each.kind == "train" for each in self.waiting)

    @property
    def busy(self) -> bool:
        """Whether a new job would have to wait."""
        return self.running or bool(self.waiting) or self.paused

    def add(self, kind: str, launcher: Launcher | None = None, *, tell: bool = True, **arguments: Any) -> int:
        """Run a job now, or after those that run and wait; gives its number.

        Parameters
        ----------
        kind : as of `Waiting`
        launcher : settings to use; None: the present ones
        tell : whether to say that it waits
        """
        launcher = launcher or self._session.launcher.snapshot()
        self._count += 1
        job = Waiting(self._count, kind, launcher.title(kind, **arguments), launcher, arguments)
        if not self.busy:
            self._start(job)
            return job.number
        self.waiting += (job,)
        if tell:
            self._session.notified.emit("info", f"{job.title}: added to the queue ({len(self.waiting)} waiting).")
        self.changed.emit()
        return job.number

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

    def _start(self, job: Waiting) -> None:
        session, arguments = self._session, dict(job.arguments)
        if job.needs_training:
            if not self._trained or session.model is None:
                session.refuse(f"{job.title}: left out, because the training before it left no model.")
                self._leave_out(job)
                return
            arguments["model"] = session.model
        try:
            info, spec = getattr(job.launcher, job.kind)(session.settings.runs_folder(), **arguments)
        except OSError as error:
            session.refuse(fault_words(error) or f"{job.title} cannot be begun: {error}")
            self._leave_out(job)
            return
        session.log.note("info", f"{info.title} in {info.run_dir}")
        session.tail.follow(info.log)
        if info.kind == "train":
            session.set_history(LossHistory())
        self.running, self._current = True, job.number
        session.runner.start(info, spec)

    def _leave_out(self, job: Waiting) -> None:
        self._turn.start()
        self.finished.emit(job.number, None)
