"""Words for people."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which is in the plural unless there is exactly one: '1 epoch', '2 epochs'."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
