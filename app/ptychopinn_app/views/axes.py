"""Axes with evenly spaced labels, logarithmic axes and epoch axes, all without overlapping labels."""

from __future__ import annotations

import math

import pyqtgraph as pg

from ptychopinn_app.theme import theme

# Pixels per label along a linear and along a logarithmic axis.
ROOM_PER_LABEL, ROOM_PER_LOG_LABEL = 32, 22
MOST_LABELS = 10
# Up to this ratio of largest to smallest label, a logarithmic axis uses the same number of decimals for all.
NARROW = 3
DIGITS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 4, 5, 6, 7, 8, 9))
# Round angles on a circle, in units of pi.
CIRCLE = ((-1.0, "−π"), (-0.5, "−π/2"), (0.0, "0"), (0.5, "π/2"), (1.0, "π"))


def colour_axes(*axes: pg.AxisItem) -> None:
    """Apply the theme's colours to lines and labels."""
    for axis in axes:
        axis.setPen(pg.mkPen(theme().colour("border")))
        axis.setTextPen(theme().colour("text-muted"))


def even_step(span: float, most: int) -> float:
    """Return the smallest step (1, 2 or 5 times a power of ten) that divides a span into at most `most` parts."""
    return _round_up(span / max(most, 1))


def _round_up(number: float) -> float:
    power = 10.0 ** math.floor(math.log10(number))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= number * (1 - 1e-9))


def even_texts(values: list[float], step: float) -> list[str]:
    """Format tick values that are `step` apart, all with the same number of decimals."""
    largest = max((abs(value) for value in values), default=0.0)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    form = ".3g" if largest >= 1e5 or 0 < largest < 1e-3 else f".{decimals}f"
    rounded = (0.0 if abs(value) < 1e-6 * step else value for value in values)
    # A true minus sign instead of a hyphen.
    return [f"{value:{form}}".replace("-", "−") for value in rounded]


def even_ticks(low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
    """Return a single level of ticks (spacing, values) for an axis of `size` pixels."""
    low, high = sorted((low, high))
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    step = even_step(high - low, min(MOST_LABELS, max(2, int(size / ROOM_PER_LABEL))))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(step, [index * step for index in range(first, last + 1)])]


class EvenColorBar(pg.ColorBarItem):  # type: ignore[misc]
    """A colour bar with evenly spaced labels of equal precision; pyqtgraph would mix labels such as 1.1 and 1.05."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        # pyqtgraph has no option for the axis, and has already connected its own.
        self.axis.tickValues = even_ticks
        self.axis.tickStrings = lambda values, scale, spacing: even_texts([v * scale for v in values], spacing * scale)

    def mark_circle(self, whole: bool) -> None:
        """Label the bar in multiples of pi if it spans a full circle of phase (`whole`), otherwise in plain numbers."""
        self.axis.setTicks([[(part * math.pi, text) for part, text in CIRCLE]] if whole else None)


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return ticks between `low` and `high`, at most `most` if possible; ticks and limits are base-10 logarithms.

    Wide ranges have ticks at powers of ten. Narrower ranges also have ticks between the powers of ten: at 3, at 2 and
    5, or at every digit. Very narrow ranges have evenly spaced ticks.
    """
    chosen: list[float] = []
    decades = range(math.floor(low), math.ceil(high) + 1)
    for digits in DIGITS:
        ticks = [math.log10(digit * 10.0**decade) for decade in decades for digit in digits]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) > most:
            break
        chosen = inside
    if len(chosen) >= 2:
        return chosen
    if high - low > 1:
        stride = max(1, math.ceil((high - low) / max(most, 1)))
        return [float(decade) for decade in range(math.ceil(low), math.floor(high) + 1, stride)]
    return _even_log_ticks(10.0**low, 10.0**high, most)


def _even_log_ticks(first: float, last: float, most: int) -> list[float]:
    if last <= first:
        return []
    step = even_step(last - first, most - 1)
    # A single label does not show the scale; the next finer step has two or three.
    for distance in (step, _round_up(0.4 * step)):
        values = [distance * index for index in range(math.ceil(first / distance), math.floor(last / distance) + 1)]
        if len(values) >= 2:
            break
    return [math.log10(value) for value in values if value > 0]


def _log_texts(values: list[float]) -> list[str]:
    texts = [f"{value:.4g}" for value in values]
    if len(values) < 2 or max(values) > NARROW * min(values) or any("e" in text for text in texts):
        return texts
    decimals = max(len(text.partition(".")[2]) for text in texts)
    return [f"{value:.{decimals}f}" for value in values]


class LogAxis(pg.AxisItem):  # type: ignore[misc]
    """Axis with few labels in log mode, where pyqtgraph would label every minor tick; unchanged in linear mode."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float | None, list[float]]]:
        """Return only the ticks that get a label."""
        if not self.logMode:
            return super().tickValues(minVal, maxVal, size)
        low, high = sorted((minVal, maxVal))
        return [(None, log_ticks(low, high, max(2, int(size / ROOM_PER_LOG_LABEL))))]

    def tickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        """Format ticks as plain numbers."""
        if not self.logMode:
            return super().tickStrings(values, scale, spacing)
        return _log_texts([10.0**value for value in values])


class EpochAxis(pg.AxisItem):  # type: ignore[misc]
    """Axis with ticks at whole numbers only."""

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        """Return the spacings of major and minor ticks, each at least 1."""
        spacings: list[tuple[float, float]] = super().tickSpacing(minVal, maxVal, size)
        return [(max(1.0, float(round(spacing))), 0.0) for spacing, _ in spacings[:2]]
