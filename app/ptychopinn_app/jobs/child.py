"""The job process: run tasks received through the pipe, send back their events and results (no Qt)."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import multiprocessing as mp
import os
import pickle
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ptychopinn_app.jobs.failure import failure_of
from ptychopinn_app.jobs.job import Call

NICENESS = 5
CANCELLED, ORPHANED = 71, 70
# A job whose window was killed has this long to save its result.
ORPHAN_GRACE_S = 15.0


class _Link:
    """The child's end of the pipe: sends messages under a lock, and separates stop requests from tasks."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.stop = threading.Event()
        self.tasks: queue.Queue[tuple[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, kind: str, value: object) -> None:
        # If the window was killed, the job still saves its result.
        with self._lock, contextlib.suppress(OSError):
            self._connection.send((kind, value))

    def _listen(self) -> None:
        try:
            while True:
                kind, value = self._connection.recv()
                if kind == "stop":
                    self.stop.set()
                elif kind == "cancel":
                    # No result is wanted, so end at once; files are written atomically.
                    _end_with_family(CANCELLED)
                else:
                    self.tasks.put((kind, value))
        except (EOFError, OSError):
            self.stop.set()
            self.tasks.put(("end", None))


def serve(connection: Connection[Any, Any], keep: bool) -> None:
    """Run tasks until a message ends the process; if `keep` is False, run only one task."""
    # In its own process group, so that its children (other devices, data loaders) end with it.
    with contextlib.suppress(AttributeError, OSError):
        os.setpgrp()
    _end_with_parent()
    faulthandler.enable()
    with contextlib.suppress(AttributeError, OSError):
        os.nice(NICENESS)
    link = _Link(connection)
    code = 0
    while True:
        kind, value = link.tasks.get()
        if kind == "warm":
            _warm(value)
            continue
        if kind in ("job", "short"):
            code = _run(link, kind == "job", *value)
            if keep:
                continue
        break
    connection.close()
    # Normal teardown of torch, TensorFlow and CUDA takes seconds and may crash; all results are on disk by now.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _run(link: _Link, reports: bool, pickled: bytes, log: Path | None, environment: Mapping[str, str]) -> int:
    """Run a call and send its result or failure; with `reports`, the call can also send events and be stopped."""
    if log is not None:
        _redirect(log)
    os.environ.update(environment)
    first = (lambda event: link.send("event", event), link.stop.is_set) if reports else ()
    try:
        # Unpickled here and not on arrival: this imports the task, which may fail and needs the environment.
        task: Call[object] = pickle.loads(pickled)
        link.send("result", task.run(*first))
    except BaseException as error:
        traceback.print_exc()
        link.send("failure", failure_of(error, traceback.format_exc()))
        return 1
    return 0


def _warm(modules: tuple[str, ...]) -> None:
    """Import modules ahead of time; a missing module is reported by the job that needs it."""
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)


def _redirect(log: Path) -> None:
    """Redirect file descriptors 1 and 2 to the log, since native libraries bypass sys.stdout."""
    descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False, encoding="utf-8", errors="replace")
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, encoding="utf-8", errors="replace")
    faulthandler.enable(file=sys.stderr)


def _end_with_family(code: int) -> None:
    """End this process and its descendants immediately."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(code)


def _end_with_parent() -> None:
    parent = mp.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        time.sleep(ORPHAN_GRACE_S)
        _end_with_family(ORPHANED)

    threading.Thread(target=watch, daemon=True).start()
