"""Range rules for the options, each with its error message."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ptychopinn.config.field import FieldInfo, describe
from ptychopinn.errors import ConfigError


def field_problems(config: Any) -> dict[str, str]:
    """Map each out-of-range option of a configuration dataclass to a sentence that describes the problem."""
    sentences = {info.name: _problem(info, getattr(config, info.name)) for info in describe(type(config))}
    return {name: sentence for name, sentence in sentences.items() if sentence}


def refuse(problems: Mapping[str, str]) -> None:
    """Raise :class:`ConfigError` (a ValueError) with the first sentence in ``problems``, if there is any."""
    for sentence in problems.values():
        raise ConfigError(sentence)


def problem(name: str, value: Any, expected: str, remedy: str) -> str:
    """Return a sentence about an unusable value; it starts with the name of the option."""
    return f"{name} is {value}; expected {expected}. {remedy}"


def _problem(info: FieldInfo, value: Any) -> str | None:
    name = info.name
    if value is None:
        return None if info.optional else problem(name, value, "a value", "Enter a value.")
    if info.choices is not None:
        allowed = ", ".join(str(choice) for choice in info.choices)
        return None if value in info.choices else problem(name, repr(value), f"one of {allowed}", "Choose one of them.")
    if info.type not in (int, float):
        return None
    if isinstance(value, bool) or not _is_number(value):
        return problem(name, repr(value), "a number", "Write digits without quotes, for example 0.001.")
    if not math.isfinite(value):
        return problem(name, value, "a finite number", "Enter another value.")
    if info.type is int and int(value) != value:
        return problem(name, value, "a whole number", f"Set it to {round(value)}.")
    if info.positive and not value > 0:
        return problem(name, value, "a positive number", "Raise it.")
    if info.minimum is not None and value < info.minimum:
        return problem(name, value, f"{info.minimum:g} or more", "Raise it.")
    if info.maximum is not None and value > info.maximum:
        return problem(name, value, f"{info.maximum:g} or less", "Lower it.")
    return None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str)
