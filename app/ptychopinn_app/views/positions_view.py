"""Scan positions, coloured by index, by role in training, or by R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from ptychopinn_app.theme import theme
from ptychopinn_app.views.axes import EvenColorBar, colour_axes
from ptychopinn_app.views.colormaps import colour_map
from ptychopinn_app.widgets import dressed, in_column, in_row, offer_item

COLOURS = 64
INDEX, ROLE, R = "index", "role", "r"
CHOICES = ((INDEX, "Scan index"), (ROLE, "Training / validation"), (R, "R per pattern"))
ROLE_NAMES = ("training", "validation", "not used")
ROLE_TOKENS = ("accent", "curve-2", "text-disabled")
NO_REPORT = "Create a quality report for the displayed result first."


class PositionsView(QWidget):
    """Scatter plot of the scan positions; a click on a position requests its pattern."""

    indexRequested = pyqtSignal(int)
    rolesShown = pyqtSignal(bool)
    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("positionsView")
        self._positions: NDArray[np.floating] = np.zeros((0, 2))
        self._roles: NDArray[np.int8] | None = None
        self._r: NDArray[np.float64] | None = None
        self._canvas: Any = None
        self._layout = in_column(self._make_bar(), 0, of=self, spacing=0, margins=(0, 0, 0, 0))
        theme().changed.connect(self.refresh_colours)

    def _make_bar(self) -> QHBoxLayout:
        label = QLabel("Colour")
        self._choice = dressed(QComboBox(), name="positionColour", spoken="Colour positions by")
        for code, text in CHOICES:
            self._choice.addItem(text, code)
        self._choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._choice.currentIndexChanged.connect(lambda _: self._chosen())
        label.setBuddy(self._choice)
        self._legend = dressed(QLabel(), name="positionLegend")
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        bar = in_row(label, self._choice, (self._legend, 1), spacing=10, margins=(10, 8, 10, 2))
        self.set_r(None)
        return bar

    def _build_canvas(self) -> None:
        """Build the graphics. This is deferred until the first scan, to keep the start-up fast."""
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
        self._bar: Any = EvenColorBar(values=(0, 1), colorMap=colour_map("index"), width=12, interactive=False)
        self._canvas.ci.layout.setContentsMargins(14, 12, 14, 10)
        self._canvas.addItem(self._bar, row=0, col=1)
        self._bar.setVisible(False)
        self._dots.sigClicked.connect(self._clicked)
        self._dots.sigHovered.connect(self._hovered)
        self._layout.addWidget(self._canvas, 1)
        self.refresh_colours()

    def set_positions(self, positions_px: NDArray[np.floating]) -> None:
        """Show positions, (P, 2) as [y, x] in object pixels."""
        if self._canvas is None:
            self._build_canvas()
        self._positions = positions_px
        self._roles = None
        self._mark.clear()
        y, x = (positions_px[:, 0], positions_px[:, 1]) if len(positions_px) else ([], [])
        self._path.setData(x, y)
        self._dots.setData(x=x, y=y, data=np.arange(len(positions_px)))
        self._paint()
        self._plot.autoRange(padding=0.04)
        if self.coloured_by() == ROLE:
            self.rolesShown.emit(True)

    def set_roles(self, roles: NDArray[np.int8]) -> None:
        """Set the role of each position in training, (P,): an index into `ROLE_NAMES`."""
        self._roles = roles
        self._paint()

    def set_r(self, r_per_position: NDArray[np.float64] | None) -> None:
        """Set R of each position, (P,); None if there is no report."""
        self._r = r_per_position
        offer_item(self._choice, self._choice.findData(R), r_per_position is not None, NO_REPORT)
        if r_per_position is None and self.coloured_by() == R:
            self._choice.setCurrentIndex(self._choice.findData(INDEX))
        self._paint()

    def coloured_by(self) -> str:
        """Return what the colours show: 'index', 'role' or 'r'."""
        return str(self._choice.currentData())

    def mark(self, index: int) -> None:
        """Draw a ring around the position of a pattern."""
        if self._canvas is not None and 0 <= index < len(self._positions):
            y, x = self._positions[index]
            self._mark.setData(x=[x], y=[y])

    def refresh_colours(self) -> None:
        """Apply the theme's colours."""
        if self._canvas is None:
            return
        self._canvas.setBackground(theme().colour("canvas"))
        muted = theme().colour("text-muted")
        colour_axes(self._plot.getAxis("left"), self._plot.getAxis("bottom"), self._bar.axis)
        self._plot.setLabel("left", "y (object pixels)", color=muted.name())
        self._plot.setLabel("bottom", "x (object pixels)", color=muted.name())
        faint = theme().colour("border-strong")
        faint.setAlpha(110)
        self._path.setPen(pg.mkPen(faint, width=1))
        self._mark.setPen(pg.mkPen(theme().colour("curve-2"), width=2))
        self._paint()

    def fit(self) -> None:
        """Fit the positions to the view."""
        if self._canvas is not None:
            self._plot.autoRange(padding=0.04)

    def _chosen(self) -> None:
        self.rolesShown.emit(self.coloured_by() == ROLE)
        self._paint()

    def _paint(self) -> None:
        """Colour the positions, and update the legend and the colour bar."""
        count = len(self._positions)
        if self._canvas is None or not count:
            self._legend.clear()
            if self._canvas is not None:
                self._bar.setVisible(False)
            return
        if self.coloured_by() == ROLE and self._roles is not None and len(self._roles) == count:
            self._paint_roles(self._roles)
            return
        if self.coloured_by() == R and self._r is not None and len(self._r) == count:
            low, high = (float(value) for value in np.nanpercentile(self._r, (1, 99)))
            worst = int(np.nanargmax(self._r))
            self._legend.setText(
                f"Median R {np.nanmedian(self._r):.3f}, worst {self._r[worst]:.3f} at position {worst}"
            )
            self._paint_scale(np.nan_to_num(self._r, nan=low), low, max(high, low + 1e-9), "")
            return
        self._legend.clear()
        self._paint_scale(np.arange(count, dtype=np.float64), 0.0, max(count - 1.0, 1.0), "scan index")

    def _paint_scale(self, values: NDArray[np.float64], low: float, high: float, label: str) -> None:
        brushes = [pg.mkBrush(*shade) for shade in colour_map("index").getLookupTable(0.0, 1.0, COLOURS)]
        which = np.clip((values - low) / (high - low) * (COLOURS - 1), 0, COLOURS - 1).astype(int)
        self._dots.setBrush([brushes[index] for index in which])
        self._bar.setLevels((low, high))
        self._bar.axis.setLabel(label, color=theme().colour("text-muted").name())
        self._bar.setVisible(len(values) > 1)

    def _paint_roles(self, roles: NDArray[np.int8]) -> None:
        colours = [theme().colour(token) for token in ROLE_TOKENS]
        brushes = [pg.mkBrush(colour) for colour in colours]
        self._dots.setBrush([brushes[role] for role in roles])
        self._bar.setVisible(False)
        words = []
        for role, (name, colour) in enumerate(zip(ROLE_NAMES, colours, strict=True)):
            number = int((roles == role).sum())
            if number:
                words.append(f"<span style='color:{colour.name()}'>●</span>&nbsp;{name} {number:,}")
        self._legend.setText("&nbsp;&nbsp;&nbsp;".join(words))

    def _clicked(self, _: object, points: Any) -> None:
        if len(points):
            self.indexRequested.emit(int(points[0].data()))

    def _hovered(self, _: object, points: Any) -> None:
        if not len(points):
            self.cursorText.emit("")
            return
        index = int(points[0].data())
        y, x = self._positions[index]
        text = f"position {index}   x {x:.2f}   y {y:.2f} px"
        if self._roles is not None and self.coloured_by() == ROLE and len(self._roles) == len(self._positions):
            text += f"   {ROLE_NAMES[self._roles[index]]}"
        if self._r is not None and len(self._r) == len(self._positions) and np.isfinite(self._r[index]):
            text += f"   R {self._r[index]:.3f}"
        self.cursorText.emit(text)
