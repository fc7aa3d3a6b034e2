"""The parent's handle of one job process (no Qt)."""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing as mp
import os
import pickle
import signal
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ptychopinn_app.jobs.call import Call
from ptychopinn_app.jobs.child import serve
from ptychopinn_app.jobs.job import JobSpec

_running: weakref.WeakSet[ChildProcess] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """End what still runs: at exit multiprocessing would wait for children that wait for us."""
    for child in list(_running):
        child.kill()


class ChildProcess:
    """A spawned process and the pipe to it.

    Not daemonic, because daemons may not start data-loading workers; the child watches its parent instead.
    The stop request goes through the pipe: an `mp.Event` would leak semaphores when the child is killed.
    """

    def __init__(self, keep: bool = False) -> None:
        context = mp.get_context("spawn")
        self._pipe, theirs = context.Pipe(duplex=True)
        self._process = context.Process(target=serve, args=(theirs, keep), daemon=False)
        self._process.start()
        theirs.close()
        _running.add(self)

    @property
    def pid(self) -> int | None:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.is_alive()

    @property
    def exit_code(self) -> int | None:
        """Exit code; negative is the signal that ended it."""
        return self._process.exitcode

    def start_job(self, job: JobSpec) -> None:
        """Send a job, which reports and can be stopped.

        Raises
        ------
        PicklingError, AttributeError
            The task is no function of a module, or an argument cannot be pickled.
        """
        self._send_call("job", job.call, job.log, job.environment)

    def start_short(self, task: Call[object]) -> None:
        """Send a short task; raises as `start_job`."""
        self._send_call("short", task, None, {})

    def _send_call(self, kind: str, task: Call[object], log: Path | None, environment: Mapping[str, str]) -> None:
        self.send(kind, (pickle.dumps(task), log, dict(environment)))

    def send(self, kind: str, value: object = None) -> None:
        """Send 'warm', 'stop', 'cancel' or 'end'; a process that is gone is left to `receive` to notice."""
        with contextlib.suppress(OSError):
            self._pipe.send((kind, value))

    def receive(self, timeout: float) -> tuple[str, Any] | None:
        """Give the next message, or None after `timeout` seconds.

        Raises
        ------
        EOFError
            When the process has closed its end.
        """
        try:
            if not self._pipe.poll(timeout):
                return None
            kind, value = self._pipe.recv()
        except OSError as error:
            raise EOFError("The job process has closed its pipe.") from error
        return kind, value

    def kill(self) -> None:
        """End the process at once, with those that it has started."""
        pid = self._process.pid
        if pid is None or not self._process.is_alive():
            return
        try:
            os.killpg(pid, signal.SIGKILL)
        except (AttributeError, OSError):
            # It leads no group yet, or the system has none.
            self._process.kill()

    def close(self, grace: float = 5.0) -> None:
        """Wait for the end, at most `grace` seconds, then kill; releases the pipe."""
        self._process.join(grace)
        if self._process.is_alive():
            self.kill()
            self._process.join()
        self._pipe.close()
        _running.discard(self)
