"""The window: names, start, settings, dialogs, closing, looks."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import app_fakes
import pytest
from app_support import toast_texts, use_task
from PyQt6.QtCore import QMimeData, QPoint, QSettings, Qt, QUrl
from PyQt6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent
from PyQt6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ptychopinn_app import application
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


# Names and start


def test_every_agreed_name_exists(window: MainWindow) -> None:
    assert [name for name in ACTIONS.split() if window.findChild(QAction, name) is None] == []
    assert [name for name in WIDGETS.split() if window.findChild(QWidget, name) is None] == []


def test_the_window_starts_without_frameworks(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom PyQt6.QtWidgets import QApplication\nfrom PyQt6.QtCore import QSettings, QThread\n"
        "import ptychopinn_app\napp = QApplication([])\n"
        f"store = QSettings({str(tmp_path / 's.ini')!r}, QSettings.Format.IniFormat)\n"
        "store.setValue('jobs/prewarm', False)\n"
        "window = ptychopinn_app.create_window(settings=store)\nwindow.show()\n"
        "for _ in range(40):\n    app.processEvents()\n    QThread.msleep(10)\n"
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


def test_mnemonics_are_unique_in_each_menu(window: MainWindow) -> None:
    bar = window.menuBar()
    assert bar is not None
    menus = [action.menu() for action in bar.actions()]
    for menu in menus:
        assert menu is not None
        keys = re.findall(r"&(\w)", " ".join(action.text() for action in menu.actions()).lower())
        assert len(keys) == len(set(keys)), f"{menu.title()}: {sorted(keys)}"


def test_the_window_fits_a_small_screen(window: MainWindow) -> None:
    window.resize(1280, 720)
    assert window.size().width() == 1280 and window.size().height() == 720
    for name in ("quickLookButton", "reconstructButton", "trainButton"):
        button = window.findChild(QToolButton, name)
        assert button is not None and button.isVisible(), name
        assert button.mapTo(window, button.rect().topRight()).x() < 1280, name


# Settings


def test_an_edit_reaches_the_session_and_its_problem_comes_back(opened: MainWindow) -> None:
    editor = opened.findChild(QWidget, "training.batch_size")
    editor.setValue(3)  # type: ignore[union-attr]
    assert opened.session.state.config.values("training")["batch_size"] == 3
    assert "power of two" in opened.forms.forms["training"].rows["batch_size"].problem()
    assert not opened.action("actionTrain").isEnabled()
    assert "power of two" in opened.action("actionTrain").toolTip()
    editor.setValue(4)  # type: ignore[union-attr]
    assert opened.action("actionTrain").isEnabled()


def test_backend_values_are_those_of_the_dispatcher_and_a_missing_backend_is_explained_in_its_words(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    combo = opened.findChild(QComboBox, "backendCombo")
    assert combo is not None
    assert {combo.itemData(row) for row in range(combo.count())} == {"pytorch", "tensorflow"}
    assert combo.currentData() == "pytorch"
    monkeypatch.setattr("ptychopinn_app.jobs.run_tasks.backend_problem", lambda backend: f"no {backend}")
    with qtbot.waitSignal(opened.session.state.backendChecked, timeout=15_000):
        combo.setCurrentIndex(combo.findData("tensorflow"))
        combo.activated.emit(combo.currentIndex())
    assert "no tensorflow" in toast_texts(opened)
    assert opened.session.queue.why_not("train") == "no tensorflow"
    assert not opened.forms.isTabVisible(opened.forms.indexOf(opened.forms.forms["execution"]))


def test_the_device_menu_sets_the_accelerator(window: MainWindow) -> None:
    combo = window.findChild(QComboBox, "deviceCombo")
    assert combo is not None
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    assert window.session.state.config.values("execution")["accelerator"] == "cpu"


def test_settings_and_recent_files_survive_a_restart(
    make_window: Callable[[], MainWindow], scan: Path, qtbot: QtBot
) -> None:
    first = make_window()
    with qtbot.waitSignal(first.session.state.scanChanged, timeout=15_000):
        first.session.datasets.open(scan)
    first.session.state.set_value("training", "nepochs", 77)
    first.close()
    second = make_window()
    assert second.session.state.config.values("training")["nepochs"] == 77
    assert second.recent_menu.actions()[0].text() == scan.name


def test_damaged_settings_do_no_harm(make_window: Callable[[], MainWindow], store: QSettings) -> None:
    for key in ("config", "recent/data", "window/geometry", "window/state", "window/split", "theme", "folder/last"):
        store.setValue(key, "[1, {garbage")
    store.setValue("jobs/prewarm", "maybe")
    store.setValue("jobs/mode", "thread")
    window = make_window()
    assert window.session.state.config.problems("model") == {}


# Dialogs and closing


def test_open_data_asks_for_a_file_and_cancel_changes_nothing(
    window: MainWindow, scan: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    with qtbot.assertNotEmitted(window.session.messages.reading, wait=50):
        window.action("actionOpenData").trigger()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(scan), ""))
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
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
def test_closing_during_a_job_asks_first(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, choice: str, gone: bool
) -> None:
    monkeypatch.setattr(dialogs, "ask_close", lambda *_: choice)
    use_task("train", app_fakes.endless_train)
    with qtbot.waitSignal(opened.session.state.jobProgress, timeout=15_000):
        opened.session.jobs.train()
    opened.close()
    if gone:
        qtbot.waitUntil(lambda: not opened.isVisible(), timeout=15_000)
    else:
        assert opened.isVisible() and opened.session.runner.info is not None


def test_reset_restores_all_defaults(opened: MainWindow, monkeypatch: pytest.MonkeyPatch, store: QSettings) -> None:
    opened.session.state.set_value("training", "nepochs", 5)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    opened.action("actionSettings").trigger()
    opened.preferences.reset()
    assert opened.session.state.config.changed("training") == 0
    assert store.value("recent/data") is None


# Looks


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_a_theme_change_recolours_the_open_views(opened: MainWindow, qtbot: QtBot, mode: str) -> None:
    opened.preferences.choose_theme("light" if mode == "dark" else "dark")
    opened.preferences.choose_theme(mode)
    background = opened.central.diffraction.panels[0]._canvas.backgroundBrush().color()
    assert background == theme().colour("canvas")
    assert QApplication.palette().window().color() == theme().colour("window")


def test_the_picture_of_the_window_is_not_blank(opened: MainWindow, qtbot: QtBot) -> None:
    qtbot.wait(100)
    image = opened.grab().toImage().scaled(320, 200)
    colours = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    assert len(colours) > 500


def test_dragging_files_shows_what_a_drop_will_do(window: MainWindow, scan: Path) -> None:
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


def test_the_log_tab_counts_warnings_until_it_is_opened(window: MainWindow) -> None:
    tabs = window.central.lower_tabs
    window.session.messages.log.feed("WARNING one\nERROR two\nINFO three")
    assert tabs.tabText(1) == "Log (2)"
    window.central.select(window.central.log)
    assert tabs.tabText(1) == "Log"


def test_the_error_dialog_unfolds_its_details(window: MainWindow) -> None:
    window.errors.show("It failed.", "Traceback: here")
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    pane = next(pane for pane in dialog.findChildren(QPlainTextEdit) if pane.accessibleName() == "Traceback")
    assert not pane.isVisible()
    fold = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Show details")
    fold.click()
    assert pane.isVisible() and pane.toPlainText() == "Traceback: here"
    dialog.close()


def test_a_click_on_a_position_opens_its_pattern(opened: MainWindow, qtbot: QtBot) -> None:
    opened.central.select(opened.central.positions)
    with qtbot.waitSignal(opened.session.datasets.patternRead, timeout=15_000) as read:
        opened.central.positions.indexRequested.emit(5)
    assert read.args[0] == 5
    assert opened.central.upper_tabs.currentWidget() is opened.central.diffraction


def test_export_and_save_say_what_is_missing(window: MainWindow, tmp_path: Path) -> None:
    window.session.files.export(tmp_path / "a.h5")
    window.session.files.save_model(tmp_path / "a.h5.zip")
    assert "Reconstruct a scan first" in toast_texts(window) and "No model" in toast_texts(window)


def test_arguments_name_files_and_reset() -> None:
    options = application._parse(["a.npz", "wts.h5.zip", "--reset"])
    assert options.files == [Path("a.npz"), Path("wts.h5.zip")] and options.reset
