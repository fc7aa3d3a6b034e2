"""Two runs side by side, blinking, or as a difference, with their losses and differing settings."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSplitter, QTabWidget, QWidget

from ptychopinn_app.jobs.compare_tasks import ComparedRun, Comparison
from ptychopinn_app.services.timers import repeated
from ptychopinn_app.views.amplitude_phase import filled_region, measured
from ptychopinn_app.views.colormaps import AMPLITUDE_MAPS, PHASE_MAPS
from ptychopinn_app.views.image_panel import ImagePanel, LinkedPanels
from ptychopinn_app.views.levels import percentile_levels
from ptychopinn_app.views.loss_plot import LossPlot
from ptychopinn_app.views.settings_table import SettingsTable
from ptychopinn_app.widgets import dressed, in_column, in_row, offer_item

BLINK_MS = 500
EMPTY = "Select two runs in the Runs tab and press Compare."
SIDE_BY_SIDE, BLINK, DIFFERENCE = MODES = ("Side by side", "Blink", "Difference")
# The scale of a difference spans at least this fraction of the range of A, so that equal runs look equal.
LEAST_DIFFERENCE = 0.02


class CompareView(QWidget):
    """Compares two runs; their images have the same display levels."""

    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compareView")
        self._comparison: Comparison | None = None
        self._second_up = False
        self._levels: dict[str, tuple[float, float]] = {}
        self.pairs = {
            name: LinkedPanels(ImagePanel("A", maps, unit), ImagePanel("B", maps, unit))
            for name, maps, unit in (("amplitude", AMPLITUDE_MAPS, ""), ("phase", PHASE_MAPS, "rad"))
        }
        self.losses = LossPlot(names=("A", "B"))
        self.settings = SettingsTable("compareSettings", "Settings that differ", ("A", "B"))
        self._timer = repeated(self, self.step, BLINK_MS)
        for pair in self.pairs.values():
            for panel in pair.panels:
                panel.cursorMoved.connect(self._describe)
        in_column(self._make_bar(), self._titles, (self._arrange(), 1), of=self, spacing=0, margins=(0, 0, 0, 0))
        self.setFocusProxy(self._step)
        self._draw()

    def _arrange(self) -> QSplitter:
        self._tabs = dressed(QTabWidget(), name="compareTabs")
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self.losses, "Losses")
        self._tabs.addTab(self.settings, "Settings")
        # Next to the images, because windows are wide and images need the height.
        whole = QSplitter(Qt.Orientation.Horizontal)
        whole.setChildrenCollapsible(False)
        images = QWidget()
        in_row(*((pair, 1) for pair in self.pairs.values()), of=images, spacing=0, margins=(0, 0, 0, 0))
        for part in (images, self._tabs):
            whole.addWidget(part)
        whole.setStretchFactor(0, 1)
        whole.setSizes([600, 280])
        return whole

    def _make_bar(self) -> QHBoxLayout:
        self._what = dressed(QComboBox(), name="compareWhat", spoken="Shown quantity")
        self._what.addItems(["Amplitude", "Phase"])
        self._what.setCurrentIndex(1)
        self._what.currentIndexChanged.connect(lambda _: self._draw())
        self._mode = dressed(QComboBox(), name="compareMode", spoken="Comparison mode")
        self._mode.addItems(MODES)
        self._mode.currentIndexChanged.connect(lambda _: self._choose_mode())
        other = "Show the other run"
        self._step = dressed(QPushButton("A / B"), name="compareStep", spoken=other, tip=f"{other}  (Space)")
        self._step.clicked.connect(self._step_by_hand)
        self._words = dressed(QLabel(EMPTY), name="compareWords")
        self._titles = dressed(QLabel(), name="compareTitles", role="muted")
        self._titles.setContentsMargins(12, 0, 12, 4)
        for label in (self._words, self._titles):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        return in_row(self._what, self._mode, self._step, (self._words, 1), spacing=10, margins=(12, 6, 12, 4))

    def show_comparison(self, comparison: Comparison, settings: list[tuple[str, str, str]]) -> None:
        """Show two runs and the settings that differ."""
        self._comparison, self._second_up = comparison, False
        a = comparison.first
        self._levels = {
            name: percentile_levels(measured(values, a.amplitude))
            for name, values in (("amplitude", a.amplitude), ("phase", a.phase))
            if values is not None and a.amplitude is not None
        }
        for pair in self.pairs.values():
            pair.forget_levels()
        self.losses.set_curves(a.losses, comparison.second.losses)
        self.settings.show_rows(settings)
        self._tabs.setTabText(1, f"Settings ({len(settings)})" if settings else "Same settings")
        self._words.setText(_agreement(comparison))
        self._titles.setText(_titles(comparison))
        with QSignalBlocker(self._mode):
            self._mode.setCurrentIndex(MODES.index(SIDE_BY_SIDE))
        offer_item(self._mode, MODES.index(DIFFERENCE), not comparison.problem, comparison.problem)
        self._choose_mode()

    def step(self) -> None:
        """Show the other run."""
        self._second_up = not self._second_up
        self._draw()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Show the other run when the space bar is pressed, unless a child widget handles the key."""
        if event is not None and event.key() == Qt.Key.Key_Space and self._comparison is not None:
            self._step_by_hand()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Resume blinking if the mode is Blink."""
        super().showEvent(event)
        self._choose_mode()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Stop blinking while hidden."""
        self._timer.stop()
        super().hideEvent(event)

    def fit(self) -> None:
        """Fit the objects and curves to the view."""
        self.losses.fit()
        for pair in self.pairs.values():
            pair.fit()

    def _choose_mode(self) -> None:
        if self._comparison is not None and self._mode.currentText() == BLINK and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()
        self._draw()

    def _step_by_hand(self) -> None:
        with QSignalBlocker(self._mode):
            self._mode.setCurrentIndex(MODES.index(BLINK))
        self._timer.stop()
        self.step()

    def _draw(self) -> None:
        comparison, mode, name = self._comparison, self._mode.currentText(), self._what.currentText().lower()
        for other, pair in self.pairs.items():
            pair.setVisible(other == name and comparison is not None)
            pair.panels[1].setVisible(mode == SIDE_BY_SIDE)
        for widget in (self._what, self._mode, self._step, self._titles, self._tabs):
            widget.setEnabled(comparison is not None)
        if comparison is None:
            return
        first, second = self.pairs[name].panels
        if mode == DIFFERENCE and not comparison.problem:
            self._put_difference(first, comparison, name)
        elif mode == BLINK:
            self._put(first, comparison.second if self._second_up else comparison.first, name)
            first.set_title("B" if self._second_up else "A")
        else:
            self._put(first, comparison.first, name)
            self._put(second, comparison.second, name)
            first.set_title("A")

    def _put(self, panel: ImagePanel, run: ComparedRun, name: str) -> None:
        image = run.amplitude if name == "amplitude" else run.phase
        panel.force_map("")
        if image is None or run.amplitude is None:
            panel.set_image(None)
            return
        panel.set_image(measured(image, run.amplitude), run.pixel_size_m, filled_region(run.amplitude > 0))
        # Both use the levels of the first, so that they can be compared by eye.
        panel.take_levels(self._levels.get(name))

    def _put_difference(self, panel: ImagePanel, comparison: Comparison, name: str) -> None:
        image = comparison.amplitude_difference if name == "amplitude" else comparison.phase_difference
        if image is None:
            return
        low, high = percentile_levels(image)
        a_low, a_high = self._levels[name]
        most = max(abs(low), abs(high), LEAST_DIFFERENCE * (a_high - a_low))
        panel.set_title("B − A")
        panel.force_map("diverging")
        panel.set_image(image, comparison.first.pixel_size_m, filled_region(np.isfinite(image)))
        panel.take_levels((-most, most))

    def _describe(self, pixel: tuple[int, int, float] | None) -> None:
        self.cursorText.emit("" if pixel is None else f"x {pixel[1]}   y {pixel[0]}   {pixel[2]:.4g}")


def _agreement(comparison: Comparison) -> str:
    if comparison.problem:
        return comparison.problem
    a = comparison.agreement
    return (
        f"Agreement of B with A (PSNR, SSIM): amplitude {a['amplitude_psnr_db']:.1f} dB, {a['amplitude_ssim']:.3f};"
        f" phase {a['phase_psnr_db']:.1f} dB, {a['phase_ssim']:.3f}"
    )


def _titles(comparison: Comparison) -> str:
    parts = []
    for letter, run in (("A", comparison.first), ("B", comparison.second)):
        fact = f"R {run.r_factor:.4f}" if run.r_factor is not None else run.origin or "no object"
        parts.append(f"{letter}: {run.title} ({fact})")
    return "     ".join(parts)
