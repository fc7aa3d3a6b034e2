"""The window and its jobs, with fake tasks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import app_fakes
import pytest
from app_support import finish, trained, use_task
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import (
    QApplication,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services.error_dialog import ErrorDialog

# Jobs


def test_training_shows_losses_and_preview_and_ends_with_a_model(opened: MainWindow, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    assert len(opened.session.state.history.loss) == 3 and opened.central.loss.best_epoch() == 3
    assert opened.central.reconstruction.caption() == "Preview, epoch 3"
    assert opened.session.state.model is not None and not opened.session.state.model.saved
    assert opened.action("actionReconstruct").isEnabled() and opened.action("actionSaveModel").isEnabled()
    qtbot.waitUntil(lambda: opened.central.runs.count() == 1, timeout=15_000)


def test_stop_and_keep_leaves_a_model(opened: MainWindow, qtbot: QtBot) -> None:
    use_task("train", app_fakes.endless_train)
    with qtbot.waitSignal(opened.session.state.jobProgress, timeout=15_000):
        opened.session.jobs.train()
    assert opened.action("actionStopKeep").isEnabled()
    strip = opened.findChild(QWidget, "jobStrip")
    assert strip is not None and strip.isVisible()
    with qtbot.waitSignal(opened.session.state.modelChanged, timeout=15_000):
        outcome = finish(opened, qtbot, opened.session.runner.stop_keep)
    assert outcome.status == "stopped" and (outcome.run_dir / "wts.h5.zip").is_file()
    assert not strip.isVisible()


def test_cancel_keeps_nothing(opened: MainWindow, qtbot: QtBot) -> None:
    use_task("train", app_fakes.endless_train)
    with qtbot.waitSignal(opened.session.state.jobProgress, timeout=15_000):
        opened.session.jobs.train()
    outcome = finish(opened, qtbot, opened.session.runner.cancel)
    assert outcome.status == "cancelled" and opened.session.state.model is None
    qtbot.waitUntil(lambda: not outcome.run_dir.exists(), timeout=15_000)


def test_a_failed_job_is_explained_in_a_dialog_that_does_not_block(opened: MainWindow, qtbot: QtBot) -> None:
    use_task("train", app_fakes.missing)
    outcome = finish(opened, qtbot, opened.session.jobs.train)
    assert outcome.status == "failed"
    dialog = opened.findChild(ErrorDialog)
    assert dialog is not None and not dialog.isModal() and "no_such_module" in dialog.summary
    dialog.copy()
    clipboard = QApplication.clipboard()
    assert clipboard is not None and "Traceback" in clipboard.text() and "PyQt6" in clipboard.text()
    dialog.close()
    assert opened.action("actionTrain").isEnabled()


def test_what_a_job_prints_is_in_the_log(make_window: Callable[[], MainWindow], store: QSettings, scan: Path,
                                         qtbot: QtBot) -> None:  # fmt: skip
    store.setValue("jobs/mode", "process")
    window = make_window()
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=60_000):
        window.session.datasets.open(scan)
    trained(window, qtbot)
    assert "fake training begins" in window.central.log.text()


def test_reconstruct_shows_the_result_and_export_writes_it(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    with qtbot.waitSignal(opened.session.state.resultChanged, timeout=15_000):
        finish(opened, qtbot, opened.session.jobs.reconstruct)
    assert opened.central.reconstruction.caption().startswith("Result")
    assert opened.central.upper_tabs.isTabVisible(opened.central.upper_tabs.indexOf(opened.central.report))
    for name in ("p.h5", "p.npz"):
        with qtbot.waitSignal(opened.session.messages.written, timeout=15_000):
            opened.session.files.export(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 0
    with qtbot.waitSignal(opened.session.messages.notified, timeout=15_000) as told:
        opened.session.files.export(tmp_path / "p.docx")
    assert "p.docx" in told.args[1] and ".tiff" in told.args[1]


def test_a_saved_model_opens_again(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    target = tmp_path / "mine.h5.zip"
    with qtbot.waitSignal(opened.session.state.modelChanged, timeout=15_000):
        opened.session.files.save_model(target)
    assert (
        opened.session.state.model is not None
        and opened.session.state.model.saved
        and opened.session.state.model.path == target
    )


def test_a_foreign_archive_is_refused_and_the_model_kept(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    bad = tmp_path / "wts.h5.zip"
    bad.write_bytes(b"PK nonsense")
    with qtbot.waitSignal(window.session.messages.notified, timeout=15_000) as told:
        window.session.files.open_model(bad)
    assert told.args[0] == "error" and "wts.h5.zip" in told.args[1] and window.session.state.model is None


def test_a_run_of_the_list_opens_with_its_losses(opened: MainWindow, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    qtbot.waitUntil(lambda: len(opened.session.run_list.entries) == 1, timeout=15_000)
    with qtbot.waitSignals([opened.session.state.modelChanged, opened.session.state.historyChanged], timeout=15_000):
        opened.session.run_list.open(opened.session.run_list.entries[0].path)
    assert opened.session.state.history.loss == pytest.approx((1.0, 0.5, 1 / 3))
