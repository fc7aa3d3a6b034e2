"""Compare two runs, or train with both backends and compare the results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn.backends.registry import TITLES
from ptychopinn_app.binder.values import value_text
from ptychopinn_app.job_settings.sections import SECTIONS
from ptychopinn_app.job_settings.values import JobSettings, backends
from ptychopinn_app.jobs import compare_tasks
from ptychopinn_app.jobs.compare_tasks import Comparison
from ptychopinn_app.jobs.job import Outcome, call
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.planned_jobs import ReconstructJob, TrainJob
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.state import SessionState

Row = tuple[str, str, str]


class Comparisons(QObject):
    """Compares two runs, or the results of both backends for the same scan, settings and seed.

    Signals
    -------
    compared : a `Comparison`, and the differing settings as rows (name, first, second)
    """

    compared = pyqtSignal(Comparison, list)

    def __init__(self, state: SessionState, messages: Messages, queue: JobQueue) -> None:
        super().__init__(state)
        self._state, self._messages, self._queue = state, messages, queue
        self._results: dict[int, Path | None] = {}
        self._missing: set[int] = set()
        queue.finished.connect(self._finished)

    def compare(self, first: Path, second: Path) -> None:
        """Compare two runs from the runs folder."""

        def done(comparison: Comparison) -> None:
            rows = differing_settings(runs.read_note(first).get("settings"), runs.read_note(second).get("settings"))
            self.compared.emit(comparison, rows)

        self._messages.ask("Compare", call(compare_tasks.compare_runs, first, second), done)

    def train_both(self) -> None:
        """Queue a training run and a reconstruction with each backend, then compare their results."""
        scan, test = self._state.scan, self._state.test_scan
        if (reason := self._queue.why_not("train")) or scan is None:
            self._messages.warn(reason)
            return
        self._results = {}
        for backend in sorted(backends()):
            settings = self._state.config.copy()
            settings.backend = backend
            note = TITLES.get(backend, backend)
            self._queue.add(TrainJob(scan, test), settings, note, tell=False)
            number = self._queue.add(ReconstructJob(test or scan, None), settings, note, tell=False)
            self._results[number] = None
        self._missing = set(self._results)
        names = " and ".join(TITLES.get(name, name) for name in backends())
        self._messages.info(f"{names} will train one after the other, and their results will be compared at the end.")

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
            self.compare(*run_dirs)
        else:
            self._messages.refuse("The backends cannot be compared: at least one produced no result.")


def differing_settings(first: object, second: object) -> list[Row]:
    """Return (name, first, second) for each setting that differs between two `JobSettings.to_table` tables."""
    sides = []
    for table in (first, second):
        config = JobSettings()
        if isinstance(table, Mapping):
            config.restore(table)
        sides.append(config)
    rows: list[Row] = []
    if sides[0].backend != sides[1].backend:
        rows.append(("Backend", sides[0].backend, sides[1].backend))
    for section in SECTIONS:
        for info in section.fields():
            values = [side.values(section.name).get(info.name) for side in sides]
            if values[0] != values[1]:
                first, second = (value_text(value, info.unset or "none", info.unit) for value in values)
                rows.append((f"{section.title}: {info.label}", first, second))
    return rows
