"""Settings, data and each other are checked before a training; each finding that a setting can mend has a button."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_support import toast_texts, write_scan
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from ptychopinn.data.finding import Finding
from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn_app.checks.compatibility import fit_problems
from ptychopinn_app.checks.finding import Check
from ptychopinn_app.checks.settings_check import CHECKED, physics_checks
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.panels.check_panel import CheckPanel
from ptychopinn_app.records import Scan, ScanPreview

NOTHING = np.zeros((64, 64), np.float32)
PREVIEW = ScanPreview(np.zeros((100, 2)), None, NOTHING, NOTHING)
FACTS = ScanSummary(
    n_patterns=100,
    pattern_shape=(64, 64),
    dtype="float32",
    mean_counts=1e6,
    probe_modes=1,
    probe_diameter_px=24.0,
    object_shape=(200, 200),
    y_range_px=(30.0, 90.0),
    x_range_px=(30.0, 90.0),
    median_step_px=6.0,
    overlap=0.75,
)


def scan_of(name: str = "a.npz", **facts: Any) -> Scan:
    return Scan(Path(name), replace(FACTS, **facts), preview=PREVIEW)


def settings(**changes: Any) -> JobSettings:
    """Defaults with changes like ``training_batch_size=4``."""
    config = JobSettings()
    for place, value in changes.items():
        section, _, field = place.partition("_")
        config.set(section, field, value)
    return config


def found(config: JobSettings, scan: Scan | None, **more: Any) -> dict[str, Check]:
    checks = physics_checks(config, scan, **more)
    assert len({each.code for each in checks}) == len(checks)
    return {each.code: each for each in checks}


def mended(config: JobSettings, check: Check) -> JobSettings:
    assert check.mend is not None and check.finding.fix == check.mend.words
    for edit in check.mend.edits:
        config.set(edit.section, edit.field, edit.value)
    return config


def test_row_56_the_defaults_fit_an_ordinary_scan() -> None:
    assert found(settings(), scan_of()) == {}
    assert found(settings(), None) == {}


CASES: tuple[tuple[dict[str, Any], dict[str, Any], str, str, str], ...] = (
    ({"model_N": 32}, {}, "model.N", "error", "Set N to 64"),
    ({"model_gridsize": 5, "training_neighbor_count": 24}, {}, "training.neighbor_count", "error",
     "Set neighbours to 37"),
    ({}, {"n_patterns": 10}, "model.gridsize", "error", "Set grid size to 3"),
    ({"training_n_subsample": 12}, {}, "model.gridsize", "error", "Set grid size to 3"),
    ({"training_n_groups": 101}, {}, "training.n_groups", "error", "Set groups per epoch to 100"),
    ({"training_n_groups": 101, "training_enable_oversampling": True, "training_neighbor_pool_size": 9}, {},
     "training.neighbor_pool_size", "error", "Take the neighbours as pool"),
    ({"training_batch_size": 12}, {}, "training.batch_size", "error", "Set batch size to 8"),
    ({"training_nepochs": 0}, {}, "training.nepochs", "error", "Set epochs to 60"),
    ({"model_architecture": "cnn", "model_N": 37}, {"pattern_shape": (37, 37)}, "model.N", "error",
     "Set architecture to unrolled"),
    ({"model_model_type": "supervised"}, {"object_shape": None}, "model.model_type", "error", "Set learning to pinn"),
    ({"training_neighbor_count": 80}, {"y_range_px": (0.0, 110.0), "x_range_px": (0.0, 110.0)}, "group_spread",
     "warning", "Set neighbours to 36"),
    ({}, {"y_range_px": (0.0, 400.0), "x_range_px": (0.0, 400.0)}, "group_overlap", "warning", "Set grid size to 1"),
    ({"model_object_big": False}, {}, "not_shared", "warning", "Share object in group"),
    ({"model_gridsize": 1, "training_n_groups": 200}, {}, "groups_single", "info", "Set groups per epoch to 100"),
    ({"training_n_groups": 5}, {}, "groups_few", "info", "Use the whole scan"),
    ({"inference_n_groups": 3}, {}, "partial_result", "warning", "Reconstruct the whole scan"),
    ({"training_batch_size": 16}, {}, "batch_large", "warning", "Set batch size to 2"),
    ({"training_nepochs": 3}, {}, "steps_few", "info", "Set epochs to 10"),
    ({"training_max_minutes": 0.05}, {}, "time_short", "warning", "Set epochs to 3"),
    ({"training_nphotons": 1e4}, {}, "photons", "warning", "Set photons to 1e+06"),
    ({"training_torch_loss_mode": "mae"}, {"mean_counts": 400.0}, "few_counts", "warning",
     "Set PyTorch loss to poisson"),
    ({"iterations_modes": 1}, {"probe_modes": 3}, "modes", "warning", "Take the modes as given"),
    ({"model_probe_mask": True}, {"probe_diameter_px": 40.0}, "probe_cut", "warning", "Do not mask the probe"),
    ({"model_architecture": "cnn", "model_probe_big": False}, {"probe_diameter_px": 40.0}, "probe_outside", "warning",
     "Reconstruct outer region"),
    ({"training_realspace_mae_weight": 1.0, "training_realspace_weight": 0.1}, {"object_shape": None}, "no_truth",
     "warning", "Set truth loss weight to 0"),
)  # fmt: skip


@pytest.mark.parametrize(("changes", "facts", "code", "severity", "words"), CASES, ids=[case[2] for case in CASES])
def test_row_56_each_finding_is_made_once_and_its_button_takes_it_away(
    changes: dict[str, Any], facts: dict[str, Any], code: str, severity: str, words: str
) -> None:
    config, scan = settings(**changes), scan_of(**facts)
    check = found(config, scan)[code]
    assert (check.severity, check.finding.fix) == (severity, words)
    assert check.finding.sentence.endswith(".") and "\n" not in check.finding.sentence
    assert code not in found(mended(config, check), scan)


@pytest.mark.parametrize("changes", [case[0] for case in CASES], ids=[case[2] for case in CASES])
def test_row_56_an_error_is_found_exactly_where_the_forms_show_one(changes: dict[str, Any]) -> None:
    config, scan = settings(**changes), scan_of()
    shown = {
        f"{section}.{field}"
        for section in CHECKED
        for field in fit_problems(section, config, scan) | config.problems(section)
    }
    assert {code for code, check in found(config, scan).items() if check.severity == "error"} == shown


def test_row_56_a_time_limit_is_held_against_the_epochs_as_they_were_measured() -> None:
    config = settings(training_max_minutes=1.0, training_nepochs=60)
    assert "time_short" not in found(config, scan_of(), seconds_per_epoch=1.1)
    check = found(config, scan_of(), seconds_per_epoch=4.0)["time_short"]
    assert "15 of 60" in check.finding.sentence and check.finding.fix == "Set time limit to 4 min"
    assert "time_short" not in found(mended(config, check), scan_of(), seconds_per_epoch=4.0)


def test_row_56_a_test_scan_of_another_size_is_an_error_and_can_be_closed() -> None:
    check = found(settings(), scan_of(), test=scan_of("b.npz", pattern_shape=(128, 128)))["test_size"]
    assert check.severity == "error" and "128" in check.finding.sentence and "64" in check.finding.sentence
    assert check.mend is not None and check.mend.closes_test


def test_row_56_a_test_scan_that_is_the_training_scan_or_of_other_brightness_is_told() -> None:
    assert set(found(settings(), scan_of(), test=scan_of())) == {"test_same"}
    assert set(found(settings(), scan_of(), test=scan_of("b.npz", mean_counts=1e3))) == {"test_counts"}
    assert found(settings(), scan_of(), test=scan_of("b.npz")) == {}


def test_row_56_a_probe_from_another_file_is_not_judged_by_the_one_of_the_scan(tmp_path: Path) -> None:
    scan = scan_of(probe_diameter_px=40.0)
    config = settings(model_probe_mask=True)
    assert "probe_cut" in found(config, scan)
    config.set("training", "probe_file", tmp_path / "probe.npz")
    assert "probe_cut" not in found(config, scan)


def test_row_56_a_button_in_the_window_mends_the_setting_and_can_be_undone(opened: MainWindow, qtbot: QtBot) -> None:
    session = opened.session
    session.state.set_value("training", "neighbor_count", 10)
    qtbot.waitUntil(lambda: opened.findChild(QPushButton, "fix.training.neighbor_count") is not None)
    button = opened.findChild(QPushButton, "fix.training.neighbor_count")
    assert button is not None and button.text() == "Set neighbours to 24"
    assert not opened.action("actionTrain").isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.state.config.values("training")["neighbor_count"] == 24
    assert opened.action("actionTrain").isEnabled()
    qtbot.waitUntil(lambda: opened.checks.rows() == [])
    summary = opened.findChild(QToolButton, "checkSummary")
    assert summary is not None and summary.text().strip() == "Settings fit"
    opened.action("actionUndo").trigger()
    assert session.state.config.values("training")["neighbor_count"] == 10
    qtbot.waitUntil(lambda: len(opened.checks.rows()) == 1)
    assert summary.text().strip() == "1 error"


def test_row_56_a_scan_too_small_for_the_grid_size_opens_and_says_how_to_use_it(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        window.session.datasets.open(write_scan(tmp_path / "small.npz", count=11))
    assert "16" in window.session.queue.why_not("train") and "11" in window.session.queue.why_not("train")
    qtbot.waitUntil(lambda: bool(window.checks.rows()))
    window.session.check_list.mend("model.gridsize")
    assert window.session.state.config.gridsize == 3
    assert window.session.queue.why_not("train") == ""


def test_row_56_a_test_scan_of_another_size_stops_training_until_it_is_closed(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(opened.session.state.testScanChanged, timeout=15_000):
        opened.session.datasets.open(write_scan(tmp_path / "other.npz", n=16), "test")
    assert "other.npz are 16 pixels wide" in opened.session.queue.why_not("train")
    opened.session.jobs.train()
    assert opened.session.runner.info is None and "16 pixels" in toast_texts(opened)
    qtbot.waitUntil(lambda: any(each.code == "test_size" for each in opened.session.check_list.checks))
    opened.session.check_list.mend("test_size")
    assert opened.session.state.test_scan is None and opened.session.queue.why_not("train") == ""


@pytest.mark.parametrize("height", [720, 1000])
def test_row_56_the_list_leaves_room_for_the_forms(opened: MainWindow, qtbot: QtBot, height: int) -> None:
    opened.resize(1280, height)
    opened.session.state.set_value("training", "neighbor_count", 10)
    for field, value in (("batch_size", 6), ("max_minutes", 0.01), ("nphotons", 1.0)):
        opened.session.state.set_value("training", field, value)
    qtbot.waitUntil(lambda: len(opened.checks.rows()) >= 3)
    qtbot.wait(50)
    assert opened.height() == height and opened.minimumSizeHint().height() <= height
    assert opened.forms.height() >= 120
    head = opened.findChild(QToolButton, "checkSummary")
    assert head is not None
    before = opened.forms.height()
    head.click()
    qtbot.waitUntil(lambda: opened.forms.height() > before)


def test_row_56_one_finding_of_each_list_is_read_whole_in_a_low_window(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    patterns = np.load(write_scan(tmp_path / "sound.npz"))["diff3d"].copy()
    patterns[3, 5, 7] = np.nan
    window.resize(1280, 720)
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        window.session.datasets.open(write_scan(tmp_path / "scan.npz", diff3d=patterns))
    window.session.state.set_value("model", "N", 128)
    window.session.state.set_value("model", "gridsize", 7)
    qtbot.waitUntil(lambda: len(window.checks.rows()) >= 2)
    qtbot.wait(50)
    assert window.height() == 720 and window.minimumSizeHint().height() <= 720
    assert window.card.height() >= window.card.heightForWidth(window.card.width()), "nothing in the card is squeezed"
    for row in (window.card.findings()[0], window.checks.rows()[0]):
        shown = row.visibleRegion().boundingRect()
        assert shown.height() == row.height()


def test_row_56_the_panel_shows_nothing_without_anything_to_say(qtbot: QtBot) -> None:
    panel = CheckPanel()
    qtbot.addWidget(panel)
    assert panel.isHidden()
    panel.show_findings([Finding("info", "a", "A remark.")], "")
    assert not panel.isHidden() and panel.findChild(QPushButton) is None
    panel.show_findings([], "Needs about 1 GB")
    assert not panel.isHidden() and panel.rows() == []
