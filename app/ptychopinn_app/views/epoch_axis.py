"""An axis for epochs: whole numbers only."""

from __future__ import annotations

import pyqtgraph as pg


class EpochAxis(pg.AxisItem):  # type: ignore[misc]
    """pyqtgraph's axis without ticks between whole numbers."""

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        """Give the distances of major and minor ticks, none below one."""
        spacings: list[tuple[float, float]] = super().tickSpacing(minVal, maxVal, size)
        return [(max(1.0, float(round(spacing))), 0.0) for spacing, _ in spacings[:2]]
