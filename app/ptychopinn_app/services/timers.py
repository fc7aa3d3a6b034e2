"""Create timers that call a function."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


def delayed(parent: QObject, call: Callable[[], object], delay_ms: int = 0) -> QTimer:
    """Create a timer that calls once after its start; a start while it runs restarts the delay."""
    timer = repeated(parent, call, delay_ms)
    timer.setSingleShot(True)
    return timer


def repeated(parent: QObject, call: Callable[[], object], period_ms: int) -> QTimer:
    """Create a timer that calls periodically after its start."""
    timer = QTimer(parent)
    timer.setInterval(period_ms)
    timer.timeout.connect(call)
    return timer
