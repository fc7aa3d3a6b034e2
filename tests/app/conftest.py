"""Fixtures of the application's tests: no screen, own settings, and nothing left running."""

from __future__ import annotations

import multiprocessing as mp
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Fake jobs are imported by name, here and in the job processes.
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPointF, QSettings, Qt, QThread, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ptychopinn_app.application import build_window
from ptychopinn_app.main_window import MainWindow

FAKES = {"train": "app_fakes:train", "reconstruct": "app_fakes:reconstruct"}


@pytest.fixture(autouse=True)
def nothing_left_running(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a thread or a job process behind."""
    started: list[QThread] = []
    start = QThread.start

    def remember(self: QThread, *arguments: object) -> None:
        started.append(self)
        start(self, *arguments)

    monkeypatch.setattr(QThread, "start", remember)
    yield
    deadline = time.monotonic() + 10
    while mp.active_children() and time.monotonic() < deadline:
        time.sleep(0.02)
    running = [type(thread).__name__ for thread in started if not thread.isFinished()]
    assert not running, f"threads left running: {running}"
    assert not mp.active_children(), "job processes left running"


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
def make_window(qtbot: QtBot, store: QSettings) -> Iterator[Callable[[], MainWindow]]:
    """Build windows with fake jobs; they are closed at the end."""
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = build_window([], store)
        window.session.launcher.targets.update(FAKES)
        qtbot.addWidget(window)
        window.show()
        made.append(window)
        return window

    yield make
    for window in made:
        if window.session.runner.info is not None:
            window.session.cancel()
            qtbot.waitUntil(lambda window=window: window.session.runner.info is None, timeout=15000)
        window.close()


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


def write_scan(path: Path, n: int = 32, count: int = 37, seed: int = 7, **replaced: object) -> Path:
    """Simulate a small scan; `replaced` overrules arrays, None leaves them out."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:n, :n] - n // 2
    probe = 30 * np.exp(-(y**2 + x**2) / (2 * (n / 7) ** 2)) * np.exp(0.02j * (y**2 - x * y))
    size = 2 * n + 12
    rows, columns = np.mgrid[:size, :size] / size
    field = (1 - 0.2 * np.sin(21 * rows) ** 2) * np.exp(0.6j * np.cos(17 * columns + 5 * rows))
    centres = n / 2 + 1 + random.random((count, 2)) * (size - n - 3)
    patterns = []
    for top, left in np.floor(centres).astype(int) - n // 2:
        far = np.fft.fftshift(np.fft.fft2(probe * field[top : top + n, left : left + n], norm="ortho"))
        patterns.append(np.sqrt(random.poisson(np.abs(far) ** 2)))
    arrays: dict[str, object] = {
        "xcoords": centres[:, 1],
        "ycoords": centres[:, 0],
        "diff3d": np.array(patterns, dtype=np.float32),
        "probeGuess": probe.astype(np.complex64),
        "objectGuess": field.astype(np.complex64),
    } | replaced
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    return path


def send_drop(widget: QWidget, *paths: Path) -> bool:
    """Deliver a drag and a drop as the system would; gives whether the drag was accepted."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    where = widget.rect().center()
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(where, action, mime, button, key)
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(widget, QDropEvent(QPointF(where), action, mime, button, key))
    return True
