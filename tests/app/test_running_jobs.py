"""The window while jobs run, fail and end."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import app_fakes
import pytest
from app_support import finish, toast_texts, trained, use_task
from PyQt6.QtCore import QSettings, Qt, QTimer, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QDialog, QFileDialog, QLabel, QPlainTextEdit, QTabWidget
from pytestqt.qtbot import QtBot

from ptychopinn.events import Epoch
from ptychopinn_app.jobs.worker import GRACE_SECONDS
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services import dialogs
from ptychopinn_app.services.error_dialog import ErrorDialog
from ptychopinn_app.services.hooks import ExceptionHook


class Beats:
    """Records a value whenever the thread of the window is free, every few milliseconds."""

    def __init__(self, look: Callable[[], object]) -> None:
        self.seen: list[object] = []
        self._timer = QTimer()
        self._timer.timeout.connect(lambda: self.seen.append(look()))
        self._timer.start(5)

    def stop(self) -> None:
        self._timer.stop()


@pytest.fixture
def process_window(make_window: Callable[[], MainWindow], store: QSettings, scan: Path, qtbot: QtBot) -> MainWindow:
    """A window with an open scan whose jobs run in processes."""
    store.setValue("jobs/mode", "process")
    window = make_window()
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=60_000):
        window.session.datasets.open(scan)
    return window


def test_the_window_responds_while_a_training_reports(process_window: MainWindow, qtbot: QtBot) -> None:
    # How quickly it does is printed by tests/benchmarks/app_figures.py; here no machine is too slow.
    session = process_window.session
    use_task("train", app_fakes.endless_train)
    with qtbot.waitSignal(session.state.jobProgress, timeout=60_000):
        session.jobs.train()
    assert session.runner.pid not in (None, os.getpid()), "the work is done elsewhere"
    tabs = process_window.findChild(QTabWidget, "viewTabs")
    assert tabs is not None
    QTest.keyClick(tabs.tabBar(), Qt.Key.Key_Right)
    assert tabs.currentIndex() == 1 and session.runner.info is not None
    before = len(session.state.history.loss)
    qtbot.waitUntil(lambda: len(session.state.history.loss) > before + 20, timeout=60_000)
    assert finish(process_window, qtbot, session.runner.cancel).status == "cancelled"


def test_both_curves_grow_while_the_training_runs(opened: MainWindow, qtbot: QtBot) -> None:
    session, plot = opened.session, opened.central.loss
    use_task("train", app_fakes.endless_train)
    epochs: list[Epoch] = []
    session.state.jobProgress.connect(lambda event: epochs.append(event) if isinstance(event, Epoch) else None)
    session.jobs.train()
    qtbot.waitUntil(lambda: len(epochs) >= 4, timeout=15_000)
    for curve, values in ((plot._train, [e.loss for e in epochs]), (plot._val, [e.val_loss for e in epochs])):
        x, y = curve.getOriginalDataset()
        assert list(x) == list(range(1, len(epochs) + 1)) and list(y) == pytest.approx(values)
    best = plot.best_epoch()
    assert plot._best.getOriginalDataset()[0] == [best]
    legend = " ".join(label.text() for label in plot.findChildren(QLabel))
    for part in ("training", "validation", f"best epoch {best}"):
        assert part in legend, part
    assert session.runner.info is not None
    finish(opened, qtbot, session.runner.cancel)


def test_the_model_of_a_stopped_training_can_be_saved_and_used(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    use_task("train", app_fakes.endless_train)
    with qtbot.waitSignal(opened.session.state.jobProgress, timeout=15_000):
        opened.session.jobs.train()
    assert finish(opened, qtbot, opened.action("actionStopKeep").trigger).status == "stopped"
    assert "model was saved" in toast_texts(opened)
    with qtbot.waitSignal(opened.session.messages.written, timeout=15_000) as written:
        opened.session.files.save_model(tmp_path / "kept.h5.zip")
    assert written.args == [True] and (tmp_path / "kept.h5.zip").is_file()
    assert finish(opened, qtbot, opened.session.jobs.reconstruct).status == "done"


def test_an_unresponsive_job_is_killed_and_the_window_continues(process_window: MainWindow, qtbot: QtBot) -> None:
    assert GRACE_SECONDS == 10 == process_window.session.runner.grace
    process_window.session.runner.grace = 0.3
    use_task("train", app_fakes.stopped_train)
    with qtbot.waitSignal(process_window.session.state.jobProgress, timeout=60_000):
        process_window.session.jobs.train()
    qtbot.wait(200)
    beats = Beats(lambda: process_window.session.runner.info)
    with qtbot.waitSignal(process_window.session.state.jobEnded, timeout=15_000) as ended:
        process_window.action("actionCancel").trigger()
        assert process_window.session.runner.info is not None, "the action itself does not wait"
    beats.stop()
    assert ended.args[0].status == "cancelled" and len(beats.seen) > 5
    qtbot.waitUntil(lambda: not ended.args[0].run_dir.exists(), timeout=15_000)
    assert process_window.session.state.model is None


def test_the_log_of_a_failed_job_is_opened_by_its_button(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_task("train", app_fakes.failing_train)
    assert finish(opened, qtbot, opened.session.jobs.train).status == "failed"
    dialog = opened.findChild(ErrorDialog)
    assert dialog is not None
    dialog.close()
    log = opened.session.app_settings.runs_folder() / "process.log"
    log.write_text("why")
    opened.errors.show("It failed.", "", log)
    dialog = next(each for each in opened.findChildren(ErrorDialog) if each.isVisible())
    urls: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", urls.append)
    button = next(each for each in dialog.findChildren(QAbstractButton) if each.text() == "Open log")
    assert button.isVisible()
    button.click()
    assert urls == [QUrl.fromLocalFile(str(log))]
    dialog.close()


@pytest.mark.parametrize(
    ("task", "signal", "words"),
    [("crashing_train", "SIGSEGV", "The end of its log"), ("killed_train", "SIGKILL", "memory")],
)
def test_the_window_outlives_a_job_that_dies_and_reports_the_cause(
    process_window: MainWindow, qtbot: QtBot, task: str, signal: str, words: str
) -> None:
    use_task("train", getattr(app_fakes, task))
    assert finish(process_window, qtbot, process_window.session.jobs.train).status == "failed"
    dialog = next(each for each in process_window.findChildren(QDialog) if each.isVisible())
    assert isinstance(dialog, ErrorDialog) and not dialog.isModal()
    assert signal in dialog.summary and words in dialog.summary
    details = next(pane for pane in dialog.findChildren(QPlainTextEdit) if pane.accessibleName() == "Traceback")
    assert "about to end" in details.toPlainText()
    dialog.close()
    kept = task == "crashing_train"
    assert ("partially trained model was saved" in toast_texts(process_window)) == kept
    runs = process_window.session.run_list
    qtbot.waitUntil(lambda: bool(runs.entries) and runs.entries[0].status == "failed", timeout=15_000)
    if kept:
        with qtbot.waitSignal(process_window.session.state.modelChanged, timeout=15_000):
            runs.open(runs.entries[0].path)
    use_task("train", app_fakes.train)
    trained(process_window, qtbot)


def test_an_exception_of_a_slot_or_a_thread_is_shown_in_a_dialog(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = ExceptionHook()
    hook.caught.connect(window.errors.show)
    monkeypatch.setattr("sys.excepthook", None)
    monkeypatch.setattr("threading.excepthook", None)
    hook.install()

    def fail() -> None:
        raise RuntimeError("slot failed")

    def shown() -> list[ErrorDialog]:
        return [each for each in window.findChildren(ErrorDialog) if each.isVisible()]

    hook._handle(RuntimeError, RuntimeError("slot failed"), None)
    hook._handle(RuntimeError, RuntimeError("slot failed"), None)
    assert [dialog.summary for dialog in shown()] == ["RuntimeError: slot failed"], "told once while it is open"
    shown()[0].close()
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(shown()), timeout=15_000)
    assert "slot failed" in shown()[0].summary
    shown()[0].close()
    assert window.isVisible()


def test_the_log_is_copied_and_saved(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.session.messages.log.feed("DEBUG small\nWARNING large")
    buttons = {each.toolTip(): each for each in window.central.log.findChildren(QAbstractButton)}
    buttons["Copy the visible lines"].click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None and clipboard.text().endswith("WARNING large") and "DEBUG" not in clipboard.text()
    target = tmp_path / "log.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(target), ""))
    with qtbot.waitSignal(window.session.messages.written, timeout=15_000):
        buttons["Save the log to a file"].click()
    assert target.read_text().endswith("DEBUG small\nWARNING large")
    (tmp_path / "file").touch()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(tmp_path / "file" / "log.txt"), ""))
    buttons["Save the log to a file"].click()
    qtbot.waitUntil(lambda: "Save log:" in toast_texts(window), timeout=15_000)


def test_models_are_opened_and_saved_by_dialogs_with_their_filter(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(opened, qtbot)
    filters: list[str] = []
    typed = str(tmp_path / "mine")

    def choose(_: object, __: str, ___: str, pattern: str, **____: object) -> tuple[str, str]:
        filters.append(pattern)
        return typed, pattern

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    with qtbot.waitSignal(opened.session.state.modelChanged, timeout=15_000):
        opened.action("actionSaveModel").trigger()
    typed = str(tmp_path / "mine.h5.zip")
    assert Path(typed).is_file()
    with qtbot.waitSignal(opened.session.state.modelChanged, timeout=15_000):
        opened.action("actionOpenModel").trigger()
    assert filters == [dialogs.MODEL_FILTER] * 2 and "wts.h5.zip" in dialogs.MODEL_FILTER
    assert opened.session.state.model is not None and opened.session.state.model.path == Path(typed)
