"""Amplitude and phase side by side, with linked zoom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from ptychopinn_app.views.colormaps import AMPLITUDE_MAPS, PHASE_MAPS
from ptychopinn_app.views.image_panel import ImagePanel, link_zoom
from ptychopinn_app.widgets import in_row, split


class AmplitudePhase(QWidget):
    """Amplitude and phase of a complex field; `cursorText` describes the pixel under the pointer."""

    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.amplitude = ImagePanel("Amplitude", AMPLITUDE_MAPS)
        self.phase = ImagePanel("Phase", PHASE_MAPS, "rad")
        self._values: tuple[NDArray[np.floating], NDArray[np.floating]] | None = None
        self._panels = (self.amplitude, self.phase)
        in_row(split(*self._panels, sizes=(1000, 1000)), of=self, margins=(0, 0, 0, 0))
        link_zoom(*self._panels)
        for panel in self._panels:
            panel.cursorMoved.connect(self._describe)

    def set_field(
        self,
        amplitude: NDArray[np.floating] | None,
        phase: NDArray[np.floating] | None,
        pixel_size_m: float | None = None,
    ) -> None:
        """Show a field, or nothing. Pixels with zero amplitude were not measured and are transparent.

        Parameters
        ----------
        amplitude : (rows, columns)
        phase : (rows, columns), radians
        pixel_size_m : edge of one pixel in metres, None when unknown
        """
        if amplitude is None or phase is None:
            self._values = None
            for panel in self._panels:
                panel.set_image(None)
            return
        self._values = (amplitude, phase)
        covered = amplitude > 0
        region = filled_region(covered)
        if not covered.all():
            amplitude, phase = (np.where(covered, values, np.nan) for values in (amplitude, phase))
        self.amplitude.set_image(amplitude, pixel_size_m, region)
        self.phase.set_image(phase, pixel_size_m, region)

    def forget_levels(self) -> None:
        """Choose new levels for the next field."""
        for panel in self._panels:
            panel.forget_levels()

    def fit(self) -> None:
        """Show the whole field."""
        for panel in self._panels:
            panel.fit()

    def _describe(self, pixel: tuple[int, int, float] | None) -> None:
        if pixel is None or self._values is None:
            self.cursorText.emit("")
            return
        y, x, _ = pixel
        amplitude, phase = (float(values[y, x]) for values in self._values)
        self.cursorText.emit(f"x {x}   y {y}   amplitude {amplitude:.4g}   phase {phase:+.3f} rad")


def filled_region(covered: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """Return the rows and columns that are covered, with a margin of 1/40; None for the whole image."""
    if covered.all() or not covered.any():
        return None
    bounds = []
    for axis in (1, 0):
        filled = np.flatnonzero(covered.any(axis=axis))
        margin = max(1, len(filled) // 40)
        last = min(covered.shape[1 - axis], int(filled[-1]) + 1 + margin)
        bounds.append(slice(max(0, int(filled[0]) - margin), last))
    return bounds[0], bounds[1]
