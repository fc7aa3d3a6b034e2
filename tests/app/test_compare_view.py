"""Two runs compared: side by side, blinking, as a difference, with losses and settings; and both backends."""

from __future__ import annotations

from pathlib import Path

import app_fakes
import numpy as np
import pytest
from app_support import finish, toast_texts, trained, use_task
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QCheckBox, QComboBox, QListWidget, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot
from scipy.ndimage import gaussian_filter

from ptychopinn.product import npz
from ptychopinn.product.product import Product
from ptychopinn_app.jobs.compare_tasks import Comparison, compare_runs
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.runs.folder import read_note, write_note
from ptychopinn_app.session.comparison import differing_settings
from ptychopinn_app.views.compare_view import CompareView
from ptychopinn_app.views.image_panel import ImagePanel


def object_run(folder: Path, field: np.ndarray, title: str) -> Path:
    """A run with an object, as a reconstruction leaves it."""
    folder.mkdir(parents=True)
    n = len(field) // 2
    steps = (n // 2 + 1, n, 3 * n // 2 - 1)
    centres = np.array([(y, x) for y in steps for x in steps], float)
    npz.write(folder / "object.npz", Product(field, np.ones((1, n, n)), centres, 2e-8))
    write_note(folder, title=title, kind="reconstruct", status="done")
    return folder


def field(n: int = 96) -> np.ndarray:
    random = np.random.default_rng(n)
    smooth = [gaussian_filter(random.standard_normal((n, n)), 2.5, mode="wrap") for _ in range(2)]
    return (1 + 1.2 * smooth[0]) * np.exp(4j * smooth[1])


def compare(a: Path, b: Path) -> Comparison:
    return compare_runs(a, b)


def view(window: MainWindow) -> CompareView:
    return window.central.compare


def shown(window: MainWindow, qtbot: QtBot) -> CompareView:
    """Two reconstructions of the list, compared by its button."""
    trained(window, qtbot)
    finish(window, qtbot, window.session.jobs.reconstruct)
    window.session.state.set_value("training", "nepochs", 17)
    finish(window, qtbot, window.session.jobs.reconstruct)
    qtbot.waitUntil(lambda: window.central.runs.count() == 3, timeout=15_000)
    window.central.select(window.central.runs)
    runs = window.findChild(QListWidget, "runsView")
    button = window.findChild(QPushButton, "runsCompare")
    assert runs is not None and button is not None and not button.isEnabled()
    runs.setCurrentRow(0)
    runs.setFocus()
    qtbot.keyClick(runs, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert button.isEnabled()
    with qtbot.waitSignal(window.session.comparisons.compared, timeout=15_000):
        button.click()
    return view(window)


def test_shift_phase_and_ramp_are_removed_before_comparing(tmp_path: Path) -> None:
    one = field()
    y, x = np.mgrid[: len(one), : len(one)]
    other = np.roll(one, (2, -1), (0, 1)) * np.exp(1j * (0.4 + 0.004 * y - 0.003 * x))
    found = compare(object_run(tmp_path / "a", one, "A"), object_run(tmp_path / "b", other, "B"))
    assert found.problem == ""
    assert found.phase_difference is not None and found.amplitude_difference is not None
    inside = found.phase_difference[12:-12, 12:-12]
    assert np.isfinite(inside).all()
    # The edges hold what was shifted in from elsewhere.
    plain = np.angle(other * np.conj(one))[12:-12, 12:-12]
    assert np.median(np.abs(inside)) < 0.2 * np.median(np.abs(plain - np.median(plain)))
    assert found.agreement["phase_ssim"] > 0.9


def test_a_real_difference_is_shown_at_its_place(tmp_path: Path) -> None:
    one = field()
    other = one.copy()
    other[44:52, 44:52] *= 1.5
    found = compare(object_run(tmp_path / "a", one, "A"), object_run(tmp_path / "b", other, "B"))
    assert found.amplitude_difference is not None
    inside = np.nan_to_num(found.amplitude_difference)
    assert inside[46:50, 46:50].mean() > 0.3
    assert abs(np.median(inside[inside != 0])) < 0.05


def test_objects_that_cannot_be_compared_have_a_reason(tmp_path: Path) -> None:
    a, b = object_run(tmp_path / "a", field(96), "A"), object_run(tmp_path / "b", field(112), "B")
    found = compare(a, b)
    assert "different sizes (96 × 96 and 112 × 112 px)" in found.problem
    assert found.first.amplitude is not None and found.amplitude_difference is None
    empty = tmp_path / "c"
    empty.mkdir()
    write_note(empty, title="the third")
    assert "'the third' has no object" in compare(a, empty).problem


def test_the_runs_list_compares_two_selected_runs(opened: MainWindow, qtbot: QtBot) -> None:
    compared = shown(opened, qtbot)
    assert opened.central.upper_tabs.currentWidget() is compared
    a, b = compared.pairs["phase"].panels
    assert a.isVisible() and b.isVisible()
    assert a.levels() == b.levels()
    table = compared.findChild(QTableWidget, "compareSettings")
    assert table is not None
    cells = [table.item(0, column) for column in range(3)]
    assert [cell.text() for cell in cells if cell is not None] == ["Training: Epochs", "60", "17"]
    assert compared.losses.best_epoch() is not None, "a reconstruction has the losses of its model's training"
    b.show_rectangle(a.view_rectangle())
    a.viewChanged.emit(a.view_rectangle().adjusted(4, 4, -4, -4))
    assert b.view_rectangle().width() < a.view_rectangle().width()


def drag(panel: ImagePanel, levels: tuple[float, float]) -> None:
    """Set limits as a drag of the colour bar ends."""
    panel._bar.setLevels(levels)
    panel._bar.sigLevelsChanged.emit(panel._bar)


def test_levels_set_by_hand_stay_with_their_image(opened: MainWindow, qtbot: QtBot) -> None:
    compared = shown(opened, qtbot)
    mode = compared.findChild(QComboBox, "compareMode")
    assert mode is not None
    a, b = compared.pairs["phase"].panels
    common = a.levels()
    drag(a, (0.2, 0.8))
    assert a.levels() == (0.2, 0.8)
    mode.setCurrentIndex(2)
    low, high = a.levels() or (0.0, 0.0)
    assert low == -high, "zero is the middle of a difference"
    drag(a, (-0.1, 0.3))
    a._auto.click()
    assert a.levels() == (low, high)
    drag(a, (-0.1, 0.3))
    mode.setCurrentIndex(0)
    assert a.levels() == b.levels() == common


def test_blinking_alternates_automatically_and_by_hand(opened: MainWindow, qtbot: QtBot) -> None:
    compared = shown(opened, qtbot)
    mode = compared.findChild(QComboBox, "compareMode")
    step = compared.findChild(QPushButton, "compareStep")
    assert mode is not None and step is not None
    a, b = compared.pairs["phase"].panels
    titles: list[str] = []
    show = a.set_title
    a.set_title = lambda title: (titles.append(title), show(title))[1]  # type: ignore[method-assign]
    mode.setCurrentIndex(1)
    assert not b.isVisible()
    qtbot.waitUntil(lambda: {"A", "B"} <= set(titles), timeout=15_000)
    step.click()
    before = titles[-1]
    step.click()
    assert titles[-1] != before
    count = len(titles)
    qtbot.wait(700)
    assert len(titles) == count, "by hand it no longer blinks by itself"
    mode.setCurrentIndex(0)
    mode.setCurrentIndex(1)
    opened.central.select(opened.central.reconstruction)
    count = len(titles)
    qtbot.wait(700)
    assert len(titles) == count, "nothing blinks behind another tab"
    opened.central.select(compared)
    qtbot.waitUntil(lambda: len(titles) >= count + 3, timeout=15_000)


def test_the_space_bar_steps_unless_a_widget_needs_it(opened: MainWindow, qtbot: QtBot) -> None:
    compared = shown(opened, qtbot)
    step, mode = compared.findChild(QPushButton, "compareStep"), compared.findChild(QComboBox, "compareMode")
    assert step is not None and mode is not None
    assert opened.focusWidget() is step, "who has pressed Compare can step at once"
    up = []
    compared.step = lambda: (up.append(1), CompareView.step(compared))[1]  # type: ignore[method-assign]
    qtbot.keyClick(step, Qt.Key.Key_Space)
    assert len(up) == 1 and mode.currentText() == "Blink"
    qtbot.keyClick(compared.pairs["phase"].panels[0], Qt.Key.Key_Space)
    assert len(up) == 2
    box = compared.losses.findChild(QCheckBox)
    assert box is not None
    before = box.isChecked()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert box.isChecked() != before and len(up) == 2


def test_the_key_compares_the_selected_runs_or_explains_how_to_select(opened: MainWindow, qtbot: QtBot) -> None:
    opened.action("actionCompareRuns").trigger()
    assert "Select two runs" in toast_texts(opened)
    assert opened.central.lower_tabs.currentWidget() is opened.central.runs
    shown(opened, qtbot)
    with qtbot.waitSignal(opened.session.comparisons.compared, timeout=15_000):
        opened.action("actionCompareRuns").trigger()


def test_equal_runs_have_no_difference_and_changed_settings_are_listed(opened: MainWindow, qtbot: QtBot) -> None:
    compared = shown(opened, qtbot)
    mode = compared.findChild(QComboBox, "compareMode")
    assert mode is not None
    mode.setCurrentIndex(2)
    a, b = compared.pairs["phase"].panels
    assert a.isVisible() and not b.isVisible()
    low, high = a.levels() or (0.0, 0.0)
    assert low == -high and high > 1e-3, "rounding is not drawn as if it were a difference"
    assert a._bar.colorMap().name == "diverging", "zero is neutral, the two signs are told apart"
    mode.setCurrentIndex(0)
    assert a._bar.colorMap().name != "diverging"
    assert differing_settings({"backend": "tensorflow", "model": {"gridsize": 2}}, {}) == [
        ("Backend", "tensorflow", "pytorch"),
        ("Model: Grid size", "2", "4"),
    ]
    assert differing_settings(None, {}) == []


def test_both_backends_are_trained_with_the_same_settings_and_compared(opened: MainWindow, qtbot: QtBot) -> None:
    assert opened.action("actionBothBackends").isEnabled()
    with qtbot.waitSignal(opened.session.comparisons.compared, timeout=60_000) as compared:
        opened.action("actionBothBackends").trigger()
    found, settings = compared.args
    assert isinstance(found, Comparison)
    assert "PyTorch" in found.first.title and "TensorFlow" in found.second.title
    assert settings == [("Backend", "pytorch", "tensorflow")]
    assert found.first.losses and found.second.losses
    seeds = {
        str(read_note(entry.path)["settings"]) for entry in opened.session.run_list.entries if entry.kind == "train"
    }
    assert len(seeds) == 2 and opened.session.state.config.backend == "pytorch"
    assert opened.central.upper_tabs.currentWidget() is view(opened)


@pytest.mark.parametrize("broken", ["train", "reconstruct"])
def test_a_backend_without_result_is_reported(opened: MainWindow, qtbot: QtBot, broken: str) -> None:
    use_task(broken, app_fakes.missing)
    opened.session.comparisons.train_both()
    qtbot.waitUntil(lambda: "cannot be compared" in toast_texts(opened), timeout=30_000)
    assert not opened.session.queue.waiting
