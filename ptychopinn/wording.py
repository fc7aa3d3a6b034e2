"""Wording of numbers in sentences."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless the number is 1: '1 epoch', '2,000 epochs'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
