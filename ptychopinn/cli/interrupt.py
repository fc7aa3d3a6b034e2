"""Ctrl-C: the first press requests an orderly stop; the second ends the program immediately."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stop_on_interrupt(sentence: str) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a stop request and print ``sentence``; a second Ctrl-C raises KeyboardInterrupt.

    Yields
    ------
    callable
        Returns True after Ctrl-C.
    """
    pressed = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()
        print(f"\n{sentence} Press Ctrl-C again to quit immediately.", file=sys.stderr, flush=True)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
