"""A job in a thread whose events come out of an iterator."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ptychopinn.events import Event, Report, Stop

Job = Callable[[Report, Stop], Any]


class BackgroundJob:
    """Run a job and hand its events on as they come.

    Closing the iterator early, as a host does when its user stops, asks the job to stop and waits for it.

    Parameters
    ----------
    job : callable
        Takes ``report`` and ``should_stop``; see :mod:`ptychopinn.events`.

    Attributes
    ----------
    result : object
        What the job returned, after the last event.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self.result: Any = None

    def events(self) -> Iterator[Event]:
        """Start the job; yield its events; raise what it raised."""
        worker = threading.Thread(target=self._run, name="ptychopinn-job", daemon=True)
        worker.start()
        try:
            while (event := self._events.get()) is not None:
                yield event
        finally:
            self._stop.set()
            worker.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self.result = self._job(self._events.put, self._stop.is_set)
        except BaseException as error:
            self._error = error
        finally:
            self._events.put(None)
