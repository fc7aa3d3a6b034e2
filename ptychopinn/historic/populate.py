"""Configurations and archives written into ``params.cfg``, and what archives keep of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.legacy_bridge import dataclass_to_legacy_dict, update_legacy_dict
from ptychopinn.config.training import TrainingConfig
from ptychopinn.historic.params import cfg

_PLAIN = (bool, int, float, complex, str)


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
