"""The window and its data: drops, the data card, findings, browsers."""

from __future__ import annotations

from pathlib import Path

import app_fakes
import numpy as np
import pytest
from app_support import send_drop, toast_texts
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QComboBox,
    QLabel,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn_app.binder.paths import PathEdit
from ptychopinn_app.main_window import MainWindow

# Data


def test_a_dropped_scan_is_opened_and_described(window: MainWindow, scan: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        assert send_drop(window, scan)
    headline = window.card.findChild(QLabel, "headline")
    assert headline is not None and headline.text() == "37 patterns · 32 × 32 px · float32"
    assert not window.central.shows_welcome()
    assert window.session.state.config.values("model")["N"] == 32
    assert window.action("actionTrain").isEnabled()


def test_a_scan_is_opened_wherever_in_the_window_it_is_dropped(
    opened: MainWindow, scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tabs = opened.central.upper_tabs
    for index in range(tabs.count()):
        tabs.setCurrentIndex(index)
    taken: list[list[Path]] = []
    monkeypatch.setattr(opened.session.files, "open_paths", taken.append)
    kinds = set()
    for widget in opened.findChildren(QWidget):
        # Two fields take a file of their own.
        if widget.window() is not opened or isinstance(widget, PathEdit) or isinstance(widget.parent(), PathEdit):
            continue
        taken.clear()
        kinds.add(type(widget).__name__)
        assert send_drop(widget, scan) and taken == [[scan]], f"{type(widget).__name__} {widget.objectName()}"
    assert {"GraphicsLayoutWidget", "PlotWidget", "QSpinBox", "NumberEdit", "QPlainTextEdit"} <= kinds


def test_the_log_pane_ignores_drops(window: MainWindow) -> None:
    view = window.findChild(QWidget, "logView")
    assert view is not None and not view.acceptDrops()
    assert not view.viewport().acceptDrops()  # type: ignore[attr-defined]


def test_a_scan_and_a_model_dropped_together_are_both_opened(
    window: MainWindow, scan: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    model = app_fakes.write_model(tmp_path / "wts.h5.zip")
    with qtbot.waitSignals([window.session.state.scanChanged, window.session.state.modelChanged], timeout=15_000):
        assert send_drop(window, scan, model)
    assert window.session.state.model is not None and window.session.state.model.gridsize == 1
    for part in ("wts.h5.zip", "PyTorch", "N 32", "grid size 1"):
        assert part in window.status.model.text(), part
    for part in (str(model), "Written by a test", "autoencoder, diffraction_to_obj"):
        assert part in window.status.model.toolTip(), part


def test_another_type_is_refused_with_its_name_and_the_reason(window: MainWindow, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.touch()
    assert not send_drop(window, other)
    assert "notes.txt" in toast_texts(window) and "NPZ" in toast_texts(window)


def test_a_folder_opens_training_and_test_data(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    write_scan(tmp_path / "train_data.npz")
    write_scan(tmp_path / "test_data.npz", count=21)
    with qtbot.waitSignals([window.session.state.scanChanged, window.session.state.testScanChanged], timeout=15_000):
        send_drop(window, tmp_path)
    assert window.session.state.test_scan is not None and window.session.state.test_scan.summary.n_patterns == 21
    window.session.datasets.close_test()
    assert window.session.state.test_scan is None


@pytest.mark.parametrize(
    ("broken", "words"),
    [({"diff3d": None}, "diff3d"), ({"diff3d": np.ones((37, 32, 30), "f4")}, "(37, 32, 30)"),
     ({"xcoords": np.arange(5.0)}, "xcoords")],
)  # fmt: skip
def test_a_bad_file_leaves_the_session_as_it_was_and_says_why(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot, broken: dict[str, object], words: str
) -> None:
    before = opened.session.state.scan
    bad = write_scan(tmp_path / "bad.npz", **broken)
    with qtbot.waitSignal(opened.session.messages.notified, timeout=15_000) as told:
        opened.session.datasets.open(bad)
    assert told.args[0] == "error" and words in told.args[1]
    assert opened.session.state.scan is before


def test_an_invalid_archive_is_refused_in_one_sentence(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    bad = tmp_path / "bad.npz"
    bad.write_bytes(b"not a zip")
    with qtbot.waitSignal(window.session.messages.notified, timeout=15_000) as told:
        window.session.datasets.open(bad)
    assert "bad.npz" in told.args[1] and "Traceback" not in told.args[1]
    assert window.session.state.scan is None


def test_a_finding_is_fixed_by_its_button(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    with np.load(write_scan(tmp_path / "good.npz")) as arrays:
        patterns = arrays["diff3d"].copy()
    patterns[4, 3, 2] = np.nan
    spoiled = write_scan(tmp_path / "spoiled.npz", diff3d=patterns)
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        window.session.datasets.open(spoiled)
    assert not window.action("actionTrain").isEnabled()
    button = window.findChild(QPushButton, "fix.non_finite")
    assert button is not None
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.session.state.scan is not None and window.session.state.scan.fixes == ("non_finite",)
    assert window.action("actionTrain").isEnabled()
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        window.session.datasets.undo_fixes()
    assert window.session.state.scan.fixes == ()


def test_units_can_be_set_by_hand(opened: MainWindow, qtbot: QtBot) -> None:
    box = opened.findChild(QComboBox, "unitsCombo")
    assert box is not None
    with qtbot.waitSignal(opened.session.state.scanChanged, timeout=15_000):
        box.setCurrentIndex(box.findData("intensity"))
        box.activated.emit(box.currentIndex())
    assert opened.session.state.scan is not None and opened.session.state.scan.summary.units == "intensity"


def test_the_diffraction_browser_shows_the_files_patterns(opened: MainWindow, scan: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.session.datasets.patternRead, timeout=15_000) as read:
        opened.central.diffraction.go_to(11)
    with np.load(scan) as arrays:
        assert read.args[0] == 11 and np.array_equal(read.args[1], arrays["diff3d"][11])
