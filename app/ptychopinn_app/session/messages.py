"""What the session says and asks: notes for the user, the log, short tasks with their failures in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.jobs.call import Call, R
from ptychopinn_app.jobs.failure import JobFailure
from ptychopinn_app.jobs.short_tasks import Failed, ShortTasks
from ptychopinn_app.services.logbook import LogBook

T = TypeVar("T")


def nothing() -> None:
    """Do nothing."""


class Messages(QObject):
    """Speaks to the user and asks the short tasks.

    Signals
    -------
    notified : severity ('info', 'success', 'warning', 'error') and sentence
    reading : name of the scan that is being read, empty when it is done
    jobFailed : summary, details and log file of a job
    written : a file for the user is finished, and whether it is good
    """

    notified = pyqtSignal(str, str)
    reading = pyqtSignal(str)
    jobFailed = pyqtSignal(str, str, object)
    written = pyqtSignal(bool)

    def __init__(self, tasks: ShortTasks, log: LogBook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.log = log
        # Files that are being written for the user; the window does not close on them.
        self.writing = 0

    def info(self, sentence: str) -> None:
        """Tell something."""
        self.notified.emit("info", sentence)

    def success(self, sentence: str) -> None:
        """Tell that something has worked."""
        self.notified.emit("success", sentence)

    def warn(self, sentence: str) -> None:
        """Say why something was not done, or not wholly."""
        self.notified.emit("warning", sentence)

    def refuse(self, sentence: str) -> None:
        """Say why something failed, here and in the log."""
        self.log.note("error", sentence)
        self.notified.emit("error", sentence)

    def ask(self, what: str, task: Call[R], done: Callable[[R], None], then: Callable[[], None] = nothing) -> None:
        """Run a short task; a failure is told with `what` before it. `then` is called after either."""
        self.request(task, done, lambda failure: self.refuse(f"{what}: {failure.summary}"), then)

    def request(
        self, task: Call[R], done: Callable[[R], None], failed: Failed, then: Callable[[], None] = nothing
    ) -> None:
        """Run a short task whose failure is not told as usual. `then` is called after its end, good or bad."""

        def succeeded_then(value: R) -> None:
            done(value)
            then()

        def failed_then(failure: JobFailure) -> None:
            failed(failure)
            then()

        self._tasks.request(task, succeeded_then, failed_then)

    def write(self, what: str, task: Call[R], done: Callable[[R], None]) -> None:
        """Run a short task that writes a file for the user; `written` tells its end, and whether it is good."""

        def end(good: bool) -> None:
            self.writing -= 1
            self.written.emit(good)

        def succeeded(value: R) -> None:
            done(value)
            end(True)

        def failed(failure: JobFailure) -> None:
            self.refuse(f"{what}: {failure.summary}")
            end(False)

        self.writing += 1
        self._tasks.request(task, succeeded, failed)


class Newest(Generic[T]):
    """Requests of one kind, one at a time: of those that come while one runs only the newest is kept.

    Parameters
    ----------
    start : starts the request of a value and returns whether it did; `end` must follow
    """

    def __init__(self, start: Callable[[T], bool]) -> None:
        self._start = start
        self._waiting: T | None = None
        self._running = False

    def request(self, value: T) -> None:
        """Request a value now, or when the running request has ended."""
        self._waiting = value
        self._next()

    def end(self) -> None:
        """Go on: the running request has ended."""
        self._running = False
        self._next()

    def forget(self) -> None:
        """Drop what waits."""
        self._waiting = None

    def _next(self) -> None:
        if self._running or self._waiting is None:
            return
        value, self._waiting = self._waiting, None
        self._running = self._start(value)
