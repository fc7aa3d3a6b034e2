"""What the window offers: menus, panels, pictures and messages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import app_fakes
import numpy as np
import pytest
from app_support import finish, toast_texts, trained, use_task
from PIL import Image
from PyQt6.QtCore import QSettings, Qt, QTimer
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QProgressBar,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.events import Batch, Epoch, Phase
from ptychopinn.workflow.figure import bar_length
from ptychopinn_app.job_settings.sections import SECTIONS
from ptychopinn_app.jobs.export_tasks import export
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.panels.runs_panel import _facts
from ptychopinn_app.records import LossHistory
from ptychopinn_app.runs.folder import write_note


def text_of(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def test_the_data_card_says_what_is_in_the_file(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        window.session.datasets.open(write_scan(tmp_path / "scan.npz"))
    card = window.findChild(QWidget, "dataCard")
    assert card is not None
    words = text_of(card)
    for part in (
        "scan.npz",
        "37 patterns",
        "32 × 32 px",
        "float32",
        "amplitude",
        "Positions",
        "1 mode",
        "Object",
        "xcoords, ycoords, xcoords_start, ycoords_start, diff3d, probeGuess, objectGuess, scan_index",
    ):
        assert part in words, part


def test_missing_keys_and_a_real_probe_are_findings(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    probe = np.abs(np.load(write_scan(tmp_path / "whole.npz"))["probeGuess"]).astype(np.float32)
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        window.session.datasets.open(write_scan(tmp_path / "real.npz", probeGuess=probe))
    card = window.findChild(QWidget, "dataCard")
    assert card is not None and "is real; expected complex" in text_of(card)
    window.session.datasets.open(write_scan(tmp_path / "less.npz", ycoords=None))
    qtbot.waitUntil(lambda: "ycoords" in toast_texts(window), timeout=15_000)


def test_each_field_of_the_four_panels_is_editable_and_its_value_is_that_of_the_dataclass(
    opened: MainWindow, tmp_path: Path
) -> None:
    config = opened.session.state.config
    for section in SECTIONS:
        names = {info.name for info in section.fields()}
        assert names, section.name
        for name in names:
            editor = opened.findChild(QWidget, f"{section.name}.{name}")
            assert editor is not None, f"{section.name}.{name}"
    built = {
        "model": (config.training(tmp_path / "a.npz", None, tmp_path, "auto").model, ModelConfig),
        "training": (config.training(tmp_path / "a.npz", None, tmp_path, "auto"), TrainingConfig),
        "inference": (config.inference(tmp_path, tmp_path, tmp_path, "auto", "pytorch"), InferenceConfig),
        "execution": (config.execution("pytorch"), PyTorchExecutionConfig),
    }
    for section, (instance, cls) in built.items():
        assert isinstance(instance, cls)
        shown = config.values(section)
        for each in fields(cls):
            # Without a number of groups the job takes the whole scan.
            if each.name in shown and (each.name, shown[each.name]) != ("n_groups", None):
                assert getattr(instance, each.name) == shown[each.name], each.name


def test_an_edit_of_each_field_reaches_the_settings_of_the_job(opened: MainWindow, qtbot: QtBot) -> None:
    config = opened.session.state.config
    for section in SECTIONS:
        for name, row in opened.forms.forms[section.name].rows.items():
            editor, before = row.editor, config.values(section.name)[name]
            if isinstance(editor, QComboBox):
                editor.setCurrentIndex((editor.currentIndex() + 1) % editor.count())
            elif isinstance(editor, QCheckBox):
                editor.toggle()
            elif isinstance(editor, QSpinBox):
                editor.setValue(editor.value() + (1 if editor.value() < editor.maximum() else -1))
            else:
                assert isinstance(editor, QLineEdit)
                editor.selectAll()
                qtbot.keyClicks(editor, "7")
            after = config.values(section.name)[name]
            assert after != before, f"{section.name}.{name}"
            opened.session.state.set_value(section.name, name, before)
            assert config.values(section.name)[name] == before


def test_a_training_runs_in_another_process_and_the_window_stays_responsive(
    make_window: Callable[[], MainWindow], store: QSettings, scan: Path, qtbot: QtBot
) -> None:
    store.setValue("jobs/mode", "process")
    window = make_window()
    use_task("train", app_fakes.endless_train)
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=30_000):
        window.session.datasets.open(scan)
    beats: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(1))
    with qtbot.waitSignal(window.session.state.jobProgress, timeout=60_000):
        window.session.jobs.train()
        timer.start(5)
    assert window.session.runner.pid not in (None, os.getpid())
    count = len(beats)
    window.session.state.set_value("training", "nepochs", 33)
    qtbot.waitUntil(lambda: len(beats) > count + 10, timeout=15_000)
    timer.stop()
    assert finish(window, qtbot, window.session.runner.cancel).status == "cancelled"


def test_the_loss_axis_is_logarithmic_or_linear(opened: MainWindow, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    plot = opened.central.loss
    assert plot.is_log()
    switch = next(box for box in plot.findChildren(QAbstractButton) if box.text() == "Log scale")
    switch.click()
    assert not plot.is_log()


def test_progress_shows_phase_epoch_batch_pace_and_time_left(window: MainWindow) -> None:
    strip = window.central.strip
    bar = window.findChild(QProgressBar, "jobProgress")
    phase = window.findChild(QLabel, "jobPhase")
    assert bar is not None and phase is not None
    strip.begin("Training on scan.npz", "train")
    for words in ("importing TensorFlow", "grouping scan positions", "building the network"):
        strip.show_event(Phase(words))
        assert bar.maximum() == 0, "before the first epoch nobody knows how far it is"
        assert phase.text().lower() == words.lower()
    strip.show_event(Batch(1, 10, 3, 6, 0.5))
    assert "epoch 1 of 10, batch 3 of 6" in phase.text() and strip.percent() == 5
    strip.show_event(Epoch(2, 10, 0.4, None, 1.25, 80.0, 1e-3, True))
    assert "1.2 s per epoch" in phase.text() and "1:20 min left" in phase.text() and strip.percent() == 20
    strip.end()


def test_the_dialog_of_a_failed_job_copies_and_opens_its_log(opened: MainWindow, qtbot: QtBot) -> None:
    use_task("train", app_fakes.failing_train)
    assert finish(opened, qtbot, opened.session.jobs.train).status == "failed"
    dialog = next(each for each in opened.findChildren(QDialog) if each.isVisible())
    assert "The scan has 3 patterns" in text_of(dialog) and "Measure longer" in text_of(dialog)
    buttons = {each.text().replace("&", ""): each for each in dialog.findChildren(QAbstractButton)}
    assert {"Copy report", "Open log"} <= set(buttons)
    buttons["Copy report"].click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None and "Traceback" in clipboard.text()
    dialog.close()


def test_every_format_is_exported(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    trained(opened, qtbot)
    finish(opened, qtbot, opened.session.jobs.reconstruct)
    result = opened.session.state.result
    assert result is not None
    for name in ("amplitude", "phase"):
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(result.run_dir / f"{name}.png")
        Image.fromarray(np.zeros((4, 4), np.float32)).save(result.run_dir / f"{name}.tiff")
    for suffix in ("h5", "npz", "tiff", "png", "pdf", "csv"):
        with qtbot.waitSignal(opened.session.messages.written, timeout=30_000):
            opened.session.files.export(tmp_path / f"out.{suffix}")
    exported = list(tmp_path.glob("out*"))
    assert all(path.stat().st_size > 0 for path in exported)
    assert {path.name for path in exported} == {
        "out.h5", "out.npz", "out_amplitude.tiff", "out_phase.tiff", "out_amplitude.png", "out_phase.png",
        "out_figure.png", "out.pdf", "out.csv",
    }  # fmt: skip
    assert (tmp_path / "out.csv").read_text().splitlines()[0] == "epoch,loss,val_loss"
    figure = np.asarray(Image.open(tmp_path / "out_figure.png").convert("RGB"))
    assert figure.shape[1] > 1.5 * figure.shape[0], "amplitude and phase stand side by side"
    assert figure.std() > 10


@pytest.mark.parametrize(
    ("width", "pixel", "words"),
    [(300, 1e-8, "500 nm"), (900, 1e-8, "2 µm"), (300, None, "50 px"), (40, 2e-12, "20 pm")],
)
def test_the_scale_bar_of_a_figure_is_round(width: int, pixel: float | None, words: str) -> None:
    length, told = bar_length(width, pixel)
    assert told == words
    assert 0.1 * width < length <= 0.3 * width
    number, unit = told.split()
    metres = {"nm": 1e-9, "µm": 1e-6, "pm": 1e-12, "px": 1.0}[unit]
    assert length * (pixel or 1) == pytest.approx(float(number) * metres)


def test_exporting_losses_without_losses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No losses to export"):
        export(tmp_path, tmp_path / "a.csv")


def test_missing_recent_files_are_disabled_and_the_list_can_be_cleared(window: MainWindow, tmp_path: Path) -> None:
    there = write_scan(tmp_path / "there.npz")
    for path in (there, tmp_path / "gone.npz"):
        window.settings.add_recent("data", path)
    window.recent_files.show()
    entries = {action.text(): action.isEnabled() for action in window.recent_menu.actions() if action.text()}
    assert entries["there.npz"] and not entries["gone.npz"]
    window.action("actionClearRecent").trigger()
    assert window.settings.recent("data") == []


def test_every_shortcut_is_listed_in_the_help(window: MainWindow) -> None:
    window.action("actionShortcuts").trigger()
    dialog = next(each for each in window.findChildren(QDialog) if each.isVisible())
    words = " ".join(
        [text_of(dialog), *(pane.toPlainText() for pane in dialog.findChildren(QPlainTextEdit))]
        + [view.item(row).text() for view in dialog.findChildren(QListWidget) for row in range(view.count())]  # type: ignore[union-attr]
    )
    with_keys = [each for each in window.findChildren(QAction) if not each.shortcut().isEmpty() and each.objectName()]
    assert len(with_keys) >= 20
    for action in with_keys:
        assert action.shortcut().toString() in words, action.objectName()
    dialog.close()


def test_every_focusable_widget_has_an_accessible_name(opened: MainWindow) -> None:
    kinds = (QAbstractButton, QComboBox, QLineEdit, QAbstractSlider, QPlainTextEdit, QListWidget)
    nameless = [
        f"{type(each).__name__} {each.objectName() or each.parent()}"
        for kind in kinds
        for each in opened.findChildren(kind)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not each.objectName().startswith("qt_")
        and not (each.accessibleName() or (isinstance(each, QAbstractButton) and each.text()))
        and not isinstance(each.parent(), QComboBox)
        and type(each).__module__.startswith("ptychopinn_app")
    ]
    assert nameless == []


def test_tab_visits_the_fields_of_a_form_in_order(opened: MainWindow, qtbot: QtBot) -> None:
    first = opened.findChild(QWidget, "model.N")
    assert first is not None
    opened.activateWindow()
    first.setFocus()
    seen: list[str] = []
    for _ in range(12):
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(focused.objectName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert seen.index("model.N") < seen.index("model.gridsize") < seen.index("model.architecture")


def test_about_shows_and_copies_versions_and_device(window: MainWindow) -> None:
    window.action("actionAbout").trigger()
    dialog = next(each for each in window.findChildren(QDialog) if each.isVisible())
    words = text_of(dialog) + " ".join(pane.toPlainText() for pane in dialog.findChildren(QPlainTextEdit))
    for part in ("PyQt6", "torch", "tensorflow", "Device"):
        assert part in words, part
    button = next(each for each in dialog.findChildren(QAbstractButton) if "Copy" in each.text())
    button.click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None and "torch" in clipboard.text()
    dialog.close()


def test_the_tab_says_how_many_settings_differ_from_their_defaults(window: MainWindow) -> None:
    forms = window.forms
    index = forms.indexOf(forms.forms["training"])
    assert "All settings at their defaults" in forms.tabToolTip(index)
    window.session.state.set_value("training", "nepochs", 17)
    window.session.state.set_value("training", "seed", 3)
    assert "2 changed from the default" in forms.tabToolTip(index)
    assert forms.tabText(index) == "Training²"
    label = next(
        each for each in forms.findChildren(QLabel) if each.buddy() is window.findChild(QWidget, "training.seed")
    )
    assert label.font().bold()
    window.session.state.set_value("training", "seed", window.session.state.config.defaults["training"]["seed"])
    assert forms.tabText(index) == "Training¹" and not label.font().bold()


def test_all_settings_tabs_fit_a_small_window(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1280, 720)
    for section in SECTIONS:
        window.forms.show_section(section.name, window.session.state.config.values(section.name), {}, 9)
    qtbot.wait(20)
    tabs = window.forms.tabBar()
    assert tabs is not None and tabs.count() == len(SECTIONS)
    assert tabs.tabRect(tabs.count() - 1).right() <= window.forms.width()
    assert not [each for each in tabs.findChildren(QToolButton) if each.isVisible()], "no arrows to scroll the tabs"


def test_a_double_click_restores_the_settings_of_a_run_and_opens_it(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.state.set_value("training", "nepochs", 7)
    run = finish(opened, qtbot, opened.session.jobs.train).run_dir
    runs = opened.findChild(QListWidget, "runsView")
    assert runs is not None
    qtbot.waitUntil(lambda: runs.count() == 1 and opened.session.run_list.entries[0].status == "done", timeout=15_000)
    opened.session.state.set_all({})
    opened.session.state.set_history(LossHistory())
    opened.central.select(opened.central.runs)
    place = runs.visualItemRect(runs.item(0)).center()
    qtbot.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(opened.session.state.modelChanged, timeout=15_000):
        qtbot.mouseDClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.session.state.config.values("training")["nepochs"] == 7
    qtbot.waitUntil(lambda: len(opened.session.state.history.loss) == 3, timeout=15_000)
    assert opened.session.state.model is not None and opened.session.state.model.path.parent == run
    assert (run / "metrics.csv").is_file() and (run / "run.json").is_file()


def test_the_list_shows_how_long_a_run_took(opened: MainWindow, qtbot: QtBot) -> None:
    run = finish(opened, qtbot, opened.session.jobs.train).run_dir
    write_note(run, seconds=112.0)
    with qtbot.waitSignal(opened.session.run_list.changed, timeout=15_000):
        opened.session.run_list.refresh()
    assert "1:52 min" in _facts(opened.session.run_list.entries[0])


def test_opening_a_deleted_run_is_explained(opened: MainWindow, qtbot: QtBot) -> None:
    run = finish(opened, qtbot, opened.session.jobs.train).run_dir
    qtbot.waitUntil(lambda: bool(opened.session.run_list.entries), timeout=15_000)
    shutil.rmtree(run)
    opened.session.run_list.open(run)
    assert "no longer exists" in toast_texts(opened)
    qtbot.waitUntil(lambda: not opened.session.run_list.entries, timeout=15_000)
