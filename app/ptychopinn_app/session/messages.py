"""Messages to the user, the log, and short tasks whose failures are shown as messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.jobs.failure import JobFailure
from ptychopinn_app.jobs.job import Call, R
from ptychopinn_app.jobs.short_tasks import Failed, ShortTasks
from ptychopinn_app.services.logbook import LogBook

T = TypeVar("T")
Then = Callable[[], None]
When = Callable[[], bool]


def nothing() -> None:
    """Do nothing."""


def always() -> bool:
    """Return True."""
    return True


class Messages(QObject):
    """Shows messages and runs short tasks.

    Signals
    -------
    notified : severity ('info', 'success', 'warning', 'error') and sentence
    reading : name of the scan being read, empty once it has been read
    jobFailed : summary, details and log file of a failed job
    written : whether a file for the user was written; emitted when writing ends
    """

    notified = pyqtSignal(str, str)
    reading = pyqtSignal(str)
    jobFailed = pyqtSignal(str, str, object)
    written = pyqtSignal(bool)

    def __init__(self, tasks: ShortTasks, log: LogBook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.log = log
        # Number of files being written for the user; the window waits for them before it closes.
        self.writing = 0

    def info(self, sentence: str) -> None:
        """Show an informational message."""
        self.notified.emit("info", sentence)

    def success(self, sentence: str) -> None:
        """Show that an action succeeded."""
        self.notified.emit("success", sentence)

    def warn(self, sentence: str) -> None:
        """Show why an action was skipped or only partly completed."""
        self.notified.emit("warning", sentence)

    def refuse(self, sentence: str) -> None:
        """Show and log why an action failed."""
        self.log.note("error", sentence)
        self.notified.emit("error", sentence)

    def ask(
        self, title: str, task: Call[R], done: Callable[[R], None], then: Then = nothing, when: When = always
    ) -> None:
        """Run a short task as `request` does, but report a failure as a message that starts with `title`."""
        self.request(task, done, lambda failure: self.refuse(f"{title}: {failure.summary}"), then, when)

    def request(
        self, task: Call[R], done: Callable[[R], None], failed: Failed, then: Then = nothing, when: When = always
    ) -> None:
        """Run a short task.

        Parameters
        ----------
        done, failed : called with the result or with the failure
        then : called at the end in any case
        when : called when the result arrives; returns False if the result is to be discarded
        """

        def succeeded(value: R) -> None:
            try:
                if when():
                    done(value)
            finally:
                # Even after an error: the next request or job may wait for this call.
                then()

        def failed_then(failure: JobFailure) -> None:
            failed(failure)
            then()

        self._tasks.request(task, succeeded, failed_then)

    def write(self, title: str, task: Call[R], done: Callable[[R], None]) -> None:
        """Run a short task that writes a file for the user, then emit `written`."""

        def end(good: bool) -> None:
            self.writing -= 1
            self.written.emit(good)

        def succeeded(value: R) -> None:
            done(value)
            end(True)

        def failed(failure: JobFailure) -> None:
            self.refuse(f"{title}: {failure.summary}")
            end(False)

        self.writing += 1
        self._tasks.request(task, succeeded, failed)


class Newest(Generic[T]):
    """Runs requests of one kind, one at a time. Of the requests that arrive while one runs, only the newest is kept.

    Parameters
    ----------
    start : starts a request for a value and returns whether it was started; call `end` when a started request ends
    """

    def __init__(self, start: Callable[[T], bool]) -> None:
        self._start = start
        self._waiting: T | None = None
        self._running = False

    def request(self, value: T) -> None:
        """Request a value now, or once the running request has ended."""
        self._waiting = value
        self._next()

    def end(self) -> None:
        """Mark the running request as ended, and start the waiting one."""
        self._running = False
        self._next()

    def forget(self) -> None:
        """Discard the waiting request."""
        self._waiting = None

    def _next(self) -> None:
        if self._running or self._waiting is None:
            return
        value, self._waiting = self._waiting, None
        self._running = self._start(value)
