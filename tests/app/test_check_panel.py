"""Settings, data and each other are checked before a training; each finding that a setting can fix has a button."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from app_support import toast_texts
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn.data.finding import Finding
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.panels.check_panel import CheckPanel


def test_a_button_fixes_the_setting_and_the_fix_can_be_undone(opened: MainWindow, qtbot: QtBot) -> None:
    session = opened.session
    session.state.set_value("training", "neighbor_count", 10)
    qtbot.waitUntil(lambda: opened.findChild(QPushButton, "fix.training.neighbor_count") is not None)
    button = opened.findChild(QPushButton, "fix.training.neighbor_count")
    assert button is not None and button.text() == "Set neighbours to 24"
    assert not opened.action("actionTrain").isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.state.config.values("training")["neighbor_count"] == 24
    assert opened.action("actionTrain").isEnabled()
    qtbot.waitUntil(lambda: opened.checks.findings.rows == [])
    summary = opened.findChild(QToolButton, "checkSummary")
    assert summary is not None and summary.text().strip() == "Settings OK"
    opened.action("actionUndo").trigger()
    assert session.state.config.values("training")["neighbor_count"] == 10
    qtbot.waitUntil(lambda: len(opened.checks.findings.rows) == 1)
    assert summary.text().strip() == "1 error"


def test_a_scan_too_small_for_the_grid_size_opens_and_says_how_to_use_it(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        window.session.datasets.open(write_scan(tmp_path / "small.npz", count=11))
    assert "16" in window.session.queue.why_not("train") and "11" in window.session.queue.why_not("train")
    qtbot.waitUntil(lambda: bool(window.checks.findings.rows))
    window.session.check_list.apply_fix("model.gridsize")
    assert window.session.state.config.gridsize == 3
    assert window.session.queue.why_not("train") == ""


def test_a_test_scan_of_another_size_stops_training_until_it_is_closed(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(opened.session.state.testScanChanged, timeout=15_000):
        opened.session.datasets.open(write_scan(tmp_path / "other.npz", n=16), "test")
    assert "other.npz are 16 pixels wide" in opened.session.queue.why_not("train")
    opened.session.jobs.train()
    assert opened.session.runner.info is None and "16 pixels" in toast_texts(opened)
    qtbot.waitUntil(lambda: any(each.code == "test_size" for each in opened.session.check_list.checks))
    opened.session.check_list.apply_fix("test_size")
    assert opened.session.state.test_scan is None and opened.session.queue.why_not("train") == ""


@pytest.mark.parametrize("height", [720, 1000])
def test_the_list_leaves_room_for_the_forms(opened: MainWindow, qtbot: QtBot, height: int) -> None:
    opened.resize(1280, height)
    opened.session.state.set_value("training", "neighbor_count", 10)
    for field, value in (("batch_size", 6), ("max_minutes", 0.01), ("nphotons", 1.0)):
        opened.session.state.set_value("training", field, value)
    qtbot.waitUntil(lambda: len(opened.checks.findings.rows) >= 3)
    qtbot.wait(50)
    assert opened.height() == height and opened.minimumSizeHint().height() <= height
    assert opened.forms.height() >= 120
    head = opened.findChild(QToolButton, "checkSummary")
    assert head is not None
    before = opened.forms.height()
    head.click()
    qtbot.waitUntil(lambda: opened.forms.height() > before)


def test_one_finding_of_each_list_is_fully_visible_in_a_low_window(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    patterns = np.load(write_scan(tmp_path / "sound.npz"))["diff3d"].copy()
    patterns[3, 5, 7] = np.nan
    window.resize(1280, 720)
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        window.session.datasets.open(write_scan(tmp_path / "scan.npz", diff3d=patterns))
    window.session.state.set_value("model", "N", 128)
    window.session.state.set_value("model", "gridsize", 7)
    qtbot.waitUntil(lambda: len(window.checks.findings.rows) >= 2)
    qtbot.wait(50)
    assert window.height() == 720 and window.minimumSizeHint().height() <= 720
    assert window.card.height() >= window.card.heightForWidth(window.card.width()), "nothing in the card is squeezed"
    for row in (window.card.findings.rows[0], window.checks.findings.rows[0]):
        shown = row.visibleRegion().boundingRect()
        assert shown.height() == row.height()


def test_the_panel_is_hidden_without_findings(qtbot: QtBot) -> None:
    panel = CheckPanel()
    qtbot.addWidget(panel)
    assert panel.isHidden()
    panel.show_findings([Finding("info", "a", "A remark.")], "")
    assert not panel.isHidden() and panel.findChild(QPushButton) is None
    panel.show_findings([], "Needs about 1 GB")
    assert not panel.isHidden() and panel.findings.rows == []
