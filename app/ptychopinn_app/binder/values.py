"""Conversion of settings values to text, and a class for text that is not a valid value (no Qt)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import PurePath

GB = 2**30


@dataclass(frozen=True)
class Invalid:
    """Text that is not a valid value for its field, with a sentence explaining why."""

    text: str
    sentence: str


def number_text(value: float | int) -> str:
    """Format a number in its shortest form that reads back exactly: 0.001, 1e9, 2.5e-7."""
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    text = next(t for t in (f"{value:.{digits}g}" for digits in range(1, 18)) if float(t) == value)
    if "e" in text and 1 <= abs(value) < 1e6:
        text = f"{value:.0f}"
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def value_text(value: object, unset: str = "automatic", unit: str = "") -> str:
    """Format a value as shown in the form: 'on', '0.001', '5 min'; None becomes `unset`."""
    if isinstance(value, Invalid):
        return value.text
    if value is None:
        return unset
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, PurePath):
        return value.name
    text = number_text(value) if isinstance(value, int | float) else str(value)
    return f"{text} {unit}" if unit else text


def in_gb(size: float) -> str:
    """Format a number of bytes in GB (2**30 bytes): '0.84', '2.1', '24'."""
    value = size / GB
    return f"{value:.2f}" if value < 0.995 else f"{value:.1f}" if value < 9.95 else f"{value:.0f}"
