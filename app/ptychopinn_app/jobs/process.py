"""Handle for a job process in the parent, and a child that loads a backend ahead of time (no Qt)."""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing as mp
import os
import pickle
import signal
import weakref
from typing import Any

from ptychopinn_app.jobs.child import serve
from ptychopinn_app.jobs.job import JobSpec

WORKFLOW = ("ptychopinn.workflow.train", "ptychopinn.workflow.reconstruct")
MODULES: dict[str, tuple[str, ...]] = {
    "pytorch": ("ptychopinn.backends.torch.backend", *WORKFLOW),
    "tensorflow": ("ptychopinn.backends.tensorflow.backend", *WORKFLOW),
}

_running: weakref.WeakSet[ChildProcess] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """End running children; otherwise multiprocessing would wait at exit for children that wait for this process."""
    for child in list(_running):
        child.kill()


class ChildProcess:
    """A spawned process and its pipe.

    It is not daemonic, because daemons cannot start data-loading workers; instead, the child watches its parent.
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
        """Whether the process is still running."""
        return self._process.is_alive()

    @property
    def exit_code(self) -> int | None:
        """Exit code; a negative value is the signal that ended the process."""
        return self._process.exitcode

    def start(self, job: JobSpec, short: bool = False) -> None:
        """Send a job or, with `short`, a short task, which sends no events and cannot be stopped.

        Raises
        ------
        PicklingError, AttributeError
            The task is not a module-level function, or an argument cannot be pickled.
        """
        self.send("short" if short else "job", (pickle.dumps(job.call), job.log, dict(job.environment)))

    def send(self, kind: str, value: object = None) -> None:
        """Send 'warm', 'stop', 'cancel' or 'end'; if the process has ended, the next `receive` raises an error."""
        with contextlib.suppress(OSError):
            self._pipe.send((kind, value))

    def receive(self, timeout: float) -> tuple[str, Any] | None:
        """Return the next message, or None after `timeout` seconds.

        Raises
        ------
        EOFError
            The process has closed its end of the pipe.
        """
        try:
            if not self._pipe.poll(timeout):
                return None
            kind, value = self._pipe.recv()
        except OSError as error:
            raise EOFError("The job process has closed its pipe.") from error
        return kind, value

    def kill(self) -> None:
        """Kill the process and its descendants."""
        pid = self._process.pid
        if pid is None or not self._process.is_alive():
            return
        try:
            os.killpg(pid, signal.SIGKILL)
        except (AttributeError, OSError):
            # It does not lead a group yet, or the system has no groups.
            self._process.kill()

    def close(self, grace: float = 5.0) -> None:
        """Wait up to `grace` seconds for the process to exit, then kill it; close the pipe."""
        self._process.join(grace)
        if self._process.is_alive():
            self.kill()
            self._process.join()
        self._pipe.close()
        _running.discard(self)


class Prewarmer:
    """Keeps at most one idle child with the chosen backend loaded, so that a job starts quickly."""

    def __init__(self) -> None:
        self._child: ChildProcess | None = None
        self._backend = ""

    @property
    def ready(self) -> bool:
        """Whether a child is waiting."""
        return self._child is not None and self._child.alive

    def start(self, backend: str, modules: tuple[str, ...] | None = None) -> None:
        """Start a child for a backend, ending any child for another backend first."""
        if self.ready and self._backend == backend:
            return
        self.close()
        self._backend = backend
        self._child = ChildProcess()
        self._child.send("warm", MODULES.get(backend, ()) if modules is None else modules)

    def take(self, backend: str) -> ChildProcess | None:
        """Return the waiting child and give up ownership of it; None if none is waiting for this backend."""
        if not self.ready or self._backend != backend:
            return None
        child, self._child = self._child, None
        return child

    def close(self) -> None:
        """End the waiting child."""
        if self._child is not None:
            self._child.kill()
            self._child.close()
            self._child = None
