"""Write a configuration into the one legacy dictionary of the process (Specification §4.2)."""

from __future__ import annotations

from ptychopinn.config import legacy_params
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.legacy_bridge import dataclass_to_legacy_dict, update_legacy_dict
from ptychopinn.config.training import TrainingConfig


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
    update_legacy_dict(legacy_params.cfg, tf_config)
    if force:
        for key, value in dataclass_to_legacy_dict(tf_config).items():
            if value is None:
                legacy_params.cfg.pop(key, None)
