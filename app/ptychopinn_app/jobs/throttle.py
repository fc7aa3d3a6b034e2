"""Limit the rate of frequent events on their way to the window; the newest of each kind wins (no Qt)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from ptychopinn_app.jobs.call import Emit

PERIOD_SECONDS: Mapping[str, float] = {"Preview": 0.2, "Batch": 0.1}


class Throttle:
    """Passes events on; previews at most five and batches at most ten times a second."""

    def __init__(self, emit: Emit, clock: Callable[[], float] = time.monotonic) -> None:
        self._emit = emit
        self._clock = clock
        self._sent: dict[str, float] = {}
        self._held: dict[str, object] = {}

    def __call__(self, event: object) -> None:
        """Pass on an event, now or later."""
        kind = type(event).__name__
        if kind in PERIOD_SECONDS:
            self._held[kind] = event
        else:
            self._emit(event)
        self._send_due()

    def flush(self) -> None:
        """Send the events that are still held back."""
        for event in self._held.values():
            self._emit(event)
        self._held.clear()

    def _send_due(self) -> None:
        now = self._clock()
        for kind in list(self._held):
            if now - self._sent.get(kind, float("-inf")) >= PERIOD_SECONDS[kind]:
                self._sent[kind] = now
                self._emit(self._held.pop(kind))
