"""The window and its jobs, with fake tasks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from app_support import finish, trained
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import (
    QApplication,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services.error_dialog import ErrorDialog

# Jobs


def test_row_15_training_shows_losses_and_preview_and_ends_with_a_model(opened: MainWindow, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    assert len(opened.session.history.loss) == 3 and opened.centre.loss.best_epoch() == 3
    assert opened.centre.reconstruction.caption() == "Preview, epoch 3"
    assert opened.session.model is not None and not opened.session.model.saved
    assert opened.action("actionReconstruct").isEnabled() and opened.action("actionSaveModel").isEnabled()
    qtbot.waitUntil(lambda: opened.centre.runs.count() == 1, timeout=15_000)


def test_row_17_stop_and_keep_leaves_a_model(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.launcher.targets["train"] = "app_fakes:endless_train"
    with qtbot.waitSignal(opened.session.jobProgress, timeout=15_000):
        opened.session.train()
    assert opened.action("actionStopKeep").isEnabled()
    strip = opened.findChild(QWidget, "jobStrip")
    assert strip is not None and strip.isVisible()
    with qtbot.waitSignal(opened.session.modelChanged, timeout=15_000):
        outcome = finish(opened, qtbot, opened.session.stop_keep)
    assert outcome.status == "stopped" and (outcome.run_dir / "wts.h5.zip").is_file()
    assert not strip.isVisible()


def test_row_18_cancel_keeps_nothing(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.launcher.targets["train"] = "app_fakes:endless_train"
    with qtbot.waitSignal(opened.session.jobProgress, timeout=15_000):
        opened.session.train()
    outcome = finish(opened, qtbot, opened.session.cancel)
    assert outcome.status == "cancelled" and opened.session.model is None
    qtbot.waitUntil(lambda: not outcome.run_dir.exists(), timeout=15_000)


def test_row_20_a_failed_job_is_explained_in_a_dialog_that_does_not_block(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.launcher.targets["train"] = "no_such_module:train"
    outcome = finish(opened, qtbot, opened.session.train)
    assert outcome.status == "failed"
    dialog = opened.findChild(ErrorDialog)
    assert dialog is not None and not dialog.isModal() and "no_such_module" in dialog.summary
    dialog.copy()
    clipboard = QApplication.clipboard()
    assert clipboard is not None and "Traceback" in clipboard.text() and "PyQt6" in clipboard.text()
    dialog.close()
    assert opened.action("actionTrain").isEnabled()


def test_row_23_what_a_job_prints_is_in_the_log(make_window: Callable[[], MainWindow], store: QSettings, scan: Path,
                                         qtbot: QtBot) -> None:  # fmt: skip
    store.setValue("jobs/mode", "process")
    window = make_window()
    with qtbot.waitSignal(window.session.datasetChanged, timeout=60_000):
        window.session.open_data(scan)
    trained(window, qtbot)
    assert "fake training begins" in window.centre.log.text()


def test_row_26_reconstruct_shows_the_result_and_export_writes_it(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    trained(opened, qtbot)
    with qtbot.waitSignal(opened.session.resultChanged, timeout=15_000):
        finish(opened, qtbot, opened.session.reconstruct)
    assert opened.centre.reconstruction.caption().startswith("Result")
    assert opened.centre.upper_tabs().isTabVisible(opened.centre.upper_tabs().indexOf(opened.centre.report))
    for name in ("p.h5", "p.npz"):
        with qtbot.waitSignal(opened.session.exported, timeout=15_000):
            opened.session.export_product(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 0
    with qtbot.waitSignal(opened.session.notified, timeout=15_000) as told:
        opened.session.export_product(tmp_path / "p.docx")
    assert "p.docx" in told.args[1] and ".tiff" in told.args[1]


def test_row_24_a_saved_model_opens_again(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    target = tmp_path / "mine.h5.zip"
    with qtbot.waitSignal(opened.session.modelChanged, timeout=15_000):
        opened.session.save_model(target)
    assert opened.session.model is not None and opened.session.model.saved and opened.session.model.path == target


def test_row_24_a_foreign_archive_is_refused_and_the_model_kept(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    bad = tmp_path / "wts.h5.zip"
    bad.write_bytes(b"PK nonsense")
    with qtbot.waitSignal(window.session.notified, timeout=15_000) as told:
        window.session.open_model(bad)
    assert told.args[0] == "error" and "wts.h5.zip" in told.args[1] and window.session.model is None


def test_a_run_of_the_list_opens_with_its_losses(opened: MainWindow, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    qtbot.waitUntil(lambda: len(opened.session.runs.entries) == 1, timeout=15_000)
    with qtbot.waitSignals([opened.session.modelChanged, opened.session.historyChanged], timeout=15_000):
        opened.session.runs.open(opened.session.runs.entries[0].path)
    assert opened.session.history.loss == pytest.approx((1.0, 0.5, 1 / 3))
