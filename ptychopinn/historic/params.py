"""The legacy global dictionary ``params.cfg``, for programs that still read it (API specification, section 2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.legacy_bridge import LEGACY_DEFAULTS, dataclass_to_legacy_dict, update_legacy_dict
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ConfigError

_REQUIRED = object()
_PLAIN = (bool, int, float, complex, str)

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
        There is no such parameter and no default was given.
    """
    if key in ("bigN", "padding"):
        return _derived()[key]
    return cfg[key] if default is _REQUIRED else cfg.get(key, default)


def set(key: str, value: Any) -> None:
    """Set a parameter and check the dictionary.

    Raises
    ------
    ConfigError
        The parameters contradict each other; the value is taken back.
    """
    before = dict(cfg)
    cfg[key] = value
    try:
        validate()
    except ConfigError:
        cfg.clear()
        cfg.update(before)
        raise


def validate() -> bool:
    """Return True when the parameters agree with each other.

    Raises
    ------
    ConfigError
        They do not; it is a ValueError.
    """
    if cfg.get("realspace_mae_weight", 0) > 0 and not cfg.get("realspace_weight", 0) > 0:
        raise ConfigError(
            f"realspace_mae_weight is {cfg['realspace_mae_weight']} while realspace_weight is 0",
            "realspace_weight above 0",
            "Set realspace_weight too.",
        )
    return True


def populate_legacy_params(tf_config: TrainingConfig | InferenceConfig, force: bool = False) -> None:
    """Write a configuration into ``params.cfg``.

    Parameters
    ----------
    tf_config : TrainingConfig or InferenceConfig
    force : bool
        Also remove the keys that this configuration leaves unset (None), so that no value of an earlier
        configuration stays behind.

    Raises
    ------
    TypeError
        ``tf_config`` is something else; the dictionary stays as it was.
    """
    update_legacy_dict(cfg, tf_config)
    if force:
        for key, value in dataclass_to_legacy_dict(tf_config).items():
            if value is None:
                cfg.pop(key, None)


def legacy_snapshot(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``params.cfg`` with ``extra`` on top, without what is not plain data: what an archive keeps of it."""
    merged = {**cfg, **extra}
    return {key: value for key, value in merged.items() if value is None or isinstance(value, _PLAIN)}


def restore_legacy_params(values: Mapping[str, Any]) -> None:
    """Write values of an archive into ``params.cfg``; they win over what is there."""
    cfg.update(values)


def current_gridsize() -> int:
    """Return ``params.cfg['gridsize']``, for calls that are not told one (API specification, section 4.3)."""
    return int(get("gridsize"))
