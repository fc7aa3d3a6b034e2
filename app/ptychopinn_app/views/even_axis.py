"""An axis whose labels are evenly spaced, all with the same number of decimals, and with a true minus sign."""

from __future__ import annotations

import math

import pyqtgraph as pg

ROOM_PER_LABEL, MOST_LABELS = 32, 10


def even_step(span: float, most: int) -> float:
    """Give the smallest of 1, 2, 5 times a power of ten that divides a span into at most `most` parts."""
    rough = span / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough * (1 - 1e-9))


def even_texts(values: list[float], step: float) -> list[str]:
    """Write the values of ticks that lie `step` apart."""
    largest = max((abs(value) for value in values), default=0.0)
    if largest >= 1e5 or 0 < largest < 1e-3:
        return [_true_minus(f"{0.0 if abs(value) < 1e-6 * step else value:.3g}") for value in values]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [_true_minus(f"{0.0 if abs(value) < 1e-6 * step else value:.{decimals}f}") for value in values]


def _true_minus(text: str) -> str:
    return text.replace("-", "−")


def even_ticks(low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
    """Give one level of ticks for an axis of some pixels: their distance and their values."""
    low, high = sorted((low, high))
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    step = even_step(high - low, min(MOST_LABELS, max(2, int(size / ROOM_PER_LABEL))))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(step, [index * step for index in range(first, last + 1)])]


# Round angles of a whole circle.
CIRCLE = ((-1.0, "−π"), (-0.5, "−π/2"), (0.0, "0"), (0.5, "π/2"), (1.0, "π"))


class EvenColorBar(pg.ColorBarItem):  # type: ignore[misc]
    """A colour bar with such an axis; pyqtgraph's own mixes 1.1 with 1.05, as it labels two levels of ticks."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        # pyqtgraph gives no other way to choose the axis, and has connected its own by now.
        self.axis.tickValues = even_ticks
        self.axis.tickStrings = lambda values, scale, spacing: even_texts([v * scale for v in values], spacing * scale)

    def mark_circle(self, whole: bool) -> None:
        """Label the angles of a whole circle in parts of pi, or return to numbers."""
        self.axis.setTicks([[(part * math.pi, text) for part, text in CIRCLE]] if whole else None)
