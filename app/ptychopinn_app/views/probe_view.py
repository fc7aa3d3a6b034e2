"""Amplitude and phase of the incoherent modes of the probe."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QLabel, QWidget

from ptychopinn_app.views.amplitude_phase import AmplitudePhase
from ptychopinn_app.views.elided_label import ElidedLabel
from ptychopinn_app.widgets import dressed, in_column, in_row


class ProbeView(QWidget):
    """Shows one mode of the probe, selected from a list that gives each mode's share of the power."""

    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("probeView")
        self._modes: NDArray[np.complexfloating] | None = None
        self._pair = AmplitudePhase()
        self._pair.cursorText.connect(self.cursorText)
        self._choice = dressed(QComboBox(), spoken="Probe mode")
        self._choice.currentIndexChanged.connect(self._show_mode)
        self._bar = QWidget()
        self._mode_label = QLabel("Mode")
        self._mode_label.setBuddy(self._choice)
        self._words = dressed(ElidedLabel(), name="probeWords", role="muted")
        in_row(self._mode_label, self._choice, (self._words, 1), of=self._bar, spacing=10, margins=(10, 6, 10, 0))
        in_column(self._bar, (self._pair, 1), of=self, spacing=0, margins=(0, 0, 0, 0))
        self._bar.hide()

    def set_probe(self, modes: NDArray[np.complexfloating] | None, words: str = "") -> None:
        """Show a probe, complex (mode, N, N), and a caption; None clears the view."""
        self._modes = modes
        self._pair.forget_levels()
        power = np.sum(np.abs(modes) ** 2, axis=(1, 2)) if modes is not None else np.zeros(0)
        total = float(power.sum()) or 1.0
        with QSignalBlocker(self._choice):
            self._choice.clear()
            self._choice.addItems([f"{index + 1}   {100 * value / total:.1f} %" for index, value in enumerate(power)])
        several = modes is not None and len(modes) > 1
        for widget in (self._mode_label, self._choice):
            widget.setVisible(several)
        self._words.setText(words)
        self._words.setToolTip(words)
        self._bar.setVisible(several or bool(words))
        self._show_mode(0)

    def fit(self) -> None:
        """Fit the probe to the view."""
        self._pair.fit()

    def _show_mode(self, index: int) -> None:
        if self._modes is None or not 0 <= index < len(self._modes):
            self._pair.set_field(None, None)
            return
        mode = self._modes[index]
        amplitude = np.abs(mode).astype(np.float32)
        # The phase is undefined where there is no light; the image is transparent there.
        lit = amplitude > 0.02 * amplitude.max(initial=0.0)
        self._pair.set_field(amplitude, np.where(lit, np.angle(mode), np.nan).astype(np.float32))
