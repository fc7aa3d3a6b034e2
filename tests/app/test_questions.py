"""Questions before something is lost: running jobs, models that are not saved, files that would be replaced."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import app_fakes
import pytest
from app_support import finish, toast_texts, trained, use_task
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from ptychopinn_app.jobs import export_tasks
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services import dialogs

ASK_UNSAVED = dialogs.ask_unsaved


def answer(button: str | None, seen: list[str]) -> None:
    """Press a button of the next question, or the escape key; record its buttons."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.extend(each.text() for each in box.buttons())
        seen.append(box.informativeText())
        if button is None:
            box.reject()
        else:
            next(each for each in box.buttons() if each.text() == button).click()

    QTimer.singleShot(0, press)


@pytest.mark.parametrize(
    ("kind", "button", "choice"),
    [("train", "Stop and keep", "stop"), ("train", "Cancel job", "cancel"), ("train", "Stay", "stay"),
     ("train", None, "stay"), ("reconstruct", "Cancel job", "cancel"), ("", "Close", "cancel"),
     ("", None, "stay")],
)  # fmt: skip
def test_the_question_offers_the_possible_choices(
    window: MainWindow, kind: str, button: str | None, choice: str
) -> None:
    seen: list[str] = []
    answer(button, seen)
    assert dialogs.ask_close(window, 2, kind) == choice
    assert ("Stop and keep" in seen) == (kind == "train")
    assert "2" in seen[-1] and "queue" in seen[-1]


@pytest.mark.parametrize(
    ("button", "choice"), [("Save…", "save"), ("Close", "close"), ("Stay", "stay"), (None, "stay")]
)
def test_the_question_about_a_model_names_where_it_stays(window: MainWindow, button: str | None, choice: str) -> None:
    seen: list[str] = []
    answer(button, seen)
    assert ASK_UNSAVED(window, "run 1") == choice
    assert "Runs tab" in seen[-1]


def test_a_window_whose_model_is_not_saved_asks_before_it_closes(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trained(opened, qtbot)
    asked: list[str] = []
    reply = "stay"
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda _, title: (asked.append(title), reply)[1])
    opened.close()
    assert opened.isVisible() and asked == [opened.session.state.model.title]  # type: ignore[union-attr]

    reply = "save"
    target = tmp_path / "no folder" / "m.h5.zip"
    monkeypatch.setattr(dialogs, "save_model", lambda *_: None)
    opened.close()
    qtbot.wait(50)
    assert opened.isVisible(), "without a place to save it nothing was decided"

    (tmp_path / "no folder").write_text("in the way")
    monkeypatch.setattr(dialogs, "save_model", lambda *_: target)
    opened.close()
    qtbot.waitUntil(lambda: "Save model" in toast_texts(opened), timeout=15_000)
    qtbot.wait(50)
    assert opened.isVisible(), "a model that could not be saved keeps the window"

    monkeypatch.setattr(dialogs, "save_model", lambda *_: tmp_path / "m.h5.zip")
    opened.close()
    qtbot.waitUntil(lambda: not opened.isVisible(), timeout=15_000)
    assert (tmp_path / "m.h5.zip").is_file() and len(asked) == 4


def test_a_saved_model_is_not_asked_about(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trained(opened, qtbot)
    with qtbot.waitSignal(opened.session.state.modelChanged, timeout=15_000):
        opened.session.files.save_model(tmp_path / "mine.h5.zip")
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda *_: pytest.fail("asked"))
    opened.close()
    assert not opened.isVisible()


