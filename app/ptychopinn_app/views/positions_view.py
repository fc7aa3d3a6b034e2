"""The scan: every position coloured by its index, in the order of the measurement."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from ptychopinn_app.theme import theme
from ptychopinn_app.views.colormaps import colour_map

COLOURS = 64


class PositionsView(QWidget):
    """Scatter of scan positions; a click on one asks for its pattern."""

    indexRequested = pyqtSignal(int)
    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("positionsView")
        self._positions: NDArray[np.floating] = np.zeros((0, 2))
        self._canvas: Any = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        theme().changed.connect(self.refresh_colours)

    def _build_canvas(self) -> None:
        """Build the graphics with the first scan, for a quick start of the window."""
        self._canvas = pg.GraphicsLayoutWidget()
        self._plot: Any = self._canvas.addPlot(row=0, col=0)
        self._plot.setAspectLocked(True)
        self._plot.invertY(True)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._path: Any = pg.PlotCurveItem()
        self._dots: Any = pg.ScatterPlotItem(pxMode=True, size=7, pen=None, hoverable=True)
        self._mark: Any = pg.ScatterPlotItem(pxMode=True, size=16, brush=None)
        for item in (self._path, self._dots, self._mark):
            self._plot.addItem(item)
        self._bar: Any = pg.ColorBarItem(values=(0, 1), colorMap=colour_map("index"), width=12, interactive=False)
        self._canvas.ci.layout.setContentsMargins(14, 12, 14, 10)
        self._canvas.addItem(self._bar, row=0, col=1)
        self._bar.setVisible(False)
        self._dots.sigClicked.connect(self._clicked)
        self._dots.sigHovered.connect(self._hovered)
        self._layout.addWidget(self._canvas)
        self.refresh_colours()

    def set_positions(self, positions_px: NDArray[np.floating]) -> None:
        """Show positions, (P, 2) as [y, x] in object pixels."""
        if self._canvas is None:
            self._build_canvas()
        self._positions = positions_px
        count = len(positions_px)
        self._bar.setVisible(count > 1)
        self._mark.clear()
        y, x = (positions_px[:, 0], positions_px[:, 1]) if count else ([], [])
        self._path.setData(x, y)
        shades = colour_map("index").getLookupTable(0.0, 1.0, COLOURS)
        brushes = [pg.mkBrush(*shade) for shade in shades]
        which = np.linspace(0, COLOURS - 1, max(count, 1)).astype(int)
        self._dots.setData(x=x, y=y, brush=[brushes[index] for index in which[:count]], data=np.arange(count))
        if count > 1:
            self._bar.setLevels((0, count - 1))
        self._plot.autoRange(padding=0.04)

    def mark(self, index: int) -> None:
        """Ring the position of a pattern."""
        if self._canvas is not None and 0 <= index < len(self._positions):
            y, x = self._positions[index]
            self._mark.setData(x=[x], y=[y])

    def refresh_colours(self) -> None:
        """Take the theme's colours."""
        if self._canvas is None:
            return
        self._canvas.setBackground(theme().colour("canvas"))
        muted = theme().colour("text-muted")
        for axis in (self._plot.getAxis("left"), self._plot.getAxis("bottom"), self._bar.axis):
            axis.setTextPen(muted)
            axis.setPen(pg.mkPen(theme().colour("border")))
        self._plot.setLabel("left", "y (object pixels)", color=muted.name())
        self._plot.setLabel("bottom", "x (object pixels)", color=muted.name())
        self._bar.axis.setLabel("scan index", color=muted.name())
        faint = theme().colour("border-strong")
        faint.setAlpha(110)
        self._path.setPen(pg.mkPen(faint, width=1))
        self._mark.setPen(pg.mkPen(theme().colour("curve-2"), width=2))

    def _clicked(self, _: object, points: Any) -> None:
        if len(points):
            self.indexRequested.emit(int(points[0].data()))

    def _hovered(self, _: object, points: Any) -> None:
        if not len(points):
            self.cursorText.emit("")
            return
        index = int(points[0].data())
        y, x = self._positions[index]
        self.cursorText.emit(f"position {index}   x {x:.2f}   y {y:.2f} px")
