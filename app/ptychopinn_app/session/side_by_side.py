"""Both backends on the same scan, settings and seed, and their results compared (no Qt)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ptychopinn_app.job_settings.values import backends
from ptychopinn_app.jobs.spec import Outcome
from ptychopinn_app.session.launcher import BACKEND_TITLES

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session


class SideBySide:
    """Queues a training and a reconstruction for each backend; at their end the two results are compared."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._results: dict[int, Path | None] = {}
        self._missing: set[int] = set()
        session.queue.finished.connect(self._finished)

    def why_not(self) -> str:
        """Give the reason why it cannot start, empty when it can."""
        return self._session.why_not_train()

    def start(self) -> None:
        """Train and reconstruct with each backend, then compare."""
        session, scan = self._session, self._session.dataset
        if (reason := self.why_not()) or scan is None:
            session.notified.emit("warning", reason)
            return
        self._results = {}
        self._missing = set()
        names = [BACKEND_TITLES.get(name, name) for name in backends()]
        for backend in sorted(backends()):
            launcher = session.launcher.for_backend(backend)
            session.queue.add("train", launcher, tell=False, scan=scan, test=session.test_dataset)
            judged = session.test_dataset or scan
            number = session.queue.add("reconstruct", launcher, tell=False, model=None, scan=judged)
            self._results[number] = None
            self._missing.add(number)
        words = f"{' and '.join(names)} are trained one after the other; their results are compared at the end."
        session.notified.emit("info", words)

    def _finished(self, number: int, outcome: Outcome | None) -> None:
        if number not in self._missing:
            return
        self._missing.discard(number)
        if outcome is not None and outcome.status == "done":
            self._results[number] = outcome.run_dir
        if self._missing:
            return
        made = [path for path in self._results.values() if path is not None]
        if len(made) == 2:
            self._session.comparisons.compare(*made)
        else:
            self._session.refuse("The backends cannot be compared, because one of them has left no result.")
