"""The window: names, drops, data card, jobs with fake tasks, themes, settings, shortcuts, closing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import app_fakes
import numpy as np
import pytest
from app_support import send_drop, write_scan
from PyQt6.QtCore import QMimeData, QPoint, QSettings, Qt, QUrl
from PyQt6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent
from PyQt6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ptychopinn_app import application
from ptychopinn_app.jobs.spec import Outcome
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.panels.drop_overlay import DropOverlay
from ptychopinn_app.services import dialogs
from ptychopinn_app.services.error_dialog import ErrorDialog
from ptychopinn_app.theme import theme

ACTIONS = """
    actionOpenData actionOpenTestData actionOpenModel actionSaveModel actionExportProduct actionTrain
    actionReconstruct actionStopKeep actionCancel actionSettings actionAbout
"""
WIDGETS = """
    dataCard modelForm trainingForm inferenceForm executionForm backendCombo deviceCombo amplitudeView phaseView
    probeView diffractionView positionsView lossPlot logView runsView jobStrip jobProgress jobPhase statusCursor
    model.gridsize training.nepochs execution.learning_rate inference.n_groups
"""
LOADED_LATE = ("torch", "tensorflow", "lightning", "h5py", "scipy", "yaml", "PIL")


def finish(window: MainWindow, qtbot: QtBot, begin: Callable[[], None]) -> Outcome:
    """Begin a job and wait for its end."""
    with qtbot.waitSignal(window.session.jobEnded, timeout=60_000) as ended:
        begin()
    outcome = ended.args[0]
    assert isinstance(outcome, Outcome)
    return outcome


def trained(window: MainWindow, qtbot: QtBot) -> MainWindow:
    with qtbot.waitSignal(window.session.modelChanged, timeout=60_000):
        assert finish(window, qtbot, window.session.train).status == "done"
    return window


def toast_texts(window: MainWindow) -> str:
    return " ".join(window.toasts.texts())


# Names and start


def test_every_agreed_name_exists(window: MainWindow) -> None:
    assert [name for name in ACTIONS.split() if window.findChild(QAction, name) is None] == []
    assert [name for name in WIDGETS.split() if window.findChild(QWidget, name) is None] == []


def test_the_window_starts_without_frameworks(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom PyQt6.QtWidgets import QApplication\nfrom PyQt6.QtCore import QSettings\n"
        "import ptychopinn_app\napp = QApplication([])\n"
        f"store = QSettings({str(tmp_path / 's.ini')!r}, QSettings.Format.IniFormat)\n"
        "window = ptychopinn_app.create_window(settings=store)\nwindow.show()\n"
        f"print(sorted(set({LOADED_LATE!r}) & set(sys.modules)))\nwindow.close()\n"
    )
    environment = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ":".join(sys.path), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_importing_the_package_imports_no_qt() -> None:
    code = (
        "import sys, ptychopinn_app, ptychopinn_app.jobs.child, ptychopinn_app.__main__; print('PyQt6' in sys.modules)"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_shortcuts_are_unique(window: MainWindow) -> None:
    keys = [a.shortcut().toString() for a in window.findChildren(QAction) if not a.shortcut().isEmpty()]
    assert len(keys) == len(set(keys)) and len(keys) >= 12


def test_the_window_fits_a_small_screen(window: MainWindow) -> None:
    window.resize(1280, 720)
    assert window.size().width() == 1280 and window.size().height() == 720


# Data


def test_a_dropped_scan_is_opened_and_described(window: MainWindow, scan: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.session.datasetChanged, timeout=15_000):
        assert send_drop(window, scan)
    headline = window.card.findChild(QLabel, "headline")
    assert headline is not None and headline.text() == "37 patterns · 32 × 32 px · float32"
    assert not window.centre.shows_welcome()
    assert window.session.config.values("model")["N"] == 32
    assert window.action("actionTrain").isEnabled()


def test_the_log_pane_lets_a_drop_pass(window: MainWindow) -> None:
    view = window.findChild(QWidget, "logView")
    assert view is not None and not view.acceptDrops()
    assert not view.viewport().acceptDrops()  # type: ignore[attr-defined]


def test_a_scan_and_a_model_dropped_together_are_both_opened(
    window: MainWindow, scan: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    model = app_fakes.write_model(tmp_path / "wts.h5.zip")
    with qtbot.waitSignals([window.session.datasetChanged, window.session.modelChanged], timeout=15_000):
        assert send_drop(window, scan, model)
    assert window.session.model is not None and window.session.model.gridsize == 1
    assert "N 32" in window.model_label.text()


def test_another_type_is_refused_with_its_name_and_the_reason(window: MainWindow, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.touch()
    assert not send_drop(window, other)
    assert "notes.txt" in toast_texts(window) and "NPZ" in toast_texts(window)


def test_a_folder_fills_both_slots(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    write_scan(tmp_path / "train_data.npz")
    write_scan(tmp_path / "test_data.npz", count=21)
    with qtbot.waitSignals([window.session.datasetChanged, window.session.testDatasetChanged], timeout=15_000):
        send_drop(window, tmp_path)
    assert window.session.test_dataset is not None and window.session.test_dataset.summary.n_patterns == 21
    window.session.datasets.close_test()
    assert window.session.test_dataset is None


@pytest.mark.parametrize(
    ("broken", "words"),
    [({"diff3d": None}, "diff3d"), ({"diff3d": np.ones((37, 32, 30), "f4")}, "(37, 32, 30)"),
     ({"xcoords": np.arange(5.0)}, "xcoords")],
)  # fmt: skip
def test_a_bad_file_leaves_the_session_as_it_was_and_says_why(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot, broken: dict[str, object], words: str
) -> None:
    before = opened.session.dataset
    bad = write_scan(tmp_path / "bad.npz", **broken)
    with qtbot.waitSignal(opened.session.notified, timeout=15_000) as told:
        opened.session.open_data(bad)
    assert told.args[0] == "error" and words in told.args[1]
    assert opened.session.dataset is before


def test_a_file_that_is_no_archive_is_refused_in_one_sentence(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    bad = tmp_path / "bad.npz"
    bad.write_bytes(b"not a zip")
    with qtbot.waitSignal(window.session.notified, timeout=15_000) as told:
        window.session.open_data(bad)
    assert "bad.npz" in told.args[1] and "Traceback" not in told.args[1]
    assert window.session.dataset is None


def test_a_finding_is_fixed_by_its_button(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    with np.load(write_scan(tmp_path / "good.npz")) as arrays:
        patterns = arrays["diff3d"].copy()
    patterns[4, 3, 2] = np.nan
    spoiled = write_scan(tmp_path / "spoiled.npz", diff3d=patterns)
    with qtbot.waitSignal(window.session.datasetChanged, timeout=15_000):
        window.session.open_data(spoiled)
    assert not window.action("actionTrain").isEnabled()
    button = window.findChild(QPushButton, "fix.non_finite")
    assert button is not None
    with qtbot.waitSignal(window.session.datasetChanged, timeout=15_000):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.session.dataset is not None and window.session.dataset.fixes == ("non_finite",)
    assert window.action("actionTrain").isEnabled()
    with qtbot.waitSignal(window.session.datasetChanged, timeout=15_000):
        window.session.datasets.undo_fixes()
    assert window.session.dataset.fixes == ()


def test_units_can_be_overruled(opened: MainWindow, qtbot: QtBot) -> None:
    box = opened.findChild(QComboBox, "unitsCombo")
    assert box is not None
    with qtbot.waitSignal(opened.session.datasetChanged, timeout=15_000):
        box.setCurrentIndex(box.findData("intensity"))
        box.activated.emit(box.currentIndex())
    assert opened.session.dataset is not None and opened.session.dataset.summary.units == "intensity"


def test_the_diffraction_browser_shows_the_files_patterns(opened: MainWindow, scan: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.session.patternRead, timeout=15_000) as read:
        opened.centre.diffraction.go_to(11)
    with np.load(scan) as arrays:
        assert read.args[0] == 11 and np.array_equal(read.args[1], arrays["diff3d"][11])


# Settings


def test_an_edit_reaches_the_session_and_its_problem_comes_back(opened: MainWindow) -> None:
    editor = opened.findChild(QWidget, "training.batch_size")
    editor.setValue(3)  # type: ignore[union-attr]
    assert opened.session.config.values("training")["batch_size"] == 3
    assert "power of two" in opened.forms.forms["training"].rows["batch_size"].problem()
    assert not opened.action("actionTrain").isEnabled()
    assert "power of two" in opened.action("actionTrain").toolTip()
    editor.setValue(4)  # type: ignore[union-attr]
    assert opened.action("actionTrain").isEnabled()


def test_backend_values_come_from_the_contract_and_a_missing_one_is_said_in_the_dispatchers_words(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    combo = opened.findChild(QComboBox, "backendCombo")
    assert combo is not None
    assert {combo.itemData(row) for row in range(combo.count())} == {"pytorch", "tensorflow"}
    assert combo.currentData() == "pytorch"
    monkeypatch.setattr("ptychopinn_app.jobs.light_tasks.backend_problem", lambda emit, stop, backend: f"no {backend}")
    with qtbot.waitSignal(opened.session.backendChecked, timeout=15_000):
        combo.setCurrentIndex(combo.findData("tensorflow"))
        combo.activated.emit(combo.currentIndex())
    assert "no tensorflow" in toast_texts(opened)
    assert opened.session.why_not_train() == "no tensorflow"
    assert not opened.forms.isTabVisible(opened.forms.indexOf(opened.forms.forms["execution"]))


def test_the_device_menu_sets_the_accelerator(window: MainWindow) -> None:
    combo = window.findChild(QComboBox, "deviceCombo")
    assert combo is not None
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    assert window.session.config.values("execution")["accelerator"] == "cpu"


def test_settings_and_recent_files_survive_a_restart(
    make_window: Callable[[], MainWindow], scan: Path, qtbot: QtBot
) -> None:
    first = make_window()
    with qtbot.waitSignal(first.session.datasetChanged, timeout=15_000):
        first.session.open_data(scan)
    first.session.set_value("training", "nepochs", 77)
    first.close()
    second = make_window()
    assert second.session.config.values("training")["nepochs"] == 77
    assert second.recent_menu.actions()[0].text() == scan.name


def test_garbage_in_the_settings_does_no_harm(make_window: Callable[[], MainWindow], store: QSettings) -> None:
    for key in ("config", "recent/data", "window/geometry", "window/state", "window/split", "theme", "folder/last"):
        store.setValue(key, "[1, {garbage")
    store.setValue("jobs/prewarm", "maybe")
    store.setValue("jobs/mode", "thread")
    window = make_window()
    assert window.session.config.problems("model") == {}


# Jobs


def test_training_shows_losses_and_preview_and_ends_with_a_model(opened: MainWindow, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    assert len(opened.session.history.loss) == 3 and opened.centre.loss.best_epoch() == 3
    assert opened.centre.reconstruction.caption() == "Preview, epoch 3"
    assert opened.session.model is not None and not opened.session.model.saved
    assert opened.action("actionReconstruct").isEnabled() and opened.action("actionSaveModel").isEnabled()
    qtbot.waitUntil(lambda: opened.centre.runs.count() == 1, timeout=15_000)


def test_only_one_job_runs_and_the_buttons_say_so(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.launcher.targets["train"] = "app_fakes:endless_train"
    with qtbot.waitSignal(opened.session.jobProgress, timeout=15_000):
        opened.session.train()
    assert not opened.action("actionTrain").isEnabled() and "running" in opened.action("actionTrain").toolTip()
    assert opened.action("actionStopKeep").isEnabled()
    opened.session.train()
    assert "running" in toast_texts(opened)
    strip = opened.findChild(QWidget, "jobStrip")
    assert strip is not None and strip.isVisible()
    with qtbot.waitSignal(opened.session.modelChanged, timeout=15_000):
        outcome = finish(opened, qtbot, opened.session.stop_keep)
    assert outcome.status == "stopped" and (outcome.run_dir / "wts.h5.zip").is_file()
    assert not strip.isVisible()


def test_cancel_keeps_nothing(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.launcher.targets["train"] = "app_fakes:endless_train"
    with qtbot.waitSignal(opened.session.jobProgress, timeout=15_000):
        opened.session.train()
    outcome = finish(opened, qtbot, opened.session.cancel)
    assert outcome.status == "cancelled" and opened.session.model is None
    qtbot.waitUntil(lambda: not outcome.run_dir.exists(), timeout=15_000)


def test_a_failed_job_is_explained_in_a_dialog_that_does_not_block(opened: MainWindow, qtbot: QtBot) -> None:
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


def test_what_a_job_prints_is_in_the_log(make_window: Callable[[], MainWindow], store: QSettings, scan: Path,
                                         qtbot: QtBot) -> None:  # fmt: skip
    store.setValue("jobs/mode", "process")
    window = make_window()
    with qtbot.waitSignal(window.session.datasetChanged, timeout=60_000):
        window.session.open_data(scan)
    trained(window, qtbot)
    assert "fake training begins" in window.centre.log.text()


def test_reconstruct_shows_the_result_and_export_writes_it(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
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


def test_a_saved_model_opens_again(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    target = tmp_path / "mine.h5.zip"
    with qtbot.waitSignal(opened.session.modelChanged, timeout=15_000):
        opened.session.save_model(target)
    assert opened.session.model is not None and opened.session.model.saved and opened.session.model.path == target


def test_a_foreign_archive_is_refused_and_the_model_kept(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    bad = tmp_path / "wts.h5.zip"
    bad.write_bytes(b"PK nonsense")
    with qtbot.waitSignal(window.session.notified, timeout=15_000) as told:
        window.session.open_model(bad)
    assert told.args[0] == "error" and "wts.h5.zip" in told.args[1] and window.session.model is None


def test_a_run_of_the_list_opens_with_its_losses(opened: MainWindow, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    qtbot.waitUntil(lambda: len(opened.session.runs) == 1, timeout=15_000)
    with qtbot.waitSignals([opened.session.modelChanged, opened.session.historyChanged], timeout=15_000):
        opened.session.open_run(opened.session.runs[0].path)
    assert opened.session.history.loss == pytest.approx((1.0, 0.5, 1 / 3))


# Dialogs and closing


def test_open_data_asks_for_a_file_and_cancel_changes_nothing(
    window: MainWindow, scan: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    with qtbot.assertNotEmitted(window.session.reading, wait=50):
        window.action("actionOpenData").trigger()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(scan), ""))
    with qtbot.waitSignal(window.session.datasetChanged, timeout=15_000):
        window.action("actionOpenData").trigger()


@pytest.mark.parametrize(
    ("typed", "kind", "path"),
    [("/x/a", dialogs.PRODUCT_FILTERS[2], "/x/a.tiff"), ("/x/a", dialogs.PRODUCT_FILTERS[0], "/x/a.h5"),
     ("/x/a.npz", dialogs.PRODUCT_FILTERS[0], "/x/a.npz")],
)  # fmt: skip
def test_the_export_dialog_adds_the_missing_suffix(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, typed: str, kind: str, path: str
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (typed, kind))
    assert dialogs.save_product(window, "") == Path(path)


@pytest.mark.parametrize(("choice", "gone"), [("stay", False), ("stop", True), ("cancel", True)])
def test_closing_on_a_running_job_asks(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, choice: str, gone: bool
) -> None:
    monkeypatch.setattr(dialogs, "ask_close", lambda _: choice)
    opened.session.launcher.targets["train"] = "app_fakes:endless_train"
    with qtbot.waitSignal(opened.session.jobProgress, timeout=15_000):
        opened.session.train()
    opened.close()
    if gone:
        qtbot.waitUntil(lambda: not opened.isVisible(), timeout=15_000)
    else:
        assert opened.isVisible() and opened.session.runner.info is not None


def test_reset_puts_everything_back(opened: MainWindow, monkeypatch: pytest.MonkeyPatch, store: QSettings) -> None:
    opened.session.set_value("training", "nepochs", 5)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    opened.action("actionSettings").trigger()
    opened.requests.reset()
    assert opened.session.config.changed("training") == 0
    assert store.value("recent/data") is None


# Looks


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_a_theme_change_recolours_the_living_views(opened: MainWindow, qtbot: QtBot, mode: str) -> None:
    opened.requests.choose_theme("light" if mode == "dark" else "dark")
    opened.requests.choose_theme(mode)
    background = opened.centre.diffraction.panels[0]._canvas.backgroundBrush().color()
    assert background == theme().colour("canvas")
    assert QApplication.palette().window().color() == theme().colour("window")


def test_the_picture_of_the_window_is_not_blank(opened: MainWindow, qtbot: QtBot) -> None:
    qtbot.wait(100)
    image = opened.grab().toImage().scaled(320, 200)
    colours = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    assert len(colours) > 500


def test_while_files_are_dragged_the_window_says_what_a_drop_will_do(window: MainWindow, scan: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(scan))])
    enter = QDragEnterEvent(
        QPoint(300, 300), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, enter)
    overlay = window.findChild(DropOverlay)
    assert overlay is not None and overlay.isVisible()
    assert overlay.text == f"{scan.name} as training data"
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not overlay.isVisible()


def test_the_log_tab_counts_warnings_until_it_is_looked_at(window: MainWindow) -> None:
    tabs = window.centre.lower_tabs()
    window.session.log.feed("WARNING one\nERROR two\nINFO three")
    assert tabs.tabText(1) == "Log (2)"
    window.centre.select(window.centre.log)
    assert tabs.tabText(1) == "Log"


def test_the_error_dialog_unfolds_its_details(window: MainWindow) -> None:
    window.presenter.show_error("It failed.", "Traceback: here")
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    pane = next(pane for pane in dialog.findChildren(QPlainTextEdit) if pane.accessibleName() == "Traceback")
    assert not pane.isVisible()
    fold = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Show details")
    fold.click()
    assert pane.isVisible() and pane.toPlainText() == "Traceback: here"
    dialog.close()


def test_a_click_on_a_position_opens_its_pattern(opened: MainWindow, qtbot: QtBot) -> None:
    opened.centre.select(opened.centre.positions)
    with qtbot.waitSignal(opened.session.patternRead, timeout=15_000) as read:
        opened.centre.positions.indexRequested.emit(5)
    assert read.args[0] == 5
    assert opened.centre.upper_tabs().currentWidget() is opened.centre.diffraction


def test_export_and_save_say_what_is_missing(window: MainWindow, tmp_path: Path) -> None:
    window.session.export_product(tmp_path / "a.h5")
    window.session.save_model(tmp_path / "a.h5.zip")
    assert "Reconstruct one first" in toast_texts(window) and "no model" in toast_texts(window)


def test_arguments_name_files_reset_and_screenshot() -> None:
    options = application._parse(["a.npz", "wts.h5.zip", "--reset", "--screenshot", "x.png"])
    assert options.files == [Path("a.npz"), Path("wts.h5.zip")] and options.reset
    assert options.screenshot == Path("x.png")
