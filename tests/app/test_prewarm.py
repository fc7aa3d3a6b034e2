"""A child process imports the chosen backend in idle time; a job that takes it over starts quickly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import app_fakes
import pytest
from app_support import finish
from PyQt6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from ptychopinn_app.jobs import process
from ptychopinn_app.jobs.job import JobSpec, job_call
from ptychopinn_app.jobs.process import Prewarmer
from ptychopinn_app.jobs.worker import DispatchWorker
from ptychopinn_app.main_window import MainWindow


@pytest.fixture
def warm_store(store: QSettings, monkeypatch: pytest.MonkeyPatch) -> QSettings:
    """Settings with a warm child, which imports a small module instead of a framework."""
    monkeypatch.setitem(process.MODULES, "pytorch", ("wave",))
    monkeypatch.setitem(process.MODULES, "tensorflow", ("colorsys",))
    store.setValue("jobs/mode", "process")
    store.setValue("jobs/prewarm", True)
    return store


def test_a_warm_child_runs_its_job_with_imported_modules(qtbot: QtBot) -> None:
    warmer = Prewarmer()
    warmer.start("any", ("wave",))
    child = warmer.take("any")
    assert child is not None and not warmer.ready
    worker = DispatchWorker(JobSpec(job_call(app_fakes.modules, ("wave", "colorsys"))), child=child)
    with qtbot.waitSignals([worker.ended, worker.finished], timeout=60_000):
        got: list[object] = []
        worker.ended.connect(lambda status, result, failure: got.append(result))
        worker.start()
    assert got == [("wave",)]


def test_a_training_takes_the_waiting_child_and_a_new_one_waits_afterwards(
    warm_store: QSettings, make_window: Callable[[], MainWindow], scan: Path, qtbot: QtBot
) -> None:
    window = make_window()
    session = window.session
    qtbot.waitUntil(lambda: session.runner.warm, timeout=60_000)
    waiting = session.runner._prewarmer._child
    assert waiting is not None
    with qtbot.waitSignal(session.state.scanChanged, timeout=60_000):
        session.datasets.open(scan)
    with qtbot.waitSignal(session.state.jobProgress, timeout=60_000):
        session.jobs.train()
    assert session.runner.pid == waiting.pid
    with qtbot.waitSignal(session.state.jobEnded, timeout=60_000):
        pass
    qtbot.waitUntil(lambda: session.runner.warm, timeout=60_000)
    again = session.runner._prewarmer._child
    assert again is not None and again.pid != waiting.pid


def test_a_changed_backend_gets_a_new_child_and_off_means_none(
    warm_store: QSettings, make_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window = make_window()
    session = window.session
    qtbot.waitUntil(lambda: session.runner.warm, timeout=60_000)
    first = session.runner._prewarmer._child
    session.state.set_backend("tensorflow")
    qtbot.waitUntil(lambda: session.runner.warm and session.runner._prewarmer._child is not first, timeout=60_000)
    assert first is not None and not first.alive
    window.preferences.set_prewarm(False)
    assert not session.runner.warm


def test_without_a_warm_child_the_job_starts_its_own(
    warm_store: QSettings, make_window: Callable[[], MainWindow], scan: Path, qtbot: QtBot
) -> None:
    warm_store.setValue("jobs/prewarm", False)
    window = make_window()
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=60_000):
        window.session.datasets.open(scan)
    assert not window.session.runner.warm
    assert finish(window, qtbot, window.session.jobs.train).status == "done"


def test_the_child_of_short_tasks_imports_the_modules_for_opening_a_scan(scan: Path) -> None:
    code = f"""
import sys; sys.path[:0] = {sys.path!r}
from pathlib import Path
from ptychopinn_app.jobs import scan_tasks
scan_tasks.get_ready()
before = set(sys.modules)
scan_tasks.open_scan(Path({str(scan)!r}), "auto", ())
print([name for name in sys.modules if name not in before and name.startswith(("ptychopinn", "scipy.", "h5py"))])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
