"""The legacy global dictionary ``params.cfg``, for programs that still read it (Specification §2.2)."""

from __future__ import annotations

from typing import Any

from ptychopinn.errors import ConfigError

_REQUIRED = object()

cfg: dict[str, Any] = {
    "N": 128,
    "offset": 4,
    "gridsize": 2,
    "outer_offset_train": None,
    "outer_offset_test": None,
    "batch_size": 16,
    "nepochs": 60,
    "n_filters_scale": 2,
    "output_prefix": "outputs",
    "big_gridsize": 10,
    "max_position_jitter": 10,
    "sim_jitter_scale": 0.0,
    "default_probe_scale": 0.7,
    "mae_weight": 0.0,
    "nll_weight": 1.0,
    "tv_weight": 0.0,
    "realspace_mae_weight": 0.0,
    "realspace_weight": 0.0,
    "nphotons": 1e9,
    "nimgs_train": 9,
    "nimgs_test": 3,
    "data_source": "generic",
    "probe.trainable": False,
    "intensity_scale.trainable": False,
    "positions.provided": False,
    "object.big": True,
    "probe.big": False,
    "probe_scale": 10.0,
    "set_phi": False,
    "probe.mask": True,
    "pad_object": True,
    "model_type": "pinn",
    "label": "",
    "size": 392,
    "amp_activation": "sigmoid",
    "h5_path": "wts.h5",
    "npseed": 42,
    "debug": True,
    "gaussian_smoothing_sigma": 0.0,
    "use_xla_translate": True,
}


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
