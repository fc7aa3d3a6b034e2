"""Training and validation loss per epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QLabel, QWidget

from ptychopinn_app.theme import theme
from ptychopinn_app.views.axes import EpochAxis, LogAxis, colour_axes
from ptychopinn_app.widgets import STRETCH, dressed, in_column, in_row

EMPTY = "The loss curves appear here during training."
TRAINING = ("training", "validation")
TOKENS = ("curve-1", "curve-2")


class LossPlot(QWidget):
    """Plots the training and validation losses of one run, or the losses of two runs, on a log or linear axis.

    `names` are the names of the two curves; if they are `TRAINING`, the plot shows one run and marks its best epoch.
    """

    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None, names: tuple[str, str] = TRAINING) -> None:
        super().__init__(parent)
        self._names = names
        self.setObjectName("lossPlot" if names == TRAINING else "runsLossPlot")
        self._loss = self._val_loss = np.zeros(0)
        self._plot: Any = pg.PlotWidget(axisItems={"left": LogAxis("left"), "bottom": EpochAxis("bottom")})
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.showGrid(x=False, y=True, alpha=0.18)
        self._train: Any = self._plot.plot([], [])
        self._val: Any = self._plot.plot([], [])
        self._best: Any = self._plot.plot([], [], pen=None, symbol="star", symbolSize=15)
        self._plot.getAxis("left").setWidth(64)
        self._plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self._empty = dressed(QLabel(EMPTY if names == TRAINING else "Neither run recorded losses."), role="muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        parts = (self._make_header(), (self._empty, 1), (self._plot, 1))
        in_column(*parts, of=self, spacing=0, margins=(0, 0, 8, 4))
        theme().changed.connect(self.refresh_colours)
        self.refresh_colours()
        self._draw()

    def _make_header(self) -> QWidget:
        self._legend = QLabel()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._log = QCheckBox("Log scale")
        self._log.setChecked(True)
        self._log.toggled.connect(self._draw)
        self._header = QWidget()
        in_row(self._legend, STRETCH, self._log, of=self._header, margins=(14, 6, 6, 0))
        return self._header

    def set_curves(self, loss: Sequence[float], val_loss: Sequence[float]) -> None:
        """Show the losses of epochs 1, 2, …; `val_loss` may be empty, or NaN where it was not computed."""
        self._loss = np.asarray(loss, dtype=float)
        self._val_loss = np.asarray(val_loss, dtype=float)
        self._draw()

    def fit(self) -> None:
        """Fit the curves to the view."""
        self._plot.setXRange(1, max(2, self._epochs), padding=0.03)
        self._plot.enableAutoRange(axis="y")

    def best_epoch(self) -> int | None:
        """Return the epoch (from 1) with the smallest validation loss, or training loss if there is no validation."""
        curve = self._judged()
        return int(np.nanargmin(curve)) + 1 if np.isfinite(curve).any() else None

    def _judged(self) -> NDArray[np.float64]:
        return self._val_loss if np.isfinite(self._val_loss).any() else self._loss

    def is_log(self) -> bool:
        """Whether the loss axis is logarithmic."""
        return self._log.isChecked() and self._positive()

    def refresh_colours(self) -> None:
        """Apply the theme's colours."""
        colour = theme().colour
        self._plot.setBackground(colour("canvas"))
        colour_axes(self._plot.getAxis("left"), self._plot.getAxis("bottom"))
        self._plot.setLabel("bottom", "epoch", color=colour("text-muted").name())
        for curve, token in zip((self._train, self._val), TOKENS, strict=True):
            curve.setPen(pg.mkPen(colour(token), width=2))
            curve.setSymbolBrush(colour(token))
        self._best.setSymbolBrush(colour("curve-2"))
        self._best.setSymbolPen(pg.mkPen(colour("canvas"), width=1))
        self._write_legend()

    def _positive(self) -> bool:
        values = np.concatenate([self._loss, self._val_loss])
        values = values[np.isfinite(values)]
        return bool(values.size) and bool((values > 0).all())

    def _draw(self) -> None:
        for widget in (self._header, self._plot):
            widget.setVisible(self._epochs > 0)
        self._empty.setVisible(self._epochs == 0)
        possible = self._positive() or not self._epochs
        self._log.setEnabled(possible)
        self._log.setToolTip("" if possible else "A log scale needs positive losses; some are zero or negative.")
        self._plot.setLogMode(x=False, y=self.is_log())
        few = self._epochs < 40
        for item, values in ((self._train, self._loss), (self._val, self._val_loss)):
            finite = np.isfinite(values)
            epochs = np.arange(1, values.size + 1)[finite]
            item.setData(epochs, values[finite], symbol="o" if few else None, symbolSize=5, symbolPen=None)
        self.refresh_colours()
        best = self.best_epoch()
        if best is None or self._names != TRAINING:
            self._best.setData([], [])
        else:
            self._best.setData([best], [self._judged()[best - 1]])
        self.fit()

    @property
    def _epochs(self) -> int:
        return max(self._loss.size, self._val_loss.size)

    def _write_legend(self) -> None:
        parts = []
        for token, name, curve in zip(TOKENS, self._names, (self._loss, self._val_loss), strict=True):
            finite = curve[np.isfinite(curve)]
            if finite.size:
                parts.append(_entry(token, "●", name, finite[-1]))
        best = self.best_epoch()
        if best is not None and self._names == TRAINING:
            curve = self._judged()
            token = TOKENS[1] if curve is self._val_loss else TOKENS[0]
            parts.append(_entry(token, "★", f"best epoch {best}", curve[best - 1]))
        self._legend.setText("&nbsp;&nbsp;&nbsp;&nbsp;".join(parts))

    def _mouse_moved(self, where: Any) -> None:
        point = self._plot.getPlotItem().vb.mapSceneToView(where)
        epoch = round(point.x())
        if not 1 <= epoch <= self._epochs:
            self.cursorText.emit("")
            return
        text = f"epoch {epoch}"
        for name, curve in zip(self._names, (self._loss, self._val_loss), strict=True):
            if epoch <= curve.size and np.isfinite(curve[epoch - 1]):
                text += f"   {name} {curve[epoch - 1]:.5g}"
        self.cursorText.emit(text)


def _entry(token: str, mark: str, name: str, value: float) -> str:
    colour, muted = theme().colour(token).name(), theme().colour("text-muted").name()
    return f"<span style='color:{colour}'>{mark}</span> <span style='color:{muted}'>{name}</span> {value:.4g}"
