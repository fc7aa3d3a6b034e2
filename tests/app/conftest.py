"""Fixtures of the application's tests: no screen, own settings, and nothing left running."""

from __future__ import annotations

import multiprocessing as mp
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Fake jobs and helpers are imported by name, here and in the job processes.
sys.path.insert(0, str(Path(__file__).parent))

import pytest
from app_support import write_scan
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QSettings, QThread, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ptychopinn_app.application import build_window
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services import dialogs

FAKES = {"train": "app_fakes:train", "reconstruct": "app_fakes:reconstruct"}


@pytest.fixture(autouse=True)
def nothing_left_running(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer, a window or a job process behind."""
    started: list[QThread] = []
    timers: list[QTimer] = []
    start, start_timer = QThread.start, QTimer.start

    def remember(self: QThread, *arguments: object) -> None:
        started.append(self)
        start(self, *arguments)

    def remember_timer(self: QTimer, *arguments: int) -> None:
        timers.append(self)
        start_timer(self, *arguments)

    monkeypatch.setattr(QThread, "start", remember)
    monkeypatch.setattr(QTimer, "start", remember_timer)
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
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda *_: "close")
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = build_window([], store)
        window.session.launcher.targets.update(FAKES)
        window.show()
        made.append(window)
        return window

    yield make
    for window in made:
        if window.session.runner.info is not None:
            window.session.cancel()
            qtbot.waitUntil(lambda window=window: window.session.runner.info is None, timeout=15000)
        window.close()
        window.deleteLater()
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
    with qtbot.waitSignal(window.session.datasetChanged, timeout=15000):
        window.session.open_data(scan)
    return window
