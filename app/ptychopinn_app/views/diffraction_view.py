"""Browser for the measured patterns: each is shown next to the mean pattern or its modelled pattern."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSlider, QSpinBox, QWidget

from ptychopinn_app.views.image_panel import ImagePanel, LinkedPanels
from ptychopinn_app.widgets import dressed, in_column, in_row, offer_item

AMPLITUDE = "A is the amplitude, the square root of the counts."
MAPS = ("inferno", "viridis", "grey")
MEAN, MODEL = "Mean pattern", "Modelled pattern"
NO_MODEL = "Reconstruct the open scan to compare its measured and modelled patterns."
BAD_PIXEL_NAMES = ("", "masked by the detector", "hot", "dead")


class DiffractionView(QWidget):
    """Shows diffraction amplitudes; its signals request measured patterns, modelled patterns and bad pixels."""

    indexRequested = pyqtSignal(int)
    modelRequested = pyqtSignal(int)
    badPixelsRequested = pyqtSignal()
    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diffractionView")
        self._pattern: NDArray[np.floating] | None = None
        self._mean: NDArray[np.floating] | None = None
        self._model: tuple[int, NDArray[np.floating]] | None = None
        self._shown = -1
        # Whether there is a model, and whether the user selected it.
        self._offered = self._selected = False
        self._bad: NDArray[np.int8] | None = None
        self._r: NDArray[np.float64] | None = None
        self._images = LinkedPanels(ImagePanel("Pattern", MAPS), ImagePanel(MEAN, MAPS))
        self.panels = self._images.panels
        for which, panel in enumerate(self.panels):
            panel.cursorMoved.connect(lambda pixel, which=which: self._describe(which, pixel))
        in_column(self._make_bar(), (self._images, 1), of=self, spacing=0, margins=(0, 0, 0, 0))
        self.set_model_offered(False)
        self.set_bad_pixels_offered(False)

    def _make_bar(self) -> QHBoxLayout:
        self._slider = dressed(QSlider(Qt.Orientation.Horizontal), spoken="Pattern index")
        self._index = dressed(QSpinBox(), spoken="Pattern index")
        self._index.setFixedWidth(86)
        self._of = dressed(QLabel(), role="muted")
        self._beside = dressed(QComboBox(), name="besideCombo", spoken="Image next to the pattern")
        self._beside.addItems([MEAN, MODEL])
        self._beside.currentIndexChanged.connect(lambda _: self._choose_beside())
        self._show_bad = dressed(QCheckBox("Bad pixels"), name="badPixels")
        self._show_bad.toggled.connect(self._toggle_bad)
        self._log = QCheckBox("Log scale")
        self._log.setChecked(True)
        self._log.toggled.connect(self._draw_anew)
        self._slider.valueChanged.connect(self._index.setValue)
        self._index.valueChanged.connect(self._slider.setValue)
        self._index.valueChanged.connect(self._request)
        label = QLabel("Pattern")
        label.setBuddy(self._index)
        right = (self._beside, self._show_bad, self._log)
        return in_row(label, self._index, self._of, (self._slider, 1), *right, spacing=10, margins=(10, 8, 10, 2))

    def set_scan(self, n_patterns: int, mean: NDArray[np.floating] | None) -> None:
        """Browse another scan, with `n_patterns` patterns and mean amplitude (N, N)."""
        self._images.forget_levels()
        for control in (self._slider, self._index):
            with QSignalBlocker(control):
                control.setRange(0, max(0, n_patterns - 1))
                control.setValue(0)
                control.setEnabled(n_patterns > 1)
        self._of.setText(f"of {n_patterns:,}")
        self._pattern, self._mean, self._shown = None, mean, -1
        self._model, self._bad = None, None
        self._draw()
        if self.shows_model():
            self.modelRequested.emit(self.index())
        if self._show_bad.isChecked():
            self.badPixelsRequested.emit()

    def show_pattern(self, index: int, amplitude: NDArray[np.floating]) -> None:
        """Show the amplitude (N, N) of one pattern."""
        self._pattern, self._shown = amplitude, index
        self.panels[0].set_title(f"Pattern {index}")
        self._draw()

    def show_model(self, index: int, amplitude: NDArray[np.floating]) -> None:
        """Show the modelled amplitude (N, N) of one pattern, computed from the displayed result."""
        self._model = (index, amplitude)
        self._draw()

    def set_r(self, r_per_position: NDArray[np.float64] | None) -> None:
        """Set R of every pattern, (P,), from the report on the displayed result; None if there is no report."""
        self._r = r_per_position
        self.panels[1].set_title(self._title_beside())

    def set_model_offered(self, offered: bool) -> None:
        """Enable or disable the option to show modelled patterns."""
        self._model = None
        offer_item(self._beside, self._beside.findText(MODEL), offered, NO_MODEL)
        self._beside.setToolTip("" if offered else NO_MODEL)
        self._offered = offered
        if offered and self._selected:
            self._beside.setCurrentText(MODEL)
        elif not offered and self.shows_model():
            self._beside.setCurrentText(MEAN)
            # Return to the model with the next result of this scan.
            self._selected = True

    def compare(self) -> None:
        """Show the modelled pattern next to the measured one, if available."""
        if self._offered:
            self._beside.setCurrentText(MODEL)

    def shows_model(self) -> bool:
        """Whether the modelled pattern is shown next to the measured one."""
        return self._beside.currentText() == MODEL

    def set_bad_pixels_offered(self, offered: bool) -> None:
        """Enable or disable the option to mark bad pixels."""
        self._show_bad.setEnabled(offered)
        tip = "Mark masked, hot and dead pixels" if offered else "The checks found no bad pixels"
        self._show_bad.setToolTip(tip)
        if not offered:
            with QSignalBlocker(self._show_bad):
                self._show_bad.setChecked(False)
            self.set_bad_pixels(None)

    def set_bad_pixels(self, bad: NDArray[np.int8] | None) -> None:
        """Set the class of each pixel, (N, N): 0 good, 1 masked, 2 hot, 3 dead; None removes the marks."""
        self._bad = bad
        mask = bad > 0 if bad is not None and self._show_bad.isChecked() else None
        for panel in self.panels:
            panel.set_overlay(mask)

    def go_to(self, index: int) -> None:
        """Select a pattern."""
        self._index.setValue(index)

    def index(self) -> int:
        """Return the index of the selected pattern."""
        return self._index.value()

    def fit(self) -> None:
        """Fit the patterns to the view."""
        self._images.fit()

    def _request(self, index: int) -> None:
        self.indexRequested.emit(index)
        if self.shows_model():
            self.modelRequested.emit(index)

    def _choose_beside(self) -> None:
        self._selected = self.shows_model()
        self.panels[1].forget_levels()
        if self.shows_model():
            self.modelRequested.emit(self.index())
        self._draw()

    def _toggle_bad(self, on: bool) -> None:
        if on and self._bad is None:
            self.badPixelsRequested.emit()
        self.set_bad_pixels(self._bad)

    def _draw_anew(self) -> None:
        self._images.forget_levels()
        self._draw()

    def _pictures(self) -> tuple[NDArray[np.floating] | None, NDArray[np.floating] | None]:
        """Return the amplitudes to show in the two panels; None for an empty panel."""
        if not self.shows_model():
            return self._pattern, self._mean
        # While the model is computed, show nothing rather than the model of another pattern.
        model = self._model[1] if self._model is not None and self._model[0] == self._shown else None
        return self._pattern, model

    def _draw(self) -> None:
        for panel, pattern in zip(self.panels, self._pictures(), strict=True):
            panel.set_unit("log₁₀(1 + A)" if self._log.isChecked() else "amplitude", AMPLITUDE)
            scaled = np.log10(1.0 + pattern) if pattern is not None and self._log.isChecked() else pattern
            panel.set_image(scaled)
        self.panels[1].set_title(self._title_beside())
        if self.shows_model():
            # Equal counts have equal colours on both sides.
            self.panels[1].take_levels(self.panels[0].levels())
        self.set_bad_pixels(self._bad)

    def _title_beside(self) -> str:
        if not self.shows_model():
            return MEAN
        measured, model = self._pictures()
        if measured is None or model is None or measured.shape != model.shape:
            return "Model"
        if self._r is not None and 0 <= self._shown < len(self._r) and np.isfinite(self._r[self._shown]):
            # The report scales the model to the counts of the whole scan; other views show this R.
            return f"Model {self._shown}, R {self._r[self._shown]:.3f}"
        total = float(np.abs(measured).sum())
        r = float(np.abs(measured - model).sum()) / total if total > 0 else float("nan")
        return f"Model {self._shown}, R {r:.3f}"

    def _describe(self, which: int, pixel: tuple[int, int, float] | None) -> None:
        pattern = self._pictures()[which]
        if pixel is None or pattern is None:
            self.cursorText.emit("")
            return
        y, x, _ = pixel
        value = float(pattern[y, x])
        text = f"x {x}   y {y}   amplitude {value:.4g}   counts {value * value:.4g}"
        if self._bad is not None and self._show_bad.isChecked() and self._bad[y, x]:
            text += f"   {BAD_PIXEL_NAMES[self._bad[y, x]]}"
        self.cursorText.emit(text)
