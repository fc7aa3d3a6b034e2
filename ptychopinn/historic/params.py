"""The legacy global dictionary ``params.cfg``, for programs that still read it (API specification, section 2.2)."""

from __future__ import annotations

from typing import Any

from ptychopinn.config.legacy_bridge import LEGACY_DEFAULTS
from ptychopinn.errors import ConfigError

_REQUIRED = object()

cfg: dict[str, Any] = dict(LEGACY_DEFAULTS)


def _derived() -> dict[str, Any]:
    span = (cfg["gridsize"] - 1) * cfg["offset"]
    return {"bigN": cfg["N"] + span, "padding": span + cfg["max_position_jitter"]}


def params() -> dict[str, Any]:
    """Return a copy of the dictionary with the derived keys ``bigN`` and ``padding``."""
    return {**cfg, **_derived()}


def get(key: str, default: Any = _REQUIRED) -> Any:
    """Return a parameter; ``bigN`` and ``padding`` are computed at each call.

    Raises
    ------
    KeyError
        The parameter does not exist and no default was given.
    """
    if key in ("bigN", "padding"):
        return _derived()[key]
    return cfg[key] if default is _REQUIRED else cfg.get(key, default)


def set(key: str, value: Any) -> None:
    """Set a parameter and check the dictionary.

    Raises
    ------
    ConfigError
        The parameters would contradict each other; nothing is set.
    """
    _check({**cfg, key: value})
    cfg[key] = value


def validate() -> bool:
    """Return True if the parameters agree with each other.

    Raises
    ------
    ConfigError
        The parameters contradict each other. The error is also a ValueError.
    """
    _check(cfg)
    return True


def _check(values: dict[str, Any]) -> None:
    weight = values.get("realspace_mae_weight", 0)
    if weight > 0 and not values.get("realspace_weight", 0) > 0:
        text = f"realspace_mae_weight is {weight} while realspace_weight is 0"
        raise ConfigError(text, "realspace_weight above 0", "Set realspace_weight above 0 as well.")


def current_gridsize() -> int:
    """Return ``params.cfg['gridsize']``, the default for calls without a grid size (API specification, section 4.3)."""
    return int(get("gridsize"))
