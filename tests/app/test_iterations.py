"""Quick look, calibration and refinement in the window, with the real engine on a tiny scan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from app_support import finish, toast_texts
from PyQt6.QtCore import QPoint
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QComboBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn.events import Sweep
from ptychopinn.results import Calibration, QualityReport
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.runs.folder import read_note, write_note
from ptychopinn_app.views.elided_label import ElidedLabel


def test_a_quick_look_shows_an_object_without_a_model(opened: MainWindow, qtbot: QtBot) -> None:
    assert opened.action("actionQuickLook").isEnabled()
    assert not opened.action("actionRefine").isEnabled()
    assert "Quick look" in opened.action("actionRefine").toolTip()
    outcome = finish(opened, qtbot, opened.action("actionQuickLook").trigger)
    assert (outcome.kind, outcome.status) == ("quick", "done")
    assert opened.session.state.model is None
    assert opened.session.state.result is not None
    assert opened.session.state.result.report["r_factor"] < 0.6
    assert opened.central.reconstruction.has_object()
    assert "Quick look finished" in toast_texts(opened)
    qtbot.waitUntil(
        lambda: opened.session.run_list.entries and opened.session.run_list.entries[0].kind == "quick", timeout=15_000
    )


def test_a_stopped_refinement_keeps_the_completed_sweeps(opened: MainWindow, qtbot: QtBot) -> None:
    session = opened.session
    finish(opened, qtbot, session.jobs.quick_look)
    session.state.set_value("iterations", "stop_early", False)
    session.state.set_value("inference", "refine_sweeps", 5000)
    strip = opened.findChild(QWidget, "jobStrip")
    assert strip is not None
    (stop,) = (button for button in strip.findChildren(QPushButton) if button.text() == "Stop and keep")

    def stop_after_a_sweep(event: object) -> None:
        if isinstance(event, Sweep) and stop.isEnabled():
            assert stop.isVisible()
            stop.click()

    session.state.jobProgress.connect(stop_after_a_sweep)
    outcome = finish(opened, qtbot, session.jobs.refine)
    assert (outcome.kind, outcome.status) == ("refine", "stopped")
    assert session.state.result is not None and session.state.result.run_dir == outcome.run_dir
    assert any("iterations were stopped after" in notice for notice in session.state.result.report["notices"])
    assert "Refinement stopped" in toast_texts(opened)


def test_a_refinement_starts_from_the_shown_object(opened: MainWindow, qtbot: QtBot) -> None:
    opened.session.state.set_value("iterations", "stop_early", False)
    finish(opened, qtbot, opened.session.jobs.quick_look)
    before = opened.session.state.result
    assert before is not None
    opened.session.state.set_value("inference", "refine_sweeps", 30)
    outcome = finish(opened, qtbot, opened.action("actionRefine").trigger)
    assert (outcome.kind, outcome.status) == ("refine", "done")
    after = opened.session.state.result
    assert after is not None
    assert after.run_dir != before.run_dir
    assert after.report["r_factor"] < before.report["r_factor"]
    assert after.report["refine_sweeps"] == 30
    assert read_note(after.run_dir)["refined"] == str(before.run_dir / "object.npz")


def test_a_calibrated_probe_is_used_until_another_scan_is_opened(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    session = opened.session
    session.state.set_value("iterations", "modes", 2)
    outcome = finish(opened, qtbot, opened.action("actionCalibrate").trigger)
    assert isinstance(outcome.result, Calibration)
    assert "R 0." in toast_texts(opened)
    with np.load(outcome.result.probe_path) as content:
        assert content["probeGuess"].shape == (2, 32, 32)
    assert session.state.config.training(Path("a"), None, tmp_path, "auto").probe_file == outcome.result.probe_path
    assert session.state.config.values("inference")["probe_file"] == outcome.result.probe_path
    opened.central.select(opened.central.probe)
    choice, words = (opened.central.probe.findChild(kind) for kind in (QComboBox, ElidedLabel))
    assert choice is not None and words is not None
    qtbot.waitUntil(lambda: choice.count() == 2, timeout=15_000)
    assert choice.isVisible() and "In use: probe.npz" in words.text()
    session.edits.edit("training", "probe_file", None)
    assert choice.count() == 1 and not words.isVisible(), "the probe of the scan is in use again"
    session.edits.undo()
    qtbot.waitUntil(lambda: choice.count() == 2, timeout=15_000)
    other = write_scan(tmp_path / "other.npz", seed=9)
    with qtbot.waitSignal(session.state.scanChanged, timeout=15_000):
        session.datasets.open(other)
    assert session.state.config.values("training")["probe_file"] is None
    assert choice.count() == 1 and not words.text()
    # A calibration that ends now was asked for on the scan before.
    session.probe_in_use.use(outcome.result)
    assert session.state.config.values("training")["probe_file"] is None
    assert "Another scan is open" in toast_texts(opened)


def test_a_probe_of_an_earlier_session_stays_with_its_scan(
    window: MainWindow, scan: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    session = window.session
    folder = tmp_path / "calibrate"
    folder.mkdir()
    np.savez(folder / "probe.npz", probeGuess=np.ones((2, 32, 32), np.complex64))
    write_note(folder, kind="calibrate", data=scan)
    for section in ("training", "inference"):
        session.state.set_value(section, "probe_file", folder / "probe.npz")
    with qtbot.waitSignal(session.state.scanChanged, timeout=15_000):
        session.datasets.open(scan)
    assert session.state.config.values("training")["probe_file"] == folder / "probe.npz"
    assert session.state.config.values("inference")["probe_file"] == folder / "probe.npz"
    qtbot.waitUntil(lambda: session.probe_in_use.modes is not None and len(session.probe_in_use.modes) == 2)
    with qtbot.waitSignal(session.state.scanChanged, timeout=15_000):
        session.datasets.open(write_scan(tmp_path / "other.npz", seed=9))
    assert session.state.config.values("training")["probe_file"] is None


def test_iterations_need_a_scan_and_valid_settings(window: MainWindow, opened: MainWindow) -> None:
    session = opened.session
    session.state.set_value("iterations", "batch_size", 0)
    assert "Patterns per update" in session.queue.why_not("quick")
    assert not opened.action("actionQuickLook").isEnabled()
    assert "Patterns per update" in opened.action("actionCalibrate").toolTip()


def test_without_a_scan_nothing_is_iterated(window: MainWindow) -> None:
    for name in ("actionQuickLook", "actionCalibrate"):
        assert not window.action(name).isEnabled()
        assert "Open a scan first" in window.action(name).toolTip()
    window.session.jobs.quick_look()
    window.session.jobs.calibrate()
    window.session.jobs.refine()
    assert "Open a scan first" in toast_texts(window)


def test_a_quality_report_is_shown_on_one_page_and_opens_again(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    session = opened.session
    finish(opened, qtbot, session.jobs.quick_look)
    words = " ".join(label.text() for label in opened.central.report.findChildren(QLabel))
    for part in ("Amplitude SSIM", "Phase SSIM", "Phase PSNR"):
        assert part in words, f"{part}: the scan has the true object"
    button = opened.central.report.findChild(QPushButton, "qualityReportButton")
    assert button is not None
    outcome = finish(opened, qtbot, button.click)
    assert (outcome.kind, outcome.status) == ("report", "done")
    assert isinstance(outcome.result, QualityReport)
    page = opened.central.report.findChild(QWidget, "reportPage")
    assert page is not None and page.accessibleName().endswith("quality.png")
    report = opened.central.report
    qtbot.waitUntil(lambda: 0 <= page.mapTo(report.viewport(), QPoint(0, 0)).y() <= 20, timeout=5_000)
    assert 0 < page.width() <= report.width()
    words = " ".join(label.text() for label in report.findChildren(QLabel))
    assert "R-FACTOR" in words, "the figures of the result stay above the page"
    assert report.findChild(QPushButton, "qualityReportButton") is not None
    assert session.state.result is not None
    opened.central.report.show_result(session.state.result)
    qtbot.waitUntil(lambda: session.run_list.entries and session.run_list.entries[0].kind == "report", timeout=15_000)
    session.run_list.open(outcome.run_dir)
    assert report.findChild(QWidget, "reportPage") is not None
    report.show_page(outcome.result.page_path, tmp_path)
    words = " ".join(label.text() for label in report.findChildren(QLabel))
    assert "R-FACTOR" not in words, "the figures of another result would mislead"
    report.show_page(outcome.result.page_path, session.state.result.run_dir)
    words = " ".join(label.text() for label in report.findChildren(QLabel))
    assert "R-FACTOR" in words, "the result is still the shown one"


def test_a_run_opens_with_the_page_in_its_folder(opened: MainWindow, qtbot: QtBot) -> None:
    session = opened.session
    run_dir = finish(opened, qtbot, session.jobs.quick_look).run_dir
    report = opened.central.report
    assert report.findChild(QWidget, "reportPage") is None
    QPixmap(60, 40).save(str(run_dir / "quality.png"))
    qtbot.waitUntil(lambda: bool(session.run_list.entries), timeout=15_000)
    with qtbot.waitSignal(session.state.resultChanged, timeout=15_000):
        session.run_list.open(run_dir)
    assert report.findChild(QWidget, "reportPage") is not None
    assert "R-FACTOR" in " ".join(label.text() for label in report.findChildren(QLabel))
