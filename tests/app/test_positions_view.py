"""Positions coloured three ways; a click on one shows its pattern and what the shown result makes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QCheckBox, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn.data import npz as scan_npz
from ptychopinn.data.split import split
from ptychopinn.product import npz
from ptychopinn.product.product import Product
from ptychopinn.quality.rfactor import r_factor
from ptychopinn_app.jobs import pattern_tasks
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session.planned_jobs import ReportJob
from ptychopinn_app.session.queue import launch
from ptychopinn_app.views.diffraction_view import BAD_PIXEL_NAMES, MEAN, MODEL, DiffractionView
from ptychopinn_app.views.image_panel import OVERLAY
from ptychopinn_app.views.positions_view import INDEX, ROLE, PositionsView, R

COUNT = 37


def choose(window: MainWindow, colour: str) -> None:
    combo = window.findChild(QComboBox, "positionColour")
    assert combo is not None
    combo.setCurrentIndex(combo.findData(colour))


def write_result(scan: Path, run_dir: Path, shift: float = 0.0, keep: int = COUNT) -> Path:
    """Write the true object and probe of a scan as the result of a run."""
    run_dir.mkdir(parents=True)
    with np.load(scan) as arrays:
        positions = np.stack([arrays["ycoords"], arrays["xcoords"]], axis=1)[:keep] + shift
        npz.write(run_dir / runs.OBJECT_FILE, Product(arrays["objectGuess"], arrays["probeGuess"], positions))
    return run_dir


def write_report(folder: Path, values: np.ndarray, object_file: Path | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / runs.REPORT_ARRAYS, r_per_pattern=values)
    if object_file is not None:
        runs.write_note(folder, object=object_file)


def show_result(window: MainWindow, qtbot: QtBot, run_dir: Path) -> None:
    with qtbot.waitSignal(window.session.state.resultChanged, timeout=15_000):
        window.session.files.open_result(run_dir)
    qtbot.waitUntil(lambda: not window.session.short_tasks.busy, timeout=15_000)


def colours(view: PositionsView) -> list[str]:
    return [brush.color().name() for brush in view._dots.data["brush"]]


# Colours


def test_positions_are_coloured_by_index_first(opened: MainWindow) -> None:
    opened.central.select(opened.central.positions)
    view = opened.central.positions
    assert view.coloured_by() == INDEX
    assert view._bar.levels() == (0, COUNT - 1) and view._bar.isVisible()
    shades = colours(view)
    assert shades[0] != shades[-1] and len(set(shades)) > 20


def test_the_part_in_training_is_that_of_the_training(opened: MainWindow, qtbot: QtBot) -> None:
    session = opened.session
    opened.central.select(opened.central.positions)
    with qtbot.waitSignal(session.patterns.rolesRead, timeout=15_000) as read:
        choose(opened, ROLE)
    values = session.state.config.values("training")
    train, validation = split(COUNT, float(str(values["validation_fraction"])), int(str(values["seed"])))
    roles = read.args[0]
    assert set(np.flatnonzero(roles == 0)) == set(train) and set(np.flatnonzero(roles == 1)) == set(validation)
    shades = colours(opened.central.positions)
    assert len({shades[index] for index in train}) == 1 and shades[train[0]] != shades[validation[0]]
    legend = opened.findChild(QLabel, "positionLegend")
    assert legend is not None and f"training {len(train)}" in legend.text().replace("&nbsp;", " ")
    with qtbot.waitSignal(session.patterns.rolesRead, timeout=15_000) as read:
        session.state.set_value("training", "validation_fraction", 0.5)
    assert (read.args[0] == 1).sum() == round(COUNT * 0.5)
    with qtbot.waitSignal(session.patterns.rolesRead, timeout=15_000) as read:
        session.state.set_value("training", "n_subsample", 20)
    assert (read.args[0] == 2).sum() == COUNT - 20
    assert "not used 17" in legend.text().replace("&nbsp;", " ")


def test_with_test_data_all_patterns_are_for_training(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    opened.central.select(opened.central.positions)
    with qtbot.waitSignal(opened.session.patterns.rolesRead, timeout=15_000) as read:
        choose(opened, ROLE)
    assert (read.args[0] == 1).any()
    with qtbot.waitSignal(opened.session.patterns.rolesRead, timeout=15_000) as read:
        opened.session.datasets.open(write_scan(tmp_path / "test.npz", seed=9), "test")
    assert (read.args[0] == 0).all()


def test_colour_by_r_needs_a_report_of_the_shown_result(
    opened: MainWindow, scan: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    view = opened.central.positions
    opened.central.select(view)
    combo = opened.findChild(QComboBox, "positionColour")
    assert combo is not None
    item = combo.model().item(combo.findData(R))  # type: ignore[union-attr]
    assert not item.isEnabled()
    root = opened.session.app_settings.runs_folder()
    show_result(opened, qtbot, write_result(scan, root / "run"))
    assert not item.isEnabled(), "no report yet"
    values = np.linspace(0.02, 0.2, COUNT)
    write_report(root / "report", values, root / "run" / runs.OBJECT_FILE)
    write_report(root / "another", values[::-1], root / "elsewhere" / runs.OBJECT_FILE)
    with qtbot.waitSignal(opened.session.patterns.rRead, timeout=15_000) as read:
        opened.session.state.reportChanged.emit(root / "report" / runs.REPORT_PAGE)
    assert read.args[0] == pytest.approx(values)
    assert item.isEnabled()
    choose(opened, R)
    shades = colours(view)
    assert shades[0] != shades[-1]
    legend = opened.findChild(QLabel, "positionLegend")
    assert legend is not None and "worst 0.200 at position 36" in legend.text()
    with qtbot.waitSignals([opened.session.datasets.patternRead, opened.session.patterns.modelRead], timeout=15_000):
        view.indexRequested.emit(36)
    beside = opened.central.diffraction.panels[1]
    assert beside._title.text() == "Model 36, R 0.200", "one R for a pattern, wherever it is shown"
    show_result(opened, qtbot, write_result(scan, root / "later"))
    assert not item.isEnabled() and view.coloured_by() == INDEX, "another result has no report"


def test_a_report_names_its_object(opened: MainWindow, scan: Path, tmp_path: Path) -> None:
    assert opened.session.state.scan is not None
    job = ReportJob(opened.session.state.scan, tmp_path / "run" / runs.OBJECT_FILE)
    info, _ = launch(job, opened.session.state.config, job.title, tmp_path)
    assert runs.read_note(info.run_dir)["object"] == str(tmp_path / "run" / runs.OBJECT_FILE)


# A click


def test_a_click_shows_the_pattern_and_its_model(opened: MainWindow, scan: Path, qtbot: QtBot) -> None:
    root = opened.session.app_settings.runs_folder()
    show_result(opened, qtbot, write_result(scan, root / "run", shift=0.25))
    assert opened.session.patterns.fits
    opened.central.select(opened.central.positions)
    with qtbot.waitSignals([opened.session.datasets.patternRead, opened.session.patterns.modelRead], timeout=15_000):
        opened.central.positions.indexRequested.emit(5)
    view = opened.central.diffraction
    assert opened.central.upper_tabs.currentWidget() is view and view.shows_model()
    raw = scan_npz.read(scan)
    product = npz.read(root / "run" / runs.OBJECT_FILE)
    figure = r_factor(raw, product.object_, product.probe, product.positions_px)
    assert figure is not None
    shown = float(view.panels[1]._title.text().rpartition(" ")[2])
    assert view.panels[1]._title.text().startswith("Model 5, R ")
    assert shown == pytest.approx(figure.per_position[5], abs=0.02)
    assert view.panels[0]._title.text() == "Pattern 5"
    assert view.panels[0].levels() == view.panels[1].levels(), "the same colours mean the same counts"


def test_the_model_pattern_is_probe_times_object_transformed(scan: Path, tmp_path: Path) -> None:
    run_dir = write_result(scan, tmp_path / "run")
    index, amplitude = pattern_tasks.model_pattern(run_dir, 3)
    product = npz.read(run_dir / runs.OBJECT_FILE)
    y, x = product.positions_px[3]
    top, left = round(y) - 16, round(x) - 16
    # Whole pixels are enough to recognise it; the task shifts the probe by the rest.
    exit_wave = product.probe[0] * product.object_[top : top + 32, left : left + 32]
    plain = np.abs(np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(exit_wave), norm="ortho")))
    assert index == 3 and amplitude.shape == (32, 32)
    assert np.corrcoef(amplitude.ravel(), plain.ravel())[0, 1] > 0.98
    assert np.square(amplitude).sum() == pytest.approx(np.square(plain).sum(), rel=0.05)


def test_without_a_result_the_mean_of_the_scan_is_shown(opened: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.session.datasets.patternRead, timeout=15_000):
        opened.central.positions.indexRequested.emit(5)
    view = opened.central.diffraction
    assert not view.shows_model() and view.panels[1]._title.text() == MEAN
    combo = opened.findChild(QComboBox, "besideCombo")
    assert combo is not None and not combo.model().item(combo.findText(MODEL)).isEnabled()  # type: ignore[union-attr]


def test_a_result_of_another_scan_or_of_part_of_it_offers_no_model(
    opened: MainWindow, scan: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    show_result(opened, qtbot, write_result(scan, tmp_path / "part", keep=20))
    assert not opened.session.patterns.fits
    other = write_scan(tmp_path / "other.npz", step_px=20.0)
    show_result(opened, qtbot, write_result(other, tmp_path / "other"))
    assert not opened.session.patterns.fits
    show_result(opened, qtbot, write_result(scan, tmp_path / "own", shift=3.0))
    assert opened.session.patterns.fits, "results lie on a grid of their own"


def test_of_many_requests_only_the_newest_waits(opened: MainWindow, scan: Path, tmp_path: Path, qtbot: QtBot) -> None:
    show_result(opened, qtbot, write_result(scan, tmp_path / "run"))
    read: list[int] = []
    opened.session.patterns.modelRead.connect(lambda index, _: read.append(index))
    for index in range(10):
        opened.session.patterns.request_model(index)
    qtbot.waitUntil(lambda: bool(read) and read[-1] == 9, timeout=15_000)
    assert read == [0, 9]


def test_the_model_is_shown_again_with_the_next_result(qtbot: QtBot) -> None:
    view = DiffractionView()
    qtbot.addWidget(view)
    view.set_scan(5, np.ones((8, 8), np.float32))
    view.set_model_offered(True)
    view.compare()
    view.set_model_offered(False)
    assert not view.shows_model()
    with qtbot.waitSignal(view.modelRequested):
        view.set_model_offered(True)
    assert view.shows_model()


# Bad pixels


def test_bad_pixels_are_marked_on_request(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    with np.load(write_scan(tmp_path / "good.npz")) as arrays:
        patterns = arrays["diff3d"].copy()
    patterns[:, 5, 7] = 400.0
    box = window.findChild(QCheckBox, "badPixels")
    assert box is not None
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        window.session.datasets.open(write_scan(tmp_path / "spoiled.npz", diff3d=patterns))
    assert box.isEnabled() and not box.isChecked()
    with qtbot.waitSignal(window.session.patterns.badPixelsRead, timeout=15_000) as read:
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    assert read.args[0][5, 7] == BAD_PIXEL_NAMES.index("hot") and (read.args[0] > 0).sum() == 1
    for panel in window.central.diffraction.panels:
        paint = panel._overlay.image
        assert tuple(paint[5, 7]) == OVERLAY and not paint[6, 7].any()
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    assert all(panel._overlay.image is None for panel in window.central.diffraction.panels)
    window.session.datasets.apply_fix("hot_pixels")
    qtbot.waitUntil(lambda: not box.isEnabled(), timeout=15_000)


def test_a_sound_scan_has_no_bad_pixels_to_mark(opened: MainWindow) -> None:
    box = opened.findChild(QCheckBox, "badPixels")
    assert box is not None and not box.isEnabled() and "no bad pixels" in box.toolTip()


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_views_keep_their_meaning_when_the_theme_changes(opened: MainWindow, qtbot: QtBot, mode: str) -> None:
    opened.central.select(opened.central.positions)
    with qtbot.waitSignal(opened.session.patterns.rolesRead, timeout=15_000):
        choose(opened, ROLE)
    opened.preferences.choose_theme("light" if mode == "dark" else "dark")
    before = set(colours(opened.central.positions))
    opened.preferences.choose_theme(mode)
    assert set(colours(opened.central.positions)) != before and opened.central.positions.coloured_by() == ROLE
