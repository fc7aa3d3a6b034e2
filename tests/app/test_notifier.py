"""The user is notified when a long job ends while the window is not in front."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from ptychopinn.events import Batch
from ptychopinn_app.jobs.failure import JobFailure
from ptychopinn_app.jobs.job import Kind, Outcome, Status
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.presenters.jobs_presenter import TITLE
from ptychopinn_app.services.notifier import Notifier


class Desk:
    """A desktop that notes what was asked of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.alerts: list[QWidget] = []
        self.messages: list[tuple[str, str, QSystemTrayIcon.MessageIcon]] = []
        self.front: QWidget | None = None
        self.tray = True
        monkeypatch.setattr(QApplication, "alert", lambda widget, *_: self.alerts.append(widget))
        monkeypatch.setattr(QApplication, "activeWindow", lambda: self.front)
        monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: self.tray)
        monkeypatch.setattr(
            QSystemTrayIcon,
            "showMessage",
            lambda icon, title, text, kind, *_: self.messages.append((title, text, kind)),
        )


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


def end(window: MainWindow, seconds: float, status: Status = "done", kind: Kind = "train") -> None:
    failure = JobFailure("exception", "no") if status == "failed" else None
    window.session.state.jobEnded.emit(Outcome(kind, status, Path("run"), seconds, None, failure))


def test_a_long_job_that_ends_in_the_background_notifies(window: MainWindow, desk: Desk) -> None:
    end(window, 75.0)
    assert desk.alerts == [window]
    assert desk.messages == [(TITLE, "Training finished after 1:15 min.", QSystemTrayIcon.MessageIcon.Information)]


def test_a_failure_is_reported_as_a_failure(window: MainWindow, desk: Desk) -> None:
    end(window, 3700.0, "failed", "reconstruct")
    assert desk.messages == [(TITLE, "Reconstruction failed after 1:01 h.", QSystemTrayIcon.MessageIcon.Critical)]


@pytest.mark.parametrize(("seconds", "status"), [(59.0, "done"), (75.0, "cancelled")])
def test_short_and_cancelled_jobs_do_not_notify(window: MainWindow, desk: Desk, seconds: float, status: Status) -> None:
    end(window, seconds, status)
    assert desk.alerts == [] and desk.messages == []


def test_an_active_window_does_not_notify(window: MainWindow, desk: Desk) -> None:
    desk.front = window
    end(window, 75.0)
    assert desk.alerts == [] and desk.messages == []


def test_without_a_tray_only_the_task_bar_button_flashes(window: MainWindow, desk: Desk) -> None:
    desk.tray = False
    end(window, 75.0)
    assert desk.alerts == [window] and desk.messages == []
    assert window.findChild(QSystemTrayIcon) is None


def test_the_tray_icon_is_created_once_and_removed_by_a_click(qtbot: QtBot, desk: Desk) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    notifier = Notifier(window)
    assert notifier.findChild(QSystemTrayIcon) is None
    assert notifier.call("a", "b") and notifier.call("a", "c")
    (icon,) = notifier.findChildren(QSystemTrayIcon)
    assert [text for _, text, _ in desk.messages] == ["b", "c"]
    icon.messageClicked.emit()
    assert window.isVisible() and not icon.isVisible()


def test_the_title_shows_the_percentage(opened: MainWindow) -> None:
    opened.central.strip.begin("Training", "train")
    opened.session.state.jobProgress.emit(Batch(2, 4, 1, 2, 0.1))
    assert opened.windowTitle() == f"38 % · {TITLE}"
