"""Browser of the measured patterns: one of them, and the mean of all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QSpinBox, QSplitter, QVBoxLayout, QWidget

from ptychopinn_app.views.image_panel import ImagePanel

MAPS = ("inferno", "viridis", "grey")


class DiffractionView(QWidget):
    """Shows diffraction amplitudes; `indexRequested` asks for another pattern."""

    indexRequested = pyqtSignal(int)
    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diffractionView")
        self._patterns: list[NDArray[np.floating] | None] = [None, None]
        self.panels = (ImagePanel("Pattern", MAPS), ImagePanel("Mean of the scan", MAPS))
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        for which, panel in enumerate(self.panels):
            splitter.addWidget(panel)
            panel.cursorMoved.connect(lambda pixel, which=which: self._describe(which, pixel))
        splitter.setSizes([1000, 1000])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._make_bar())
        column.addWidget(splitter, 1)
        self.panels[0].viewChanged.connect(self.panels[1].show_rectangle)
        self.panels[1].viewChanged.connect(self.panels[0].show_rectangle)

    def _make_bar(self) -> QHBoxLayout:
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName("Pattern index")
        self._index = QSpinBox()
        self._index.setAccessibleName("Pattern index")
        self._index.setFixedWidth(86)
        self._of = QLabel()
        self._of.setProperty("role", "muted")
        self._log = QCheckBox("Log scale")
        self._log.setChecked(True)
        self._log.toggled.connect(self._draw_anew)
        self._slider.valueChanged.connect(self._index.setValue)
        self._index.valueChanged.connect(self._slider.setValue)
        self._index.valueChanged.connect(self.indexRequested)
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 8, 10, 2)
        bar.setSpacing(10)
        bar.addWidget(QLabel("Pattern"))
        bar.addWidget(self._index)
        bar.addWidget(self._of)
        bar.addWidget(self._slider, 1)
        bar.addWidget(self._log)
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
        self._patterns = [None, mean]
        self._draw()

    def show_pattern(self, index: int, amplitude: NDArray[np.floating]) -> None:
        """Show the amplitude (N, N) of one pattern."""
        self._patterns[0] = amplitude
        self.panels[0].set_title(f"Pattern {index}")
        self._draw()

    def go_to(self, index: int) -> None:
        """Move the index, as the user would."""
        self._index.setValue(index)

    def index(self) -> int:
        """Give the index of the pattern that is asked for."""
        return self._index.value()

    def _draw_anew(self) -> None:
        for panel in self.panels:
            panel.forget_levels()
        self._draw()

    def _draw(self) -> None:
        for panel, pattern in zip(self.panels, self._patterns, strict=True):
            panel.set_unit("log10(1 + A)" if self._log.isChecked() else "amplitude")
            if pattern is None:
                panel.set_image(None)
            else:
                panel.set_image(np.log10(1.0 + pattern) if self._log.isChecked() else pattern)

    def _describe(self, which: int, pixel: tuple[int, int, float] | None) -> None:
        pattern = self._patterns[which]
        if pixel is None or pattern is None:
            self.cursorText.emit("")
            return
        y, x, _ = pixel
        value = float(pattern[y, x])
        self.cursorText.emit(f"x {x}   y {y}   amplitude {value:.4g}   counts {value * value:.4g}")
