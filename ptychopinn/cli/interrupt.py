"""Ctrl-C: the first one stops the job and keeps its work, the second one ends it at once."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequest:
    """Whether Ctrl-C was pressed; calling it answers."""

    def __init__(self) -> None:
        self.pressed = False

    def __call__(self) -> bool:
        """Return True after Ctrl-C."""
        return self.pressed


@contextmanager
def stop_on_interrupt(sentence: str) -> Iterator[StopRequest]:
    """Turn the first Ctrl-C into a request to stop, saying ``sentence``; the second raises KeyboardInterrupt."""
    request = StopRequest()

    def handle(number: int, frame: FrameType | None) -> None:
        if request.pressed:
            raise KeyboardInterrupt
        request.pressed = True
        print(f"\n{sentence} Press Ctrl-C again to end at once.", file=sys.stderr, flush=True)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield request
    finally:
        signal.signal(signal.SIGINT, before)
