"""Fixtures of the application tests: no screen, separate settings, and nothing left running."""

from __future__ import annotations

import contextlib
import multiprocessing as mp
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import forkserver, resource_tracker
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Fake jobs and helpers are imported by name, here and in the job processes.
sys.path.insert(0, str(Path(__file__).parent))

import app_fakes
import pytest
from app_support import use_task
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QSettings, QThread, QThreadPool, QTimer
from PyQt6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn_app.application import build_window
from ptychopinn_app.jobs import tasks
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services import dialogs

TASKS = ("train", "reconstruct", "quick_look", "refine", "calibrate", "report")


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer, a widget or a process behind."""
    started: list[QThread] = []
    threads, processes, widgets = set(threading.enumerate()), _children(), set(_top_level())
    timers: list[QTimer] = []
    start, start_timer = QThread.start, QTimer.start

    def remember(self: QThread, *arguments: object) -> None:
        started.append(self)
        start(self, *arguments)

    def remember_timer(self: QTimer, *arguments: int) -> None:
        timers.append(self)
        start_timer(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QThread, "start", remember)
        patch.setattr(QTimer, "start", remember_timer)
        yield
    deadline = time.monotonic() + 10
    while mp.active_children() and time.monotonic() < deadline:
        time.sleep(0.02)
    running = [type(thread).__name__ for thread in started if not thread.isFinished()]
    assert not running, f"threads left running: {running}"
    assert not mp.active_children(), "job processes left running"
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    ticking = [type(timer.parent()).__name__ for timer in timers if not sip.isdeleted(timer) and timer.isActive()]
    assert not ticking, f"timers left running in {ticking}"
    shown = [type(widget).__name__ for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    assert not shown, f"windows left open: {shown}"
    while time.monotonic() < deadline and (_left(threads) or _children() - processes):
        time.sleep(0.02)
    assert not _left(threads), f"threads left running: {_left(threads)}"
    assert not _children() - processes, f"processes left running: {_children() - processes}"
    assert QThreadPool.globalInstance().activeThreadCount() == 0, "work left in the thread pool"  # type: ignore[union-attr]
    assert QApplication.activeModalWidget() is None, "a dialog was left that blocks the others"
    made = [type(widget).__name__ for widget in set(_top_level()) - widgets]
    assert not made, f"widgets left without a parent: {made}"


def _left(before: set[threading.Thread]) -> list[str]:
    return [each.name for each in threading.enumerate() if each not in before and not each.daemon]


def _children() -> set[int]:
    """Return the living child processes, except those of `multiprocessing` itself, which stay."""
    own = {resource_tracker._resource_tracker._pid, forkserver._forkserver._forkserver_pid}  # type: ignore[attr-defined]
    if not sys.platform.startswith("linux"):
        return set()
    found = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found - own


def _top_level() -> list[QWidget]:
    """Return the widgets without a parent, except menus of plots, which end with their plot."""
    return [each for each in QApplication.topLevelWidgets() if not isinstance(each, QMenu)]


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    """Settings of one test: thread mode, no warm child, runs in the test's folder."""
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("jobs/mode", "thread")
    settings.setValue("jobs/prewarm", False)
    settings.setValue("folder/runs", str(tmp_path / "runs"))
    settings.setValue("theme", "dark")
    return settings


@pytest.fixture
def make_window(qtbot: QtBot, store: QSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], MainWindow]]:
    """Build windows with fake jobs; they are closed at the end, without a question about their models."""
    # Of its own, so that a test that takes its replacements back does not take this one.
    patch = pytest.MonkeyPatch()
    patch.setattr(dialogs, "ask_unsaved", lambda *_: "close")
    for name in TASKS:
        patch.setattr(tasks, name, getattr(tasks, name))
    use_task("train", app_fakes.train)
    use_task("reconstruct", app_fakes.reconstruct)
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = build_window([], store)
        window.show()
        made.append(window)
        return window

    yield make
    for window in made:
        if window.session.runner.info is not None:
            window.session.runner.cancel()
            qtbot.waitUntil(lambda window=window: window.session.runner.info is None, timeout=15000)
        window.close()
        window.deleteLater()
    patch.undo()
    # Without a running event loop deleted windows would pile up, and each change of theme would dress them all.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window(make_window: Callable[[], MainWindow]) -> MainWindow:
    """A shown window with fake jobs."""
    return make_window()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A sound NPZ scan: 37 patterns of 32 px, complex probe, positions that overlap."""
    return write_scan(tmp_path / "scan é 1.npz")


@pytest.fixture
def opened(window: MainWindow, scan: Path, qtbot: QtBot) -> MainWindow:
    """A window with an open scan."""
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15000):
        window.session.datasets.open(scan)
    return window
