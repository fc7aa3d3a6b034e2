"""Helpers of the application tests: drops as the system delivers them, fake jobs and their ends."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ptychopinn_app.jobs import tasks
from ptychopinn_app.jobs.job import Outcome
from ptychopinn_app.main_window import MainWindow


def send_drop(widget: QWidget, *paths: Path) -> bool:
    """Deliver a drag and a drop as the system would; return whether the drag was accepted."""
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
    """Replace a task of `jobs.tasks` until the window is closed."""
    assert hasattr(tasks, name), f"jobs.tasks has no function {name}"
    setattr(tasks, name, task)


def finish(window: MainWindow, qtbot: QtBot, begin: Callable[[], None]) -> Outcome:
    """Start a job and wait for its end."""
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
    """Return the texts of all visible messages."""
    return " ".join(window.toasts.texts())


def lock(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    """Deny access to files in folders of this name; even root, who has every permission, is refused."""
    is_file = Path.is_file

    def may_not(self: Path) -> bool:
        if self.parent.name == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return is_file(self)

    monkeypatch.setattr(Path, "is_file", may_not)
