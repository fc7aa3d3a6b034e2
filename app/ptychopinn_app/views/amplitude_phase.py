"""Amplitude and phase side by side, with linked zoom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from ptychopinn_app.views.colormaps import AMPLITUDE_MAPS, PHASE_MAPS
from ptychopinn_app.views.image_panel import ImagePanel, LinkedPanels


class AmplitudePhase(LinkedPanels):
    """Amplitude and phase of a complex field; `cursorText` describes the pixel under the pointer."""

    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.amplitude = ImagePanel("Amplitude", AMPLITUDE_MAPS)
        self.phase = ImagePanel("Phase", PHASE_MAPS, "rad")
        super().__init__(self.amplitude, self.phase, parent=parent)
        self._values: tuple[NDArray[np.floating], NDArray[np.floating]] | None = None
        for panel in self.panels:
            panel.cursorMoved.connect(self._describe)

    def set_field(
        self,
        amplitude: NDArray[np.floating] | None,
        phase: NDArray[np.floating] | None,
        pixel_size_m: float | None = None,
    ) -> None:
        """Show a field; None clears the view. Pixels with zero amplitude were not measured and are transparent.

        Parameters
        ----------
        amplitude : (rows, columns)
        phase : (rows, columns), radians
        pixel_size_m : width and height of a pixel in metres, None if unknown
        """
        if amplitude is None or phase is None:
            self._values = None
            for panel in self.panels:
                panel.set_image(None)
            return
        self._values = (amplitude, phase)
        region = filled_region(amplitude > 0)
        self.amplitude.set_image(measured(amplitude, amplitude), pixel_size_m, region)
        self.phase.set_image(measured(phase, amplitude), pixel_size_m, region)

    def _describe(self, pixel: tuple[int, int, float] | None) -> None:
        if pixel is None or self._values is None:
            self.cursorText.emit("")
            return
        y, x, _ = pixel
        amplitude, phase = (float(values[y, x]) for values in self._values)
        self.cursorText.emit(f"x {x}   y {y}   amplitude {amplitude:.4g}   phase {phase:+.3f} rad")


def measured(image: NDArray[np.floating], amplitude: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the image with NaN where the amplitude is zero, i.e. where nothing was measured."""
    covered = amplitude > 0
    return image if covered.all() else np.where(covered, image, np.float32(np.nan))


def filled_region(covered: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """Return the covered rows and columns, widened by 1/40 on each side; None if all or no pixels are covered."""
    if covered.all() or not covered.any():
        return None
    bounds = []
    for axis in (1, 0):
        filled = np.flatnonzero(covered.any(axis=axis))
        margin = max(1, len(filled) // 40)
        last = min(covered.shape[1 - axis], int(filled[-1]) + 1 + margin)
        bounds.append(slice(max(0, int(filled[0]) - margin), last))
    return bounds[0], bounds[1]
