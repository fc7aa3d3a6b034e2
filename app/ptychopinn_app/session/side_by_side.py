"""Both backends on the same scan, settings and seed, and their results compared (no Qt)."""

from __future__ import annotations

from pathlib import Path

from ptychopinn.backends.registry import TITLES
from ptychopinn_app.job_settings.values import backends
from ptychopinn_app.jobs.job import Outcome
from ptychopinn_app.session.comparison import Comparisons
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.planned_jobs import ReconstructJob, TrainJob
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.state import SessionState


class SideBySide:
    """Queues a training and a reconstruction for each backend; at their end the two results are compared."""

    def __init__(self, state: SessionState, messages: Messages, queue: JobQueue, comparisons: Comparisons) -> None:
        self._state, self._messages, self._queue, self._comparisons = state, messages, queue, comparisons
        self._results: dict[int, Path | None] = {}
        self._missing: set[int] = set()
        queue.finished.connect(self._finished)

    def start(self) -> None:
        """Train and reconstruct with each backend, then compare."""
        scan, test = self._state.scan, self._state.test_scan
        if (reason := self._queue.why_not("train")) or scan is None:
            self._messages.warn(reason)
            return
        self._results = {}
        self._missing = set()
        for backend in sorted(backends()):
            settings = self._state.config.copy()
            settings.backend = backend
            note = TITLES.get(backend, backend)
            self._queue.add(TrainJob(scan, test), settings, note, tell=False)
            number = self._queue.add(ReconstructJob(test or scan, None), settings, note, tell=False)
            self._results[number] = None
            self._missing.add(number)
        names = [TITLES.get(name, name) for name in backends()]
        words = f"{' and '.join(names)} are trained one after the other; their results are compared at the end."
        self._messages.info(words)

    def _finished(self, number: int, outcome: Outcome | None) -> None:
        if number not in self._missing:
            return
        self._missing.discard(number)
        if outcome is not None and outcome.status == "done":
            self._results[number] = outcome.run_dir
        if self._missing:
            return
        run_dirs = [path for path in self._results.values() if path is not None]
        if len(run_dirs) == 2:
            self._comparisons.compare(*run_dirs)
        else:
            self._messages.refuse("The backends cannot be compared, because one of them has left no result.")
