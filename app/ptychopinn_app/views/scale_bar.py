"""A scale bar on top of an image, in pixels or metres."""

from __future__ import annotations

import math

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

TARGET_WIDTH = 90
MARGIN = 12
PREFIXES = ((1e-3, "mm"), (1e-6, "µm"), (1e-9, "nm"), (1e-12, "pm"))


def nice_length(longest: float) -> float:
    """Return the largest number of the form 1, 2 or 5 times a power of ten that does not exceed `longest`."""
    power = 10.0 ** math.floor(math.log10(longest))
    return next(step * power for step in (5, 2, 1) if step * power <= longest * (1 + 1e-9))


def length_text(length: float, pixel_size_m: float | None) -> str:
    """Format a length in object pixels, or in metres with an SI prefix if the pixel size is known."""
    if pixel_size_m is None:
        return f"{length:g} px"
    scale, unit = next(((s, u) for s, u in PREFIXES if length >= s * (1 - 1e-9)), PREFIXES[-1])
    return f"{length / scale:.4g} {unit}"


class ScaleBar(QWidget):
    """Light bar on a dark pill, readable on any image and in any theme."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedHeight(34)
        self._width = 0.0
        self._text = ""

    def set_scale(self, image_px_per_screen_px: float, pixel_size_m: float | None) -> None:
        """Choose a round length for the current zoom."""
        unit = pixel_size_m or 1.0
        length = nice_length(max(TARGET_WIDTH * image_px_per_screen_px * unit, 1e-15))
        self._width = length / unit / image_px_per_screen_px
        self._text = length_text(length, pixel_size_m)
        self.setFixedWidth(max(round(self._width), self.fontMetrics().horizontalAdvance(self._text)) + 20)
        self.update()

    def text(self) -> str:
        """Return the length as text."""
        return self._text

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the pill, the text and the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(10, 13, 18, 165))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        painter.setPen(QColor("#f2f5f9"))
        font = self.font()
        font.setPixelSize(11)
        painter.setFont(font)
        painter.drawText(QRectF(0, 4, self.width(), 16), Qt.AlignmentFlag.AlignCenter, self._text)
        left = (self.width() - self._width) / 2
        painter.fillRect(QRectF(left, 23, self._width, 3.5), QColor("#f2f5f9"))
        painter.end()
