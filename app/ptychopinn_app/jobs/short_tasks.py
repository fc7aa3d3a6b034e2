"""Short tasks (inspect, read, export) in one long-lived child process, one request at a time."""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, QThread, pyqtSignal, pyqtSlot

from ptychopinn_app.jobs import scan_tasks
from ptychopinn_app.jobs.failure import JobFailure, failure_of
from ptychopinn_app.jobs.job import Call, JobSpec, R, call
from ptychopinn_app.jobs.process import ChildProcess
from ptychopinn_app.jobs.worker import Mode

Failed = Callable[[JobFailure], None]


class _RequestThread(QThread):
    """Sends requests to the child and emits its replies; replaces the child if it dies."""

    replied = pyqtSignal(int, bool, object)

    def __init__(self, mode: Mode) -> None:
        super().__init__()
        self._mode = mode
        self._requests: queue.Queue[tuple[int, Call[object]] | None] = queue.Queue()
        self._ending = threading.Event()
        self._child: ChildProcess | None = None

    def put(self, number: int, task: Call[object]) -> None:
        self._requests.put((number, task))

    def end(self) -> None:
        self._ending.set()
        self._requests.put(None)

    def run(self) -> None:
        while (request := self._requests.get()) is not None and not self._ending.is_set():
            number, task = request
            try:
                good, value = (True, task.run()) if self._mode == "thread" else self._run_in_child(task)
            except Exception as error:
                good, value = False, failure_of(error, traceback.format_exc())
            self.replied.emit(number, good, value)
        if self._child is not None:
            self._child.kill()
            self._child.close()

    def _run_in_child(self, task: Call[object]) -> tuple[bool, Any]:
        if self._child is None or not self._child.alive:
            self._child = ChildProcess(keep=True)
        self._child.start(JobSpec(task), short=True)
        try:
            while not self._ending.is_set():
                message = self._child.receive(0.1)
                if message is not None:
                    return message[0] == "result", message[1]
        except EOFError:
            self._child.close()
            summary = f"The helper process ended unexpectedly during '{task.name}'. Try again."
            return False, JobFailure("crash", summary, "", self._child.exit_code)
        return False, JobFailure("killed", "The window was closed.")


class ShortTasks(QObject):
    """Runs short tasks in order and calls back in the window's thread."""

    def __init__(self, mode: Mode = "process", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode = mode
        self._replies: dict[int, tuple[Callable[[Any], None], Failed]] = {}
        self._count = 0
        self._thread = _RequestThread(mode)
        self._thread.replied.connect(self._deliver)

    @property
    def busy(self) -> bool:
        """Whether a request is still pending."""
        return bool(self._replies)

    def request(self, task: Call[R], done: Callable[[R], None], failed: Failed) -> None:
        """Queue a task; when it ends, exactly one of `done` and `failed` is called."""
        if not self._thread.isRunning():
            self._thread.start()
        self._count += 1
        self._replies[self._count] = (done, failed)
        self._thread.put(self._count, task)

    def get_ready(self) -> None:
        """Make the child import the modules needed to open a scan, so that the first scan opens quickly."""
        if self._mode == "process":
            self.request(call(scan_tasks.get_ready), lambda _: None, lambda _: None)

    @pyqtSlot(int, bool, object)
    def _deliver(self, number: int, good: bool, value: object) -> None:
        # A reply may still arrive after `close`.
        replies = self._replies.pop(number, None)
        if replies is not None:
            done, failed = replies
            if good:
                done(value)
            elif isinstance(value, JobFailure):
                failed(value)

    def close(self) -> None:
        """End the thread and its child; pending requests get no reply."""
        self._replies.clear()
        self._thread.replied.disconnect(self._deliver)
        self._thread.end()
        self._thread.wait(5000)
