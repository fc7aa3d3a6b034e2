"""The object: live previews during training, then the stitched result."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QStackedLayout, QWidget

from ptychopinn.events import Preview
from ptychopinn_app.views.amplitude_phase import AmplitudePhase
from ptychopinn_app.views.elided_label import ElidedLabel
from ptychopinn_app.views.epoch_scrubber import EpochScrubber
from ptychopinn_app.views.image_panel import ImagePanel
from ptychopinn_app.widgets import dressed, in_column

# Amplitude, phase, caption, and the edge of a pixel in metres.
_Shown = tuple[NDArray[np.floating], NDArray[np.floating], str, float | None]

WAITING = "The object appears here during training and after Reconstruct."


class ReconstructionView(QWidget):
    """Amplitude and phase of the object with a caption, or a hint if there is no object."""

    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair = AmplitudePhase()
        self._pair.cursorText.connect(self.cursorText)
        self._pair.amplitude.setObjectName("amplitudeView")
        self._pair.phase.setObjectName("phaseView")
        self.scrubber = EpochScrubber()
        self.scrubber.followed.connect(self._show_newest)
        self._newest: _Shown | None = None
        self._caption = dressed(ElidedLabel(), role="muted")
        self._caption.setContentsMargins(10, 5, 10, 0)
        self._empty = dressed(QLabel(WAITING), role="muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        shown = QWidget()
        in_column(self._caption, (self._pair, 1), self.scrubber, of=shown, spacing=0, margins=(0, 0, 0, 0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(shown)

    def show_object(
        self,
        amplitude: NDArray[np.floating],
        phase: NDArray[np.floating],
        caption: str,
        pixel_size_m: float | None = None,
    ) -> None:
        """Show the object unless an older preview is selected; arrays are (rows, columns), phase is in radians."""
        self._newest = (amplitude, phase, caption, pixel_size_m)
        if self.scrubber.follows:
            self._show_newest()

    def show_past(self, preview: Preview) -> None:
        """Show an older preview; moving the slider to its end shows the newest object again."""
        if not self.scrubber.follows:
            self._stack.setCurrentIndex(1)
            self._caption.setText(self.scrubber.caption(preview.epoch))
            self._pair.set_field(preview.amplitude, preview.phase)

    def show_reopened(self, preview: Preview) -> None:
        """Show the last preview of a run without an object."""
        self.forget_levels()
        self.scrubber.follow()
        self.show_object(preview.amplitude, preview.phase, f"{self.scrubber.caption(preview.epoch)} (last preview)")

    def _show_newest(self) -> None:
        if self._newest is None:
            return
        amplitude, phase, caption, pixel_size_m = self._newest
        self._stack.setCurrentIndex(1)
        self._caption.setText(caption)
        self._pair.set_field(amplitude, phase, pixel_size_m)

    def clear(self) -> None:
        """Clear the view."""
        self._newest = None
        self._stack.setCurrentIndex(0)
        self._pair.set_field(None, None)

    def forget_levels(self) -> None:
        """Choose new levels for the next object."""
        self._pair.forget_levels()

    def fit(self) -> None:
        """Fit the object to the view."""
        self._pair.fit()

    def panels(self) -> tuple[ImagePanel, ImagePanel]:
        """Return the amplitude and phase panels."""
        return self._pair.amplitude, self._pair.phase

    def has_object(self) -> bool:
        """Whether an object is shown."""
        return self._stack.currentIndex() == 1

    def caption(self) -> str:
        """Return the caption."""
        return self._caption.text()
