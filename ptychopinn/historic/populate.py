"""Copy settings from configurations and archives to ``params.cfg``, and collect its plain values for archives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ptychopinn.archive.bundle import Bundle
from ptychopinn.backends.stored_settings import stored_params
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.legacy_bridge import dataclass_to_legacy_dict, update_legacy_dict
from ptychopinn.config.training import TrainingConfig
from ptychopinn.historic.params import cfg

_PLAIN = (bool, int, float, complex, str)


def populate_legacy_params(tf_config: TrainingConfig | InferenceConfig, force: bool = False) -> None:
    """Write a configuration into ``params.cfg``.

    ``force`` also removes keys that are None in this configuration, so that no earlier value remains.

    Raises
    ------
    TypeError
        ``tf_config`` is not a configuration; the dictionary is unchanged.
    """
    update_legacy_dict(cfg, tf_config)
    if force:
        for key, value in dataclass_to_legacy_dict(tf_config).items():
            if value is None:
                cfg.pop(key, None)


def legacy_snapshot(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain values of ``params.cfg`` and ``extra`` for an archive; ``extra`` takes precedence."""
    return {key: value for key, value in {**cfg, **extra}.items() if value is None or isinstance(value, _PLAIN)}


def restore_legacy_params(values: Mapping[str, Any]) -> None:
    """Write the values of an archive into ``params.cfg``; they replace existing values."""
    cfg.update(values)


def publish_model(bundle: Bundle) -> None:
    """Write the settings of a model into ``params.cfg``, as ``load_inference_bundle`` does.

    Raises
    ------
    ArchiveError
        The archive does not contain the settings.
    """
    restore_legacy_params(stored_params(bundle, "diffraction_to_obj"))
