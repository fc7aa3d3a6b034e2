"""A logarithmic axis whose labels do not overlap: pyqtgraph's own prints every minor tick's number."""

from __future__ import annotations

import math

import pyqtgraph as pg

ROOM_PER_LABEL = 22
NARROW = 3
STEPS = ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 4, 5, 6, 7, 8, 9))


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Choose tick values (as exponents of ten) between two exponents, at most `most` of them if possible.

    Wide ranges get whole decades, narrow ones 1-2-5 or every digit, very narrow ones evenly spaced values.
    """
    chosen: list[float] = []
    for digits in STEPS:
        ticks = [
            math.log10(digit * 10.0**decade)
            for decade in range(math.floor(low), math.ceil(high) + 1)
            for digit in digits
        ]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) > most:
            break
        chosen = inside
    if len(chosen) >= 2:
        return chosen
    if high - low > 1:
        stride = max(1, math.ceil((high - low) / max(most, 1)))
        return [float(decade) for decade in range(math.ceil(low), math.floor(high) + 1, stride)]
    return _even_ticks(low, high, most)


def _even_ticks(low: float, high: float, most: int) -> list[float]:
    first, last = 10.0**low, 10.0**high
    rough = (last - first) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    steps = [factor * power for factor in (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)]
    fitting = next(index for index, step in enumerate(steps) if step >= rough)
    # One label alone says nothing about the scale; a finer step then has at most two or three.
    for step in (steps[fitting], steps[max(0, fitting - 1)]):
        values = [step * index for index in range(math.ceil(first / step), math.floor(last / step) + 1)]
        if len(values) >= 2:
            break
    return [math.log10(value) for value in values if value > 0]


def _texts(values: list[float]) -> list[str]:
    """Write ticks as plain numbers; those of a narrow range, which lie evenly, with equally many decimals."""
    texts = [f"{value:.4g}" for value in values]
    if len(values) < 2 or max(values) > NARROW * min(values) or any("e" in text for text in texts):
        return texts
    decimals = max(len(text.partition(".")[2]) for text in texts)
    return [f"{value:.{decimals}f}" for value in values]


class LogAxis(pg.AxisItem):  # type: ignore[misc]
    """Axis for a plot in log mode; linear mode is pyqtgraph's own."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float | None, list[float]]]:
        """Give the labelled ticks only."""
        if not self.logMode:
            ticks: list[tuple[float | None, list[float]]] = super().tickValues(minVal, maxVal, size)
            return ticks
        low, high = sorted((minVal, maxVal))
        return [(None, log_ticks(low, high, max(2, int(size / ROOM_PER_LABEL))))]

    def tickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        """Write ticks as plain numbers."""
        if not self.logMode:
            strings: list[str] = super().tickStrings(values, scale, spacing)
            return strings
        return _texts([10.0**value for value in values])
