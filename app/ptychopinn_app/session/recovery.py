"""Recovery after a crash: the open files and the current run are recorded, so that they can be reopened."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PyQt6.QtCore import QLockFile, QObject, pyqtSignal

from ptychopinn_app.jobs import run_tasks
from ptychopinn_app.jobs.job import JobInfo, call
from ptychopinn_app.records import LostRun, RunEntry
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.services.timers import delayed
from ptychopinn_app.session.datasets import Datasets
from ptychopinn_app.session.files import Files
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.run_list import RunList
from ptychopinn_app.session.state import SessionState

KEY = "session/open"
LOCK = "session.lock"
RUN_LOCK = "run.lock"
WRITE_DELAY_MS = 300


@dataclass(frozen=True)
class Lost:
    """The open files and the current run of a window that crashed; a field is empty or None if nothing was open."""

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
        """Whether there is anything to reopen."""
        return bool(self.data or self.model or self.run)

    def describe(self) -> str:
        """Return a sentence or two about what was open when the window was killed."""
        names = [Path(path).name for path in (self.data, self.test) if path] + ["a model"] * bool(self.model)
        while_open = f" while {runs.listed(names)} {'was' if len(names) == 1 else 'were'} open" if names else ""
        words = f"Studio did not shut down properly{while_open}."
        return f"{words} {self.interrupted.describe()}" if self.interrupted is not None else words


class Recovery(QObject):
    """Records the open files; after a crash, offers to reopen them and marks the interrupted run."""

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
    ) -> None:
        super().__init__(state)
        self._state, self._messages, self._app_settings = state, messages, app_settings
        self._datasets, self._files, self._run_list = datasets, files, run_list
        folder = Path(app_settings.store.fileName()).parent
        # If the settings cannot be stored, the window still starts and has nothing to restore.
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        # Of several windows only the first is restored; the lock of a dead window does not count.
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
        """Offer to reopen the files that were open during a crash, if there was one."""
        lost = self._lost
        if lost.run:
            self._messages.ask("Interrupted run", call(run_tasks.lost_run, Path(lost.run)), self._offer)
        elif lost.any:
            self.offered.emit(lost)

    def restore(self) -> None:
        """Reopen the offered files."""
        lost = self._lost
        self.dismiss()
        if lost.data:
            self._datasets.open(Path(lost.data), "train", lost.units, lost.fixes)
        if lost.test:
            self._datasets.open(Path(lost.test), "test")
        if lost.model:
            self._files.open_model(Path(lost.model), saved=lost.model_saved)
        if lost.run:
            # Read again: the job of a window that crashed may have saved its model after the offer.
            self._messages.ask("Interrupted run", call(run_tasks.lost_run, Path(lost.run)), self._open_run)

    def dismiss(self) -> None:
        """Withdraw the offer."""
        self._lost = Lost()
        self.settled.emit()
        self._timer.start()

    def _hold(self, info: JobInfo) -> None:
        """Lock a run to show that its window is still running."""
        self._run_lock = _lock(info.run_dir / RUN_LOCK)
        self._run_lock.tryLock(0)
        self._write()

    def release(self) -> None:
        """Unlock the finished run."""
        if self._run_lock is not None:
            self._run_lock.unlock()
            self._run_lock = None
        self._timer.start()

    def close(self) -> None:
        """Clear the record when the window closes normally, but keep an offer that the user has not answered."""
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
        self._run_list.show(run.run_dir, run.model_path)
        if run.model_path is None:
            self._files.open_history(run.run_dir)
        else:
            self._messages.success("The interrupted run is open. Choose Resume training to continue.")

    def _mark_dead(self, entries: tuple[RunEntry, ...]) -> None:
        """Mark runs as interrupted if they are recorded as running but their window no longer exists."""
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
    # A lock ends with its owner, not with its age: training runs may last for days.
    lock.setStaleLockTime(0)
    return lock


def _table(state: SessionState) -> dict[str, object]:
    """Return a record of the open files and the running job; anything that is not open or running is omitted."""
    scan, test, model, info = state.scan, state.test_scan, state.model, state.job
    table: dict[str, object] = {}
    if scan is not None:
        table |= {"data": scan.path, "units": scan.units, "fixes": scan.fixes}
    if test is not None:
        table["test"] = test.path
    if model is not None:
        table |= {"model": model.path, "model_saved": model.saved}
    if info is not None:
        table["run"] = info.run_dir
    return table


def _read(table: Mapping[str, object]) -> Lost:
    """Read the record of a window that crashed; skip files that no longer exist."""

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
