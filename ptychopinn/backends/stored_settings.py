"""Contents of an archive other than the weights: settings as plain values, ``params.dill`` and the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.archive.bundle import Bundle, open_bundle
from ptychopinn.backends.base import History
from ptychopinn.config.legacy_bridge import KEY_MAPPINGS, LEGACY_DEFAULTS, dataclass_to_legacy_dict
from ptychopinn.config.model import NETWORK_FIELDS, ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ArchiveError, ConfigError

_REQUIRED = ("N", "gridsize")
_PATHS = ("train_data_file", "test_data_file", "output_dir", "probe_file")


def plain_settings(config: TrainingConfig) -> dict[str, Any]:
    """Return a training configuration as nested dictionaries of plain values; ``n_groups`` is None if not set."""
    return {**plain_value(asdict(config)), "n_groups": config.chosen_groups}


def plain_value(value: Any) -> Any:
    """Convert a setting for a checkpoint, which may contain only numbers, text, tensors and built-in containers."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain_value(item) for item in value)
    # Reading numpy scalars would need numpy.
    return value.item() if hasattr(value, "dtype") and getattr(value, "ndim", 1) == 0 else value


def settings_from_plain(plain: Mapping[str, Any]) -> TrainingConfig:
    """Rebuild a configuration from the result of :func:`plain_settings`; unknown top-level keys are ignored."""
    values = dict(plain)
    model = ModelConfig(**values.pop("model"))
    for key in _PATHS:
        if values.get(key) is not None:
            values[key] = Path(values[key])
    values.pop("n_images", None)
    names = {field.name for field in fields(TrainingConfig)}
    return TrainingConfig(model=model, **{key: value for key, value in values.items() if key in names})


def intensity_scale(mean_counts: float, n: int) -> float:
    """Return the factor that converts normalised amplitudes to square roots of counts.

    Normalised patterns have a mean summed intensity of (N/2)**2.
    """
    return float(np.sqrt(mean_counts) / (n / 2))


def probe_with_counts(relative_probe: NDArray[np.complexfloating], mean_counts: float) -> NDArray[np.complex64]:
    """Convert the relative probe (mode, N, N) of a network to square roots of counts."""
    scale = np.float32(np.sqrt(mean_counts) / relative_probe.shape[-1])
    return (relative_probe * scale).astype(np.complex64)


def plain_history(history: History) -> dict[str, Any]:
    """Return the losses and the best epoch of a training run as plain values."""
    losses = {"loss": list(history.loss), "val_loss": list(history.val_loss)}
    return {"history": losses, "best_epoch": history.best_epoch}


def stored_history(stored: Mapping[str, Any]) -> History:
    """Rebuild a history from the result of :func:`plain_history`; it is empty for archives that contain none."""
    losses = stored.get("history", {})
    return History(tuple(losses.get("loss", ())), tuple(losses.get("val_loss", ())), int(stored.get("best_epoch", 0)))


def legacy_params(config: TrainingConfig, mean_counts: float) -> dict[str, Any]:
    """Return the flat dictionary that historic programs expect in ``params.dill``.

    The intensity scale is that of the training scan. Keys without a counterpart in the configuration have their
    historic defaults.
    """
    return {**LEGACY_DEFAULTS, **configured_params(config, mean_counts)}


def configured_params(config: TrainingConfig, mean_counts: float) -> dict[str, Any]:
    """Return the part of :func:`legacy_params` that the configuration and the training scan determine."""
    params = {key: value for key, value in dataclass_to_legacy_dict(config).items() if value is not None}
    return {**params, "intensity_scale": intensity_scale(mean_counts, config.model.N)}


def settings_from_params(params: Mapping[str, Any]) -> TrainingConfig:
    """Return the training configuration from a flat dictionary with legacy keys; unknown keys are ignored."""
    names = {old: new for new, old in KEY_MAPPINGS.items()}
    values = {names.get(key, key): value for key, value in params.items() if value is not None}
    model = {entry.name: values[entry.name] for entry in fields(ModelConfig) if entry.name in values}
    return settings_from_plain({**values, "model": model, "backend": "pytorch"})


def stored_params(bundle: Bundle, name: str) -> dict[str, Any]:
    """Return the content of ``params.dill`` for a model in an archive.

    Raises
    ------
    ArchiveError
        ``params.dill`` is missing or damaged, or lacks settings that the model needs. The exception is
        also a ValueError.
    """
    member = f"{name}/params.dill"
    # A missing key says more than a wrong checksum.
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


def start_settings(archive: Path, backend: str) -> ModelConfig:
    """Return the model settings of an archive that provides the initial weights of a training run.

    Raises
    ------
    ArchiveError
        The archive is damaged, belongs to another backend, or contains no training settings.
    """
    bundle = open_bundle(archive, backend)
    try:
        return settings_from_plain(dict(bundle.manifest["config"])).model
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveError(
            f"{bundle.location.path} contains no training settings",
            "the wts.h5.zip file of a training run with this program",
            "Train from random weights, or choose another model.",
        ) from error


def check_start(archive: Path, stored: ModelConfig, model: ModelConfig) -> None:
    """Reject a model whose weights do not fit the network to be trained.

    Raises
    ------
    ConfigError
        A setting that determines the shape of the network differs.
    """
    differing = [name for name in NETWORK_FIELDS if getattr(stored, name) != getattr(model, name)]
    if differing:
        there = ", ".join(f"{name} = {getattr(stored, name)}" for name in differing)
        here = ", ".join(f"{name} = {getattr(model, name)}" for name in differing)
        raise ConfigError(
            f"the model to start from, {archive.name}, was trained with {there}, but the settings have {here}",
            "settings that match the model",
            "Use the model's settings, or train from random weights.",
        )
