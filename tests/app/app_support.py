"""Helpers of the application's tests: a small scan, drops as the system delivers them, jobs to their end."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ptychopinn_app.jobs import tasks
from ptychopinn_app.jobs.job import Outcome
from ptychopinn_app.main_window import MainWindow


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
    # File managers send the names as text as well, which fields like to take.
    mime.setText("\n".join(map(str, paths)))
    where = widget.rect().center()
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(where, action, mime, button, key)
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(widget, QDropEvent(QPointF(where), action, mime, button, key))
    return True


def use_task(name: str, task: Callable[..., object]) -> None:
    """Let the jobs of windows run another function of a module than that of `jobs.tasks`, until the window is gone."""
    assert hasattr(tasks, name), f"jobs.tasks has no function {name}"
    setattr(tasks, name, task)


def finish(window: MainWindow, qtbot: QtBot, begin: Callable[[], None]) -> Outcome:
    """Begin a job and wait for its end."""
    with qtbot.waitSignal(window.session.state.jobEnded, timeout=60_000) as ended:
        begin()
    outcome = ended.args[0]
    assert isinstance(outcome, Outcome)
    return outcome


def trained(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """Train with the fake task; the window then has a model."""
    with qtbot.waitSignal(window.session.state.modelChanged, timeout=60_000):
        assert finish(window, qtbot, window.session.jobs.train).status == "done"
    return window


def toast_texts(window: MainWindow) -> str:
    """Give the words of all notes that are shown."""
    return " ".join(window.toasts.texts())


def lock(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    """Let nothing in folders of a name be looked at, as if the user had no right to it; root has every right."""
    is_file = Path.is_file

    def may_not(self: Path) -> bool:
        if self.parent.name == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return is_file(self)

    monkeypatch.setattr(Path, "is_file", may_not)
