"""Icons drawn on demand from SVG in the theme's colours."""

from __future__ import annotations

from PyQt6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer


class TintedEngine(QIconEngine):
    """Draws an SVG in one colour, and in another when disabled."""

    def __init__(self, svg: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._svg, self._colour, self._disabled = svg, colour, disabled

    def clone(self) -> QIconEngine:
        """Return a copy."""
        return TintedEngine(self._svg, self._colour, self._disabled)

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the icon into a rectangle."""
        if painter is not None:
            colour = self._disabled if mode == QIcon.Mode.Disabled else self._colour
            renderer = QSvgRenderer(QByteArray(self._svg.replace("currentColor", colour).encode()))
            renderer.render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return a pixmap of `size` device pixels."""
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return picture
