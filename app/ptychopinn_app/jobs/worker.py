"""DispatchWorker: a thread that supervises one job in a child process, or runs it in the thread itself."""

from __future__ import annotations

import threading
import time
import traceback
from typing import Any, Literal

from PyQt6.QtCore import QObject, QThread, pyqtSignal

from ptychopinn_app.jobs.failure import death_of, failure_of
from ptychopinn_app.jobs.job import JobSpec
from ptychopinn_app.jobs.process import ChildProcess

Mode = Literal["process", "thread"]
GRACE_SECONDS = 10.0


class DispatchWorker(QThread):
    """Runs a job and emits its events, then `ended` once.

    Signals
    -------
    ended : emitted with the `Status`, the result (or None) and the `JobFailure` (or None)
    """

    reported = pyqtSignal(object)
    ended = pyqtSignal(str, object, object)

    def __init__(
        self,
        job: JobSpec,
        mode: Mode = "process",
        grace: float = GRACE_SECONDS,
        child: ChildProcess | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.job = job
        self._mode = mode
        self._grace = grace
        self._child = child
        self._stop = threading.Event()
        self._cancel = threading.Event()

    @property
    def pid(self) -> int | None:
        """Id of the job process; None before the process starts and in thread mode."""
        return self._child.pid if self._child is not None else None

    def stop(self) -> None:
        """Ask the job to finish its batch and save its result; there is no deadline."""
        self._stop.set()

    def cancel(self, at_once: bool = False) -> None:
        """End the job without a result; kill an unresponsive process after a grace period, which `at_once` skips."""
        if at_once:
            self._grace = 0.0
        self._cancel.set()
        self._stop.set()

    def run(self) -> None:
        """Run the job; the body of the thread."""
        try:
            if self._mode == "thread":
                self._finish("result", self.job.call.run(self.reported.emit, self._stop.is_set))
            else:
                self._finish(*self._supervise(self._child or ChildProcess()))
        except Exception as error:
            self._finish("failure", failure_of(error, traceback.format_exc()))

    def _supervise(self, child: ChildProcess) -> tuple[str, Any]:
        self._child = child
        child.start(self.job)
        stop_sent = False
        cancelled_at = float("inf")
        try:
            while True:
                if self._cancel.is_set() and cancelled_at == float("inf"):
                    child.send("cancel")
                    cancelled_at = time.monotonic()
                elif self._stop.is_set() and not stop_sent:
                    child.send("stop")
                    stop_sent = True
                if time.monotonic() >= cancelled_at + self._grace:
                    child.kill()
                message = child.receive(0.05)
                if message is None:
                    continue
                kind, value = message
                if kind != "event":
                    return kind, value
                self.reported.emit(value)
        except EOFError:
            child.close()
            return "failure", death_of(child.exit_code, self.job.log)
        finally:
            child.close()

    def _finish(self, kind: str, value: Any) -> None:
        # A job that was stopped before it had a result has nothing to save.
        nothing = kind == "failure" and value.kind == "cancelled" and self._stop.is_set()
        if self._cancel.is_set() or nothing:
            self.ended.emit("cancelled", None, None)
        elif kind == "result":
            self.ended.emit("stopped" if self._stop.is_set() else "done", value, None)
        else:
            self.ended.emit("failed", None, value)