def test_a_window_that_writes_a_file_closes_when_it_is_written(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trained(opened, qtbot)
    finish(opened, qtbot, opened.session.jobs.reconstruct)
    copy: Callable[..., object] = export_tasks.copy_file

    def slow(*arguments: object, **named: object) -> object:
        time.sleep(0.3)
        return copy(*arguments, **named)

    monkeypatch.setattr(export_tasks, "copy_file", slow)
    opened.session.files.export(tmp_path / "p.h5")
    opened.close()
    assert opened.isVisible() and "once the file is saved" in toast_texts(opened)
    qtbot.waitUntil(lambda: not opened.isVisible(), timeout=15_000)
    assert (tmp_path / "p.h5").stat().st_size > 0


def slow_writing(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Hold back all writing of files until the event is set."""
    copy: Callable[..., object] = export_tasks.copy_file
    go = threading.Event()

    def slow(*arguments: object, **named: object) -> object:
        assert go.wait(60)
        return copy(*arguments, **named)

    monkeypatch.setattr(export_tasks, "copy_file", slow)
    return go


def test_a_window_that_was_told_to_stay_does_not_close_later(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trained(opened, qtbot)
    finish(opened, qtbot, opened.session.jobs.reconstruct)
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda _, title: (asked.append(title), "stay")[1])
    go = slow_writing(monkeypatch)
    opened.session.files.export(tmp_path / "p.h5")
    opened.close()
    go.set()
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=15_000)
    with qtbot.waitSignal(opened.session.messages.written, timeout=15_000):
        opened.session.files.export(tmp_path / "q.h5")
    qtbot.wait(50)
    assert opened.isVisible() and len(asked) == 1
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda *_: "close")


def test_a_file_that_is_never_written_does_not_block_closing(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trained(opened, qtbot)
    finish(opened, qtbot, opened.session.jobs.reconstruct)
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda *_: "close")
    go = slow_writing(monkeypatch)
    opened.session.files.export(tmp_path / "p.h5")
    opened.close()
    assert opened.isVisible() and "To quit without saving, close it again" in toast_texts(opened)
    opened.close()
    assert not opened.isVisible()
    go.set()


def test_the_window_stays_open_when_a_training_cannot_be_saved(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "ask_close", lambda *_: "stop")
    use_task("train", app_fakes.train_that_cannot_be_saved)
    with qtbot.waitSignal(opened.session.state.jobProgress, timeout=15_000):
        opened.session.jobs.train()
    with qtbot.waitSignal(opened.session.messages.jobFailed, timeout=15_000) as told:
        opened.close()
    qtbot.wait(100)
    assert opened.isVisible() and "disk" in told.args[0]


def test_a_model_is_asked_about_when_another_job_is_cancelled_to_close(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(opened, qtbot)
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "ask_close", lambda *_: "cancel")
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda _, title: (asked.append(title), "stay")[1])
    use_task("reconstruct", app_fakes.endless_job)
    with qtbot.waitSignal(opened.session.state.jobProgress, timeout=15_000):
        opened.session.jobs.reconstruct()
    opened.close()
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=15_000)
    assert opened.isVisible()
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda *_: "close")


def test_queued_jobs_are_dropped_and_the_window_closes(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.session.queue.set_paused(True)
    opened.session.jobs.train()
    monkeypatch.setattr(dialogs, "ask_close", lambda *_: "cancel")
    opened.close()
    qtbot.waitUntil(lambda: not opened.isVisible(), timeout=15_000)


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize(
    ("ask", "typed", "kind", "there"),
    [(dialogs.save_model, "m", "", "m.h5.zip"), (dialogs.save_settings, "s", "", "s.json"),
     (dialogs.save_product, "p", dialogs.PRODUCT_FILTERS[0], "p.h5"),
     (dialogs.save_product, "o.png", dialogs.PRODUCT_FILTERS[3], "o_phase.png")],
)  # fmt: skip
def test_a_file_is_not_replaced_without_a_question(
    window: MainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[..., Path | None],
    typed: str,
    kind: str,
    there: str,
    yes: bool,
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(tmp_path / typed), kind))
    asked: list[str] = []

    def question(_: object, __: str, words: str) -> QMessageBox.StandardButton:
        asked.append(words)
        return QMessageBox.StandardButton.Yes if yes else QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", question)
    assert ask(window, "") is not None and not asked
    (tmp_path / there).write_text("precious")
    assert (ask(window, "") is not None) == yes
    assert len(asked) == 1 and there in asked[0]
