"""Images and plots: levels, colour maps, linked zoom, scale bar, log axis."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

from ptychopinn_app.views.amplitude_phase import AmplitudePhase
from ptychopinn_app.views.axes import log_ticks
from ptychopinn_app.views.colormaps import AMPLITUDE_MAPS, PHASE_MAPS, colour_map
from ptychopinn_app.views.diffraction_view import DiffractionView
from ptychopinn_app.views.image_panel import ImagePanel
from ptychopinn_app.views.levels import held_levels, percentile_levels
from ptychopinn_app.views.loss_plot import LossPlot
from ptychopinn_app.views.positions_view import PositionsView
from ptychopinn_app.views.probe_view import ProbeView
from ptychopinn_app.views.scale_bar import length_text, nice_length

SMOOTH = (Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
RANDOM = np.random.default_rng(3)
NOISE = RANDOM.random((40, 53)).astype(np.float32) + 0.5


@pytest.fixture
def panel(qtbot: QtBot) -> ImagePanel:
    made = ImagePanel("Amplitude", AMPLITUDE_MAPS)
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    return made


@pytest.fixture
def pair(qtbot: QtBot) -> AmplitudePhase:
    made = AmplitudePhase()
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    return made


def test_levels_stay_constant_while_the_image_changes_little(panel: ImagePanel) -> None:
    panel.set_image(NOISE)
    first = panel.levels()
    panel.set_image(NOISE * 1.03)
    assert panel.levels() == first
    panel.set_image(NOISE * 3)
    assert panel.levels() != first


def test_levels_ignore_outliers_and_unmeasured_pixels() -> None:
    image = np.full((100, 100), 2.0)
    image[::2] = 3.0
    image[:3, :5] = 0.0
    image[50, 50] = 1e6
    image[51, 51] = np.nan
    assert percentile_levels(image) == (2.0, 3.0)


@pytest.mark.parametrize("image", [np.zeros((5, 5)), np.full((5, 5), 7.0), np.full((5, 5), np.nan)])
def test_a_flat_image_still_has_a_range(image: np.ndarray) -> None:
    low, high = percentile_levels(image)
    assert math.isfinite(low) and high > low


def test_held_levels_follow_a_range_that_shrinks() -> None:
    assert held_levels((0.0, 10.0), (4.0, 6.0)) == (4.0, 6.0)
    assert held_levels((0.0, 10.0), (0.5, 10.5)) == (0.0, 10.0)


def test_dragging_the_colour_bar_fixes_the_levels(panel: ImagePanel) -> None:
    panel.set_image(NOISE)
    panel._bar.setLevels((0.2, 0.9))
    panel._bar.sigLevelsChanged.emit(panel._bar)
    panel.set_image(NOISE * 5)
    assert panel.levels() == (0.2, 0.9)
    panel.forget_levels()
    panel.set_image(NOISE * 5)
    assert panel.levels() != (0.2, 0.9)


def test_the_value_under_the_pointer_is_that_of_its_pixel(panel: ImagePanel, qtbot: QtBot) -> None:
    panel.set_image(NOISE)
    qtbot.wait(30)
    point = panel._box.mapViewToScene(QPointF(17.5, 5.5))
    assert panel.pixel_at(point) == (5, 17, float(NOISE[5, 17]))
    assert panel.pixel_at(panel._box.mapViewToScene(QPointF(-3, 5))) is None


def test_the_image_fills_the_view_after_a_resize(panel: ImagePanel, qtbot: QtBot) -> None:
    panel.set_image(NOISE)
    panel.resize(800, 300)
    qtbot.wait(50)
    view = panel.view_rectangle()
    rows, columns = NOISE.shape
    assert view.top() <= 0 and view.bottom() >= rows
    assert min(view.width() / columns, view.height() / rows) < 1.1


def test_amplitude_and_phase_zoom_together(pair: AmplitudePhase, qtbot: QtBot) -> None:
    pair.set_field(NOISE, NOISE)
    qtbot.wait(30)
    pair.amplitude._box.setRange(rect=QRectF(10, 10, 12, 9), padding=0)
    pair.amplitude._box.sigRangeChangedManually.emit([True, True])
    qtbot.wait(30)
    left, right = pair.amplitude.view_rectangle(), pair.phase.view_rectangle()
    assert abs(left.center().x() - right.center().x()) < 0.5 and abs(left.width() - right.width()) < 0.5


def test_unmeasured_pixels_are_transparent_and_the_view_fits_the_rest(pair: AmplitudePhase, qtbot: QtBot) -> None:
    amplitude = np.zeros((200, 200), dtype=np.float32)
    amplitude[60:120, 80:150] = 1.0
    pair.set_field(amplitude, amplitude * 0.3)
    qtbot.wait(50)
    view = pair.phase.view_rectangle()
    assert view.height() < 120 and view.contains(QRectF(80, 60, 70, 60))
    assert np.isnan(pair.phase._image[0, 0]) and pair.phase._image[90, 100] == pytest.approx(0.3)


def test_a_wrapped_phase_is_shown_over_the_whole_circle(pair: AmplitudePhase) -> None:
    ramp = np.tile(np.linspace(-3.1, 3.1, 60, dtype=np.float32), (60, 1))
    pair.set_field(np.ones_like(ramp), ramp)
    assert pair.phase.levels() == (-np.pi, np.pi)
    pair.forget_levels()
    pair.set_field(np.ones_like(ramp), 0.1 * ramp)
    low, high = pair.phase.levels() or (0, 0)
    assert -0.32 < low < -0.3 and 0.3 < high < 0.32


def test_the_cyclic_map_closes_and_every_map_exists() -> None:
    first, last = colour_map("cyclic").getColors()[[0, -1]]
    assert tuple(first) == tuple(last)
    for name in {*AMPLITUDE_MAPS, *PHASE_MAPS} - {"auto"}:
        assert len(colour_map(name).getLookupTable(0.0, 1.0, 16)) == 16


def test_another_colour_map_recolours_the_image_and_keeps_its_levels(panel: ImagePanel, qtbot: QtBot) -> None:
    panel.set_image(NOISE)
    levels = panel.levels()
    shades = []
    for name in AMPLITUDE_MAPS:
        panel._maps.setCurrentText(name)
        qtbot.wait(30)
        shades.append(panel.grab().toImage().scaled(1, 1, *SMOOTH).pixel(0, 0))
        assert panel.levels() == levels
    assert len(set(shades)) == len(AMPLITUDE_MAPS)


def test_a_scale_bar_is_on_the_image_and_follows_the_zoom(panel: ImagePanel, qtbot: QtBot) -> None:
    panel.set_image(NOISE, 1e-8)
    qtbot.wait(50)
    assert panel._scale_bar.isVisible() and panel._scale_bar.text().endswith("nm")
    whole = float(panel._scale_bar.text().split()[0])
    panel.show_rectangle(QRectF(10, 10, 5, 4))
    qtbot.wait(50)
    assert float(panel._scale_bar.text().split()[0]) < whole
    panel.set_image(NOISE)
    assert panel._scale_bar.text().endswith("px")


@given(st.floats(1e-9, 1e9))
def test_a_scale_bar_has_a_round_length_that_fits(room: float) -> None:
    length = nice_length(room)
    assert length <= room * (1 + 1e-6) and length > room / 2.6
    assert round(length / 10 ** math.floor(math.log10(length) + 1e-9), 6) in (1, 2, 5)


@pytest.mark.parametrize(
    ("length", "pixel", "text"),
    [(50, None, "50 px"), (2e-6, 1e-8, "2 µm"), (5e-7, 1e-8, "500 nm"), (1e-3, 1.0, "1 mm")],
)
def test_a_scale_bar_has_pixels_or_metres(length: float, pixel: float | None, text: str) -> None:
    assert length_text(length, pixel) == text


@given(st.floats(-8, 8), st.floats(0.01, 9), st.integers(2, 12))
def test_log_ticks_are_inside_the_range_and_few(low: float, span: float, most: int) -> None:
    ticks = log_ticks(low, low + span, most)
    assert all(low - 1e-6 <= tick <= low + span + 1e-6 for tick in ticks)
    assert len(ticks) <= most + 2 and ticks == sorted(ticks)


def test_loss_curves_mark_the_best_validation_epoch(qtbot: QtBot) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    assert plot.best_epoch() is None
    plot.set_curves([3, 2, 1, 0.5], [3.0, 1.0, 1.5, float("nan")])
    assert plot.best_epoch() == 2 and plot.is_log()
    plot.set_curves([3, 2, 1], [])
    assert plot.best_epoch() == 3


def test_a_loss_that_is_not_positive_is_shown_on_a_linear_axis(qtbot: QtBot) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.set_curves([1.0, -2.0], [])
    box = plot.findChild(QCheckBox)
    assert not plot.is_log() and box is not None and not box.isEnabled() and "positive" in box.toolTip()


def test_probe_modes_are_listed_with_their_share_of_power(qtbot: QtBot) -> None:
    view = ProbeView()
    qtbot.addWidget(view)
    base = np.ones((8, 8), dtype=np.complex64)
    view.set_probe(np.stack([3 * base, 1j * base]))
    choice = next(box for box in view.findChildren(QComboBox) if box.accessibleName() == "Probe mode")
    assert [choice.itemText(row) for row in range(choice.count())] == ["1   90.0 %", "2   10.0 %"]


def test_the_diffraction_browser_asks_for_patterns(qtbot: QtBot) -> None:
    view = DiffractionView()
    qtbot.addWidget(view)
    view.set_scan(37, NOISE)
    with qtbot.waitSignal(view.indexRequested) as asked:
        view.go_to(12)
    assert asked.args == [12]
    view.show_pattern(12, NOISE)
    assert view.panels[0]._image == pytest.approx(np.log10(1 + NOISE))


def test_positions_have_y_downwards_and_may_be_empty(qtbot: QtBot) -> None:
    view = PositionsView()
    qtbot.addWidget(view)
    view.set_positions(np.array([[1.0, 10.0], [2.0, 20.0], [5.0, 11.5]]))
    x, y = view._dots.getData()
    assert list(x) == [10.0, 20.0, 11.5] and list(y) == [1.0, 2.0, 5.0]
    assert view._plot.getViewBox().yInverted()
    view.set_positions(np.zeros((0, 2)))
