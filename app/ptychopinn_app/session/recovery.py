"""What was open is noted while the window lives, so that after a kill it can be opened again."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QLockFile, QObject, QTimer, pyqtSignal

from ptychopinn_app.records import LostRun, RunEntry, Scan
from ptychopinn_app.runs import folder as runs

if TYPE_CHECKING:
    from ptychopinn_app.session.job_info import JobInfo
    from ptychopinn_app.session.session import Session

KEY = "session/open"
LOCK = "session.lock"
RUN_LOCK = "run.lock"
WRITE_DELAY_MS = 300


@dataclass(frozen=True)
class Lost:
    """What was open when a window was killed; empty texts and None where nothing was."""

    data: str = ""
    units: str = "auto"
    fixes: tuple[str, ...] = ()
    test: str = ""
    model: str = ""
    model_saved: bool = True
    run: str = ""
    interrupted: LostRun | None = None

    @property
    def any(self) -> bool:
        """Whether there is anything to open again."""
        return bool(self.data or self.model or self.run)

    def describe(self) -> str:
        """Say in a sentence or two what can be restored."""
        open_ = [Path(path).name for path in (self.data, self.test) if path]
        if self.model:
            open_.append("a model")
        words = f"The last session ended without being closed; it had {' and '.join(open_)} open." if open_ else ""
        if self.interrupted is not None:
            words += f" {self.interrupted.describe()}"
        return words.strip()


class Recovery(QObject):
    """Notes what is open, finds what a killed window had open, and marks the runs that died with it."""

    offered = pyqtSignal(object)
    settled = pyqtSignal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        folder = Path(session.settings.store.fileName()).parent
        # Without a place for its settings a window starts all the same, and has nothing to restore.
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        # Of several windows the first one is restored; a lock that a dead window left counts for nothing.
        self._lock = _lock(folder / LOCK)
        self._first = self._lock.tryLock(0)
        self._lost = _read(session.settings.table(KEY)) if self._first else Lost()
        self._run_lock: QLockFile | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_DELAY_MS)
        self._timer.timeout.connect(self._write)
        for changed in (session.datasetChanged, session.testDatasetChanged, session.modelChanged):
            changed.connect(lambda _: self._timer.start())
        session.configChanged.connect(lambda _: self._timer.start())
        session.runsChanged.connect(self._mark_dead)

    def look(self) -> None:
        """Offer what a killed window had open, if there was one."""
        lost = self._lost
        if lost.run:
            self._session.ask("lost_run", self._offer, "Interrupted run", run_dir=Path(lost.run))
        elif lost.any:
            self.offered.emit(lost)

    def restore(self) -> None:
        """Open again what was offered."""
        lost, session = self._lost, self._session
        self.dismiss()
        if lost.data:
            session.datasets.open(Path(lost.data), "train", lost.units, lost.fixes)
        if lost.test:
            session.open_data(lost.test, "test")
        if lost.model:
            session.read_model(Path(lost.model), saved=lost.model_saved)
        if lost.run:
            # Asked anew: the job of a killed window may have saved its model after the offer was made.
            session.ask("lost_run", self._open_run, "Interrupted run", run_dir=Path(lost.run))

    def dismiss(self) -> None:
        """Offer it no more."""
        self._lost = Lost()
        self.settled.emit()
        self._timer.start()

    def hold(self, info: JobInfo) -> None:
        """Mark a run as that of a living window."""
        self._run_lock = _lock(info.run_dir / RUN_LOCK)
        self._run_lock.tryLock(0)
        self._write()

    def release(self) -> None:
        """The run has ended."""
        if self._run_lock is not None:
            self._run_lock.unlock()
            self._run_lock = None
        self._timer.start()

    def close(self) -> None:
        """The window closes as it should: nothing is to be restored, unless it was offered and not answered."""
        self._timer.stop()
        self.release()
        self._timer.stop()
        if self._first and not self._lost.any:
            self._session.settings.store.remove(KEY)
        self._lock.unlock()

    def _write(self) -> None:
        session = self._session
        session.settings.put_table("config", session.config.to_table())
        if self._first and not self._lost.any:
            session.settings.put_table(KEY, _table(session))
        session.settings.store.sync()

    def _offer(self, found: LostRun | None) -> None:
        lost = self._lost
        self._lost = replace(lost, run=lost.run if found is not None else "", interrupted=found)
        if self._lost.any:
            self.offered.emit(self._lost)

    def _open_run(self, found: LostRun | None) -> None:
        session = self._session
        if found is None:
            return
        session.previews.open(found.run_dir, show_last=True)
        session.ask("load_history", session.set_history, "Losses", run_dir=found.run_dir)
        if found.model_path is not None:
            session.read_model(found.model_path, saved=False)
            session.notified.emit("success", "The interrupted training is open; Resume training goes on from it.")

    def _mark_dead(self, entries: tuple[RunEntry, ...]) -> None:
        """Find runs that are noted as running but whose window is gone."""
        info = self._session.runner.info
        dead = False
        for entry in entries:
            if entry.status != "running" or (info is not None and info.run_dir == entry.path):
                continue
            lock = _lock(entry.path / RUN_LOCK)
            if lock.tryLock(0):
                # The list may be older than the end of the run.
                with contextlib.suppress(OSError):
                    if runs.read_note(entry.path).get("status") == "running":
                        runs.write_note(entry.path, status="interrupted")
                    dead = True
                lock.unlock()
        if dead:
            self._session.runs.refresh()


def _lock(path: Path) -> QLockFile:
    lock = QLockFile(str(path))
    # Only the death of its owner frees a lock, not its age: trainings may last for days.
    lock.setStaleLockTime(0)
    return lock


def _table(session: Session) -> dict[str, object]:
    def path_of(scan: Scan | None) -> str:
        return str(scan.path) if scan is not None else ""

    scan, model, info = session.dataset, session.model, session.runner.info
    return {
        "data": path_of(scan),
        "units": scan.units if scan is not None else "auto",
        "fixes": list(scan.fixes) if scan is not None else [],
        "test": path_of(session.test_dataset),
        "model": str(model.path) if model is not None else "",
        "model_saved": model.saved if model is not None else True,
        "run": str(info.run_dir) if info is not None else "",
    }


def _read(table: Mapping[str, object]) -> Lost:
    """Read the note of a killed window; files that are gone are left out."""

    def existing(key: str) -> str:
        value = table.get(key)
        return value if isinstance(value, str) and value and Path(value).exists() else ""

    fixes, units = table.get("fixes"), table.get("units")
    return Lost(
        data=existing("data"),
        units=units if isinstance(units, str) else "auto",
        fixes=tuple(str(code) for code in fixes) if isinstance(fixes, list) else (),
        test=existing("test"),
        model=existing("model"),
        model_saved=table.get("model_saved") is not False,
        run=existing("run"),
    )
