"""Images with title, colour bar, scale bar and level control, alone or side by side."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSplitter, QToolButton, QWidget

from ptychopinn_app.theme import theme
from ptychopinn_app.views.axes import EvenColorBar, colour_axes
from ptychopinn_app.views.colormaps import colour_map
from ptychopinn_app.views.levels import held_levels, percentile_levels, wraps
from ptychopinn_app.views.scale_bar import MARGIN, ScaleBar
from ptychopinn_app.widgets import STRETCH, dressed, in_column, in_row

pg.setConfigOptions(imageAxisOrder="row-major", antialias=True)

# Red, green, blue, opacity: a colour that is in none of the maps.
OVERLAY = (0, 229, 255, 210)


class ImagePanel(QWidget):
    """Shows a real-valued image. Levels follow percentiles, with hysteresis, until the user drags the colour bar."""

    cursorMoved = pyqtSignal(object)
    viewChanged = pyqtSignal(QRectF)

    def __init__(self, title: str, maps: tuple[str, ...], unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: NDArray[np.floating] | None = None
        self._pixel_size_m: float | None = None
        self._region: tuple[slice, slice] | None = None
        self._levels: tuple[float, float] | None = None
        # Levels of another image, used instead of automatic ones.
        self._taken: tuple[float, float] | None = None
        self._forced_map = ""
        self._fitted = True
        self._applying = False
        self._canvas: Any = None
        self._root = in_column(self._make_header(title, maps, unit), of=self, spacing=0, margins=(0, 0, 0, 0))
        theme().changed.connect(self.refresh_colours)
        self.refresh_colours()

    def _build_canvas(self) -> None:
        """Build the graphics. This is deferred until the first image, because it would dominate the start-up time."""
        self._canvas = pg.GraphicsLayoutWidget()
        self._canvas.ci.layout.setContentsMargins(0, 5, 0, 5)
        self._canvas.ci.layout.setSpacing(6)
        self._canvas.setAcceptDrops(False)
        self._box: Any = self._canvas.addViewBox(row=0, col=0, lockAspect=True, invertY=True, enableMenu=False)
        self._box.setDefaultPadding(0.0)
        self._item: Any = pg.ImageItem(autoDownsample=True)
        self._overlay: Any = pg.ImageItem()
        for item in (self._item, self._overlay):
            self._box.addItem(item)
        self._bar: Any = EvenColorBar(values=(0, 1), colorMap=colour_map("grey"), width=12, interactive=True)
        self._bar.setImageItem(self._item)
        self._canvas.addItem(self._bar, row=0, col=1)
        self._scale_bar = ScaleBar(self._canvas)
        self._scale_bar.hide()
        self._bar.sigLevelsChanged.connect(self._levels_dragged)
        self._box.sigRangeChanged.connect(self._range_changed)
        self._box.sigRangeChangedManually.connect(self._zoomed)
        self._canvas.scene().sigMouseMoved.connect(self._mouse_moved)
        self._root.addWidget(self._canvas, 1)
        self.refresh_colours()

    def _make_header(self, title: str, maps: tuple[str, ...], unit: str) -> QHBoxLayout:
        name = title.lower()
        self._title = dressed(QLabel(title), role="title")
        self._unit = dressed(QLabel(unit), role="muted")
        self._maps = dressed(QComboBox(), role="compact", spoken=f"Colour map of {name}", tip="Colour map")
        self._maps.addItems(list(maps))
        self._maps.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._maps.currentTextChanged.connect(self._choose_map)
        tip = "Automatic levels (percentiles). Drag the colour bar to set them manually."
        self._auto = dressed(QToolButton(), spoken=f"Automatic levels of {name}", tip=tip)
        self._auto.setCheckable(True)
        self._auto.setChecked(True)
        self._auto.toggled.connect(self._auto_toggled)
        self._fit = dressed(QToolButton(), spoken=f"Fit {name} to the view", tip="Fit the image to the view")
        self._fit.clicked.connect(self.fit)
        for button in (self._auto, self._fit):
            button.setIconSize(QSize(16, 16))
        items = (self._title, self._unit, STRETCH, self._maps, self._auto, self._fit)
        return in_row(*items, spacing=4, margins=(10, 4, 6, 2))

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title)

    def set_unit(self, unit: str, tip: str = "") -> None:
        """Change the unit next to the title, and the unit's tool tip."""
        self._unit.setText(unit)
        self._unit.setToolTip(tip)

    def force_map(self, name: str) -> None:
        """Use a colour map instead of the selected one; '' restores the selected one."""
        if name == self._forced_map:
            return
        self._forced_map = name
        self._maps.setVisible(not name)
        # Levels set by hand belong to the previous image.
        self.forget_levels()

    def prepare(self) -> None:
        """Build the graphics before the first image, while the application is idle."""
        if self._canvas is None:
            self._build_canvas()
            self.set_image(None)

    def set_image(
        self,
        image: NDArray[np.floating] | None,
        pixel_size_m: float | None = None,
        region: tuple[slice, slice] | None = None,
    ) -> None:
        """Show an image; None clears the panel.

        Parameters
        ----------
        image : (rows, columns) real; NaN is transparent
        pixel_size_m : width and height of a pixel in metres, None if unknown
        region : rows and columns to which the view is fitted; None for all
        """
        before = None if self._image is None else (self._image.shape, self._region)
        self._image, self._region, self._pixel_size_m, self._taken = image, region, pixel_size_m, None
        if self._canvas is None:
            if image is None:
                return
            self._build_canvas()
        self._bar.setVisible(image is not None)
        self._scale_bar.setVisible(image is not None)
        if image is None:
            self._item.clear()
            self._levels = None
            return
        if self._auto.isChecked():
            levels = percentile_levels(image)
            # With a narrower range, a cyclic map would show two phases in the same colour.
            cyclic = self._map_name(levels) == "cyclic"
            self._levels = (-np.pi, np.pi) if cyclic else held_levels(self._levels, levels)
            self._bar.setColorMap(colour_map(self._map_name(levels)))
        self._applying = True
        self._item.setImage(image, autoLevels=False, levels=self._levels)
        self._applying = False
        self._show_levels()
        if before != (image.shape, region):
            self.fit()
        self._place_scale_bar()

    def _show_levels(self) -> None:
        self._applying = True
        self._bar.setLevels(self._levels)
        self._bar.mark_circle(self._levels == (-np.pi, np.pi))
        self._item.setLevels(self._levels)
        self._applying = False

    def set_overlay(self, mask: NDArray[np.bool_] | None) -> None:
        """Mark the pixels of a mask (rows, columns) in the image; None removes the marks."""
        if self._canvas is None:
            return
        if mask is None or self._image is None or mask.shape != self._image.shape:
            self._overlay.clear()
            return
        paint = np.zeros((*mask.shape, 4), dtype=np.ubyte)
        paint[mask] = OVERLAY
        self._overlay.setImage(paint, autoLevels=False, levels=(0, 255))

    def take_levels(self, levels: tuple[float, float] | None) -> None:
        """If levels are automatic, apply the levels of another image to the current image only."""
        self._taken = levels
        if levels is None or self._image is None or not self._auto.isChecked():
            return
        self._levels = levels
        self._show_levels()

    def forget_levels(self) -> None:
        """Choose new levels for the next image, e.g. for another scan or run."""
        self._levels = None
        self._auto.setChecked(True)

    def levels(self) -> tuple[float, float] | None:
        """Return the display levels (low, high); None if they are not set."""
        return self._levels

    def view_rectangle(self) -> QRectF:
        """Return the visible part of the image, in pixels."""
        return QRectF(self._box.viewRect())

    def show_rectangle(self, rectangle: QRectF) -> None:
        """Zoom to a part of the image without emitting `viewChanged`."""
        if self._canvas is None:
            return
        self._fitted = False
        self._applying = True
        self._box.setRange(rect=rectangle, padding=0)
        self._applying = False
        self._place_scale_bar()

    def fit(self) -> None:
        """Fit the image to the view."""
        self._fitted = True
        if self._image is not None:
            rows, columns = (slice(0, side) for side in self._image.shape) if self._region is None else self._region
            self._box.setRange(xRange=(columns.start, columns.stop), yRange=(rows.start, rows.stop), padding=0.0)

    def refresh_colours(self) -> None:
        """Apply the theme's colours."""
        self._auto.setIcon(theme().icon("levels", "text-muted"))
        self._fit.setIcon(theme().icon("fit", "text-muted"))
        if self._canvas is None:
            return
        self._canvas.setBackground(theme().colour("canvas"))
        colour_axes(self._bar.axis)
        font = self.font()
        font.setPixelSize(11)
        self._bar.axis.setTickFont(font)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the image to the new size if it was fitted to the old one."""
        super().resizeEvent(event)
        # The graphics layout gets its new size after this event.
        QTimer.singleShot(0, self._after_resize)

    def _after_resize(self) -> None:
        if self._fitted:
            self.fit()
        self._place_scale_bar()

    def _choose_map(self, _: str) -> None:
        if self._canvas is None or self._image is None:
            return
        if self._auto.isChecked():
            self._redraw()
        else:
            self._bar.setColorMap(colour_map(self._map_name(self._levels or (0.0, 1.0))))

    def _map_name(self, levels: tuple[float, float]) -> str:
        name = self._forced_map or self._maps.currentText()
        if name != "auto":
            return name
        return "cyclic" if wraps(levels) else "viridis"

    def _auto_toggled(self, on: bool) -> None:
        if on and self._image is not None:
            self._redraw()

    def _redraw(self) -> None:
        """Redraw the image with automatic levels, or with the levels taken from another image."""
        taken, self._levels = self._taken, None
        self.set_image(self._image, self._pixel_size_m, self._region)
        self.take_levels(taken)

    def _levels_dragged(self) -> None:
        if not self._applying:
            self._levels = tuple(self._bar.levels())
            self._bar.mark_circle(False)
            self._auto.setChecked(False)

    def _zoomed(self) -> None:
        self._fitted = False
        self.viewChanged.emit(self.view_rectangle())

    def _range_changed(self) -> None:
        self._place_scale_bar()
        if not self._applying and not self._fitted:
            self.viewChanged.emit(self.view_rectangle())

    def _place_scale_bar(self) -> None:
        if self._image is None:
            return
        pixel_width, _ = self._box.viewPixelSize()
        if not np.isfinite(pixel_width) or pixel_width <= 0:
            return
        self._scale_bar.set_scale(float(pixel_width), self._pixel_size_m)
        area = self._box.sceneBoundingRect()
        rows = self._image.shape[0]
        corner = self._box.mapViewToScene(QPointF(0.0, float(rows)))
        left = max(area.left(), min(corner.x(), area.right() - self._scale_bar.width() - 2 * MARGIN)) + MARGIN
        bottom = min(area.bottom(), max(corner.y(), area.top() + self._scale_bar.height() + 2 * MARGIN)) - MARGIN
        self._scale_bar.move(round(left), round(bottom) - self._scale_bar.height())

    def _mouse_moved(self, scene_point: Any) -> None:
        self.cursorMoved.emit(self.pixel_at(scene_point))

    def pixel_at(self, scene_point: Any) -> tuple[int, int, float] | None:
        """Return (y, x, value) at a point of the scene; None outside the image."""
        if self._image is None or not self._box.sceneBoundingRect().contains(scene_point):
            return None
        point = self._box.mapSceneToView(scene_point)
        y, x = int(np.floor(point.y())), int(np.floor(point.x()))
        rows, columns = self._image.shape
        return (y, x, float(self._image[y, x])) if 0 <= y < rows and 0 <= x < columns else None


class LinkedPanels(QSplitter):
    """Image panels side by side that zoom and pan together."""

    def __init__(self, *panels: ImagePanel, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setChildrenCollapsible(False)
        self.panels = panels
        for panel in panels:
            self.addWidget(panel)
        for first, second in permutations(panels, 2):
            first.viewChanged.connect(second.show_rectangle)
        self.setSizes([1000] * len(panels))

    def fit(self) -> None:
        """Fit the images to the view."""
        for panel in self.panels:
            panel.fit()

    def forget_levels(self) -> None:
        """Choose new levels for the next images."""
        for panel in self.panels:
            panel.forget_levels()
