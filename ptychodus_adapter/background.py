"""Run a job in a thread and iterate over its events."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ptychopinn.events import Event


class BackgroundJob:
    """A job that runs in a thread and yields its events as they arrive.

    ``job`` accepts ``report`` and ``should_stop`` as keyword arguments; see :mod:`ptychopinn.events`. A host closes the
    iterator early when the user stops the job; the iterator then asks the job to stop and waits until it ends. After
    the last event, ``result`` holds the result of the job.
    """

    def __init__(self, job: Callable[..., Any]) -> None:
        self._job = job
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self.result: Any = None

    def events(self) -> Iterator[Event]:
        """Start the job, yield its events, and raise its error if it fails."""
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
            self.result = self._job(report=self._events.put, should_stop=self._stop.is_set)
        except BaseException as error:
            self._error = error
        finally:
            self._events.put(None)
