"""Settings as an archive keeps them: plain values, and the dictionary for programs that read ``params.dill``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from ptychopinn.archive.bundle import Bundle
from ptychopinn.config.legacy_bridge import KEY_MAPPINGS, LEGACY_DEFAULTS, dataclass_to_legacy_dict
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ArchiveError

_REQUIRED = ("N", "gridsize")
_PATHS = ("train_data_file", "test_data_file", "output_dir", "probe_file")


def plain_settings(config: TrainingConfig) -> dict[str, Any]:
    """Return a training configuration as nested dictionaries of plain values; ``n_groups`` is None while unset."""
    return {**plain_value(asdict(config)), "n_groups": config.chosen_groups}


def plain_value(value: Any) -> Any:
    """Return a setting as a value that a checkpoint may hold: numbers, text, lists, tuples, tensors."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain_value(item) for item in value)
    # numpy's own numbers would need numpy to be read.
    return value.item() if hasattr(value, "dtype") and getattr(value, "ndim", 1) == 0 else value


def settings_from_plain(plain: Mapping[str, Any]) -> TrainingConfig:
    """Return the training configuration of :func:`plain_settings`; unknown keys are ignored."""
    values = dict(plain)
    model = ModelConfig(**values.pop("model"))
    for key in _PATHS:
        if values.get(key) is not None:
            values[key] = Path(values[key])
    values.pop("n_images", None)
    names = {field.name for field in fields(TrainingConfig)}
    return TrainingConfig(model=model, **{key: value for key, value in values.items() if key in names})


def intensity_scale(mean_counts: float, n: int) -> float:
    """Return the factor from normalised input (mean summed intensity (N/2) squared) to amplitude in counts."""
    return float(np.sqrt(mean_counts) / (n / 2))


def legacy_params(config: TrainingConfig, mean_counts: float) -> dict[str, Any]:
    """Return the flat dictionary of ``params.dill`` for historic programs, with the trained ``intensity_scale``.

    Keys that no configuration has take their historic defaults.
    """
    return {**LEGACY_DEFAULTS, **configured_params(config, mean_counts)}


def configured_params(config: TrainingConfig, mean_counts: float) -> dict[str, Any]:
    """Return the part of :func:`legacy_params` that the configuration and the training decide."""
    params = {key: value for key, value in dataclass_to_legacy_dict(config).items() if value is not None}
    return {**params, "intensity_scale": intensity_scale(mean_counts, config.model.N)}


def settings_from_params(params: Mapping[str, Any]) -> TrainingConfig:
    """Return the training configuration of a flat dictionary with legacy keys; unknown keys are ignored."""
    names = {old: new for new, old in KEY_MAPPINGS.items()}
    values = {names.get(key, key): value for key, value in params.items() if value is not None}
    model = {entry.name: values[entry.name] for entry in fields(ModelConfig) if entry.name in values}
    return settings_from_plain({**values, "model": model, "backend": "pytorch"})


def stored_params(bundle: Bundle, name: str) -> dict[str, Any]:
    """Return ``params.dill`` of a model in an archive.

    Raises
    ------
    ArchiveError
        It is absent or damaged, or lacks what the model cannot be rebuilt without; it is a ValueError.
    """
    member = f"{name}/params.dill"
    # What is missing says more than a checksum.
    params = bundle.read_plain(member, verify=False)
    missing = [key for key in _REQUIRED if not isinstance(params, dict) or params.get(key) is None]
    if missing:
        raise ArchiveError(
            f"{member} in {bundle.location.path} has missing required fields: {', '.join(missing)}. "
            f"Cannot reconstruct the model {name!r} without them",
            mend="Save the model again.",
        )
    bundle.read(member)
    return dict(params)
