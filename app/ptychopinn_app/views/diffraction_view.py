"""Browser of the measured patterns: one of them, and beside it the mean of all or what a result makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QSplitter,
    QWidget,
)

from ptychopinn_app.views.image_panel import ImagePanel
from ptychopinn_app.widgets import dressed, in_column, in_row

AMPLITUDE = "A is the amplitude, the square root of the counts."
MAPS = ("inferno", "viridis", "grey")
MEAN, MODEL = "Mean of the scan", "Model of the result"
NO_MODEL = "Reconstruct the open scan to compare its patterns with those of the result."
BAD_PIXEL_NAMES = ("", "masked by the detector", "hot", "dead")


class DiffractionView(QWidget):
    """Shows diffraction amplitudes; `indexRequested` asks for another pattern, `modelRequested` for its model."""

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
        self._offered = self._wished = False
        self._bad: NDArray[np.int8] | None = None
        self._r: NDArray[np.float64] | None = None
        self.panels = (ImagePanel("Pattern", MAPS), ImagePanel(MEAN, MAPS))
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        for which, panel in enumerate(self.panels):
            splitter.addWidget(panel)
            panel.cursorMoved.connect(lambda pixel, which=which: self._describe(which, pixel))
        splitter.setSizes([1000, 1000])
        in_column(self._make_bar(), (splitter, 1), of=self, spacing=0, margins=(0, 0, 0, 0))
        self.panels[0].viewChanged.connect(self.panels[1].show_rectangle)
        self.panels[1].viewChanged.connect(self.panels[0].show_rectangle)
        self.set_model_offered(False)
        self.set_bad_pixels_offered(False)

    def _make_bar(self) -> QHBoxLayout:
        self._slider = dressed(QSlider(Qt.Orientation.Horizontal), spoken="Pattern index")
        self._index = dressed(QSpinBox(), spoken="Pattern index")
        self._index.setFixedWidth(86)
        self._of = dressed(QLabel(), role="muted")
        self._beside = dressed(QComboBox(), name="besideCombo", spoken="Picture beside the pattern")
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
        bar = in_row(
            label,
            self._index,
            self._of,
            (self._slider, 1),
            self._beside,
            self._show_bad,
            self._log,
            spacing=10,
            margins=(10, 8, 10, 2),
        )
        return bar

    def set_scan(self, n_patterns: int, mean: NDArray[np.floating] | None) -> None:
        """Start on another scan of `n_patterns` with the mean amplitude (N, N)."""
        for panel in self.panels:
            panel.forget_levels()
        for control in (self._slider, self._index):
            control.blockSignals(True)
            control.setRange(0, max(0, n_patterns - 1))
            control.setValue(0)
            control.setEnabled(n_patterns > 1)
            control.blockSignals(False)
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
        """Take the amplitude (N, N) that the shown result gives at one position."""
        self._model = (index, amplitude)
        self._draw()

    def set_r(self, r_per_position: NDArray[np.float64] | None) -> None:
        """Take R of every pattern, (P,), from the report on the shown result; None while there is none."""
        self._r = r_per_position
        self.panels[1].set_title(self._title_beside())

    def set_model_offered(self, offered: bool) -> None:
        """Offer the model of the patterns, or no longer."""
        self._model = None
        row = self._beside.findText(MODEL)
        model: Any = self._beside.model()
        model.item(row).setEnabled(offered)
        self._beside.setItemData(row, "" if offered else NO_MODEL, Qt.ItemDataRole.ToolTipRole)
        self._beside.setToolTip("" if offered else NO_MODEL)
        self._offered = offered
        if offered and self._wished:
            self._beside.setCurrentText(MODEL)
        elif not offered and self.shows_model():
            self._beside.setCurrentText(MEAN)
            # The next result of this scan is compared again.
            self._wished = True

    def compare(self) -> None:
        """Show the model beside the pattern, where a result offers it."""
        if self._offered:
            self._beside.setCurrentText(MODEL)

    def shows_model(self) -> bool:
        """Whether the model is shown beside the pattern."""
        return self._beside.currentText() == MODEL

    def set_bad_pixels_offered(self, offered: bool) -> None:
        """Offer to mark bad pixels, where the checks found any."""
        self._show_bad.setEnabled(offered)
        tip = "Mark the pixels that are masked, hot or dead" if offered else "The checks found no bad pixels"
        self._show_bad.setToolTip(tip)
        if not offered:
            with QSignalBlocker(self._show_bad):
                self._show_bad.setChecked(False)
            self.set_bad_pixels(None)

    def set_bad_pixels(self, bad: NDArray[np.int8] | None) -> None:
        """Take the bad pixels (N, N): 0 fine, 1 masked, 2 hot, 3 dead."""
        self._bad = bad
        mask = bad > 0 if bad is not None and self._show_bad.isChecked() else None
        for panel in self.panels:
            panel.set_overlay(mask)

    def go_to(self, index: int) -> None:
        """Move the index, as the user would."""
        self._index.setValue(index)

    def index(self) -> int:
        """Give the index of the pattern that is asked for."""
        return self._index.value()

    def fit(self) -> None:
        """Show whole patterns."""
        for panel in self.panels:
            panel.fit()

    def _request(self, index: int) -> None:
        self.indexRequested.emit(index)
        if self.shows_model():
            self.modelRequested.emit(index)

    def _choose_beside(self) -> None:
        self._wished = self.shows_model()
        self.panels[1].forget_levels()
        if self.shows_model():
            self.modelRequested.emit(self.index())
        self._draw()

    def _toggle_bad(self, on: bool) -> None:
        if on and self._bad is None:
            self.badPixelsRequested.emit()
        self.set_bad_pixels(self._bad)

    def _draw_anew(self) -> None:
        for panel in self.panels:
            panel.forget_levels()
        self._draw()

    def _pictures(self) -> tuple[NDArray[np.floating] | None, NDArray[np.floating] | None]:
        """Give the amplitudes of both panels."""
        if not self.shows_model():
            return self._pattern, self._mean
        # A model that is still on its way leaves its place empty rather than showing that of another pattern.
        model = self._model[1] if self._model is not None and self._model[0] == self._shown else None
        return self._pattern, model

    def _draw(self) -> None:
        for panel, pattern in zip(self.panels, self._pictures(), strict=True):
            panel.set_unit("log₁₀(1 + A)" if self._log.isChecked() else "amplitude", AMPLITUDE)
            if pattern is None:
                panel.set_image(None)
            else:
                panel.set_image(np.log10(1.0 + pattern) if self._log.isChecked() else pattern)
        self.panels[1].set_title(self._title_beside())
        if self.shows_model():
            # The same colours mean the same counts on both sides.
            self.panels[1].take_levels(self.panels[0].levels())
        self.set_bad_pixels(self._bad)

    def _title_beside(self) -> str:
        if not self.shows_model():
            return MEAN
        measured, model = self._pictures()
        if measured is None or model is None or measured.shape != model.shape:
            return "Model"
        if self._r is not None and 0 <= self._shown < len(self._r):
            # The report fits the model to the counts of the whole scan; its R is the one shown elsewhere.
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
