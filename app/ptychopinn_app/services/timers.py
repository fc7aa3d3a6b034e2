"""Timers that call a function."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


def delayed(parent: QObject, call: Callable[[], object], delay_ms: int = 0) -> QTimer:
    """Create a single-shot timer that calls a function after a delay; starting it again restarts the delay."""
    timer = repeated(parent, call, delay_ms)
    timer.setSingleShot(True)
    return timer


def repeated(parent: QObject, call: Callable[[], object], period_ms: int) -> QTimer:
    """Create a timer that, once started, calls a function periodically."""
    timer = QTimer(parent)
    timer.setInterval(period_ms)
    timer.timeout.connect(call)
    return timer
