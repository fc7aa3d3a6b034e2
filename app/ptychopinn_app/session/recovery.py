"""What was open is noted while the window lives, so that after a kill it can be opened again."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PyQt6.QtCore import QLockFile, QObject, pyqtSignal

from ptychopinn_app.jobs import run_tasks
from ptychopinn_app.jobs.call import call
from ptychopinn_app.jobs.job import JobInfo
from ptychopinn_app.records import LostRun, RunEntry, Scan
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.services.timers import delayed
from ptychopinn_app.session.datasets import Datasets
from ptychopinn_app.session.files import Files
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.previews import Previews
from ptychopinn_app.session.run_list import RunList
from ptychopinn_app.session.state import SessionState

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

    offered = pyqtSignal(Lost)
    settled = pyqtSignal()

    def __init__(
        self,
        state: SessionState,
        messages: Messages,
        app_settings: Settings,
        datasets: Datasets,
        files: Files,
        run_list: RunList,
        previews: Previews,
    ) -> None:
        super().__init__(state)
        self._state, self._messages, self._app_settings = state, messages, app_settings
        self._datasets, self._files, self._run_list, self._previews = datasets, files, run_list, previews
        folder = Path(app_settings.store.fileName()).parent
        # Without a place for its settings a window starts all the same, and has nothing to restore.
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        # Of several windows the first one is restored; a lock that a dead window left counts for nothing.
        self._lock = _lock(folder / LOCK)
        self._first = self._lock.tryLock(0)
        self._lost = _read(app_settings.table(KEY)) if self._first else Lost()
        self._run_lock: QLockFile | None = None
        self._timer = delayed(self, self._write, WRITE_DELAY_MS)
        for changed in (state.scanChanged, state.testScanChanged, state.modelChanged, state.configChanged):
            changed.connect(lambda _: self._timer.start())
        state.jobStarted.connect(self._hold)
        run_list.changed.connect(self._mark_dead)

    def look(self) -> None:
        """Offer what a killed window had open, if there was one."""
        lost = self._lost
        if lost.run:
            self._messages.ask("Interrupted run", call(run_tasks.lost_run, Path(lost.run)), self._offer)
        elif lost.any:
            self.offered.emit(lost)

    def restore(self) -> None:
        """Open again what was offered."""
        lost = self._lost
        self.dismiss()
        if lost.data:
            self._datasets.open(Path(lost.data), "train", lost.units, lost.fixes)
        if lost.test:
            self._datasets.open(Path(lost.test), "test")
        if lost.model:
            self._files.open_model(Path(lost.model), saved=lost.model_saved)
        if lost.run:
            # Read anew: the job of a killed window may have saved its model after the offer was made.
            self._messages.ask("Interrupted run", call(run_tasks.lost_run, Path(lost.run)), self._open_run)

    def dismiss(self) -> None:
        """Offer it no more."""
        self._lost = Lost()
        self.settled.emit()
        self._timer.start()

    def _hold(self, info: JobInfo) -> None:
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
            self._app_settings.store.remove(KEY)
        self._lock.unlock()

    def _write(self) -> None:
        self._app_settings.put_table("config", self._state.config.to_table())
        if self._first and not self._lost.any:
            self._app_settings.put_table(KEY, _table(self._state))
        self._app_settings.store.sync()

    def _offer(self, run: LostRun | None) -> None:
        lost = self._lost
        self._lost = replace(lost, run=lost.run if run is not None else "", interrupted=run)
        if self._lost.any:
            self.offered.emit(self._lost)

    def _open_run(self, run: LostRun | None) -> None:
        if run is None:
            return
        self._previews.open(run.run_dir, show_last=True)
        self._files.open_history(run.run_dir)
        if run.model_path is not None:
            self._files.open_model(run.model_path, saved=False)
            self._messages.success("The interrupted training is open; Resume training goes on from it.")

    def _mark_dead(self, entries: tuple[RunEntry, ...]) -> None:
        """Find runs that are noted as running but whose window is gone."""
        info = self._state.job
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
            self._run_list.refresh()


def _lock(path: Path) -> QLockFile:
    lock = QLockFile(str(path))
    # Only the death of its owner frees a lock, not its age: trainings may last for days.
    lock.setStaleLockTime(0)
    return lock


def _table(state: SessionState) -> dict[str, object]:
    def path_of(scan: Scan | None) -> str:
        return str(scan.path) if scan is not None else ""

    scan, model, info = state.scan, state.model, state.job
    return {
        "data": path_of(scan),
        "units": scan.units if scan is not None else "auto",
        "fixes": list(scan.fixes) if scan is not None else [],
        "test": path_of(state.test_scan),
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
