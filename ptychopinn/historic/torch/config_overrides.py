"""Overrides by the names of any settings; overrides win over execution settings, and these over the defaults."""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Mapping
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ConfigError
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.accelerator import resolve_auto
from ptychopinn.historic.torch.config_bridge import MODES, TRAINING_FIELDS
from ptychopinn.historic.torch.settings import TorchSettings, changed, configuration_of, settings_of

# Name in the torch settings -> other spellings of it among the overrides.
_SPELLINGS = {
    "epochs": ("max_epochs", "nepochs"),
    "K": ("neighbor_count",),
    "mode": ("model_type",),
    "grid_size": ("gridsize",),
}
# None is how a command line says that these were not given; elsewhere None is a value.
_UNSET_IF_NONE = {"n_groups", "batch_size", "N", "nphotons", "test_data_file", "n_subsample", "subsample_seed"}
_UNSET_IF_NONE |= {spelling for name, others in _SPELLINGS.items() for spelling in (name, *others)}
# What overrides in the torch settings change of a configuration.
_SHARED = {entry.name for entry in TRAINING_FIELDS} - {"train_data_file", "test_data_file", "nll_weight"}


def _names(*classes: type[Any]) -> frozenset[str]:
    return frozenset(entry.name for cls in classes for entry in dataclasses.fields(cls))


EXECUTION_FIELDS = _names(PyTorchExecutionConfig)
TORCH_FIELDS = _names(
    torch_configs.DataConfig,
    torch_configs.ModelConfig,
    torch_configs.TrainingConfig,
    torch_configs.InferenceConfig,
    torch_configs.DatagenConfig,
)
CANONICAL_FIELDS = _names(ModelConfig, TrainingConfig, InferenceConfig) - {"model"}
_NAMES = EXECUTION_FIELDS | TORCH_FIELDS | CANONICAL_FIELDS | {name for names in _SPELLINGS.values() for name in names}


def read_overrides(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    """Overrides under the names of the torch settings (``epochs``, ``K``, ``mode``, ``grid_size``).

    Raises
    ------
    ConfigError
        An unknown name, two spellings of one setting with different values, or a grid size that is not whole.
    """
    values = _without_unset(overrides)
    unknown = sorted(set(values) - _NAMES)
    if unknown:
        raise ConfigError(
            f"overrides has {', '.join(map(repr, unknown))}",
            "fields of the torch settings, of PyTorchExecutionConfig or of TrainingConfig",
            "Correct the spelling or leave it out.",
        )
    if "gridsize" in values:
        values["gridsize"] = _square(values["gridsize"])
    for name in {"mode", "model_type"} & set(values):
        values[name] = MODES.get(values[name], values[name])
    for name, others in _SPELLINGS.items():
        for other in others:
            if other in values:
                _merge(values, name, other)
    return values


def with_overrides(
    config: TrainingConfig, execution: PyTorchExecutionConfig, overrides: Mapping[str, Any] | None
) -> tuple[TrainingConfig, PyTorchExecutionConfig, TorchSettings]:
    """Return configuration, execution settings and torch settings after overrides, by their names in any of them.

    Parameters
    ----------
    config : TrainingConfig
    execution : PyTorchExecutionConfig
    overrides : mapping or None
        See :func:`read_overrides`.
    """
    if not overrides:
        return config, execution, settings_of(config, execution)
    values = read_overrides(overrides)
    execution = merged_execution(values, execution)
    settings = changed(settings_of(config, execution), values)
    meant = configuration_of(settings)
    own = {"architecture": config.model.architecture, **canonical_overrides(values, ModelConfig)}
    shared = {name: getattr(meant, name) for name in _SHARED}
    shared.update(canonical_overrides(values, TrainingConfig))
    model = dataclasses.replace(meant.model, **own)
    return dataclasses.replace(config, model=model, n_images=None, **shared), execution, settings


def canonical_overrides(values: Mapping[str, Any], cls: type[Any]) -> dict[str, Any]:
    """Overrides of a configuration dataclass that the bridge does not take from the torch settings."""
    # The torch settings' own n_subsample counts something else and is not carried over.
    own = (_names(cls) - TORCH_FIELDS) | (_names(cls) & {"n_subsample", "n_groups"})
    return {name: values[name] for name in own if name in values}


def merged_execution(values: Mapping[str, Any], execution: PyTorchExecutionConfig | None) -> PyTorchExecutionConfig:
    """Execution settings with the overrides written in; the caller's object itself when nothing changes.

    Raises
    ------
    ConfigError
        An override outside its range.
    """
    changes = {name: values[name] for name in EXECUTION_FIELDS if name in values}
    # Two words that the torch training settings know and the execution settings do not.
    if changes.get("scheduler") == "Cosine":
        del changes["scheduler"]
    if changes.get("strategy", "") is None:
        del changes["strategy"]
    if execution is None:
        execution = PyTorchExecutionConfig(accelerator="auto" if "accelerator" in changes else resolve_auto())
    if changes.get("logger_backend", execution.logger_backend) is None:
        changes["logger_backend"] = "mlflow"
    changes = {name: value for name, value in changes.items() if value != getattr(execution, name)}
    return dataclasses.replace(execution, **changes) if changes else execution


def applied_settings(
    overrides: Mapping[str, Any] | None, execution: PyTorchExecutionConfig, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Winning value of every override, under the caller's spelling, and of every execution setting.

    ``arguments`` are the factory's own arguments, which an override of the same name cannot change.
    """
    settings = dict(vars(execution))
    for name, value in _without_unset(overrides).items():
        if name in arguments:
            settings[name] = arguments[name]
        elif name not in EXECUTION_FIELDS or name in ("scheduler", "strategy"):
            settings[name] = value
    return settings


def _without_unset(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (overrides or {}).items() if value is not None or name not in _UNSET_IF_NONE}


def _square(gridsize: Any) -> tuple[int, int]:
    if not isinstance(gridsize, numbers.Integral):
        raise ConfigError(f"gridsize is {gridsize!r}", "a whole number", "Set it to 1 or 2.")
    return int(gridsize), int(gridsize)


def _merge(values: dict[str, Any], name: str, other: str) -> None:
    value = values.pop(other)
    if values.setdefault(name, value) != value:
        raise ConfigError(
            f"overrides gives {name} as {values[name]!r} and {other} as {value!r}",
            "one value, since the two are the same setting",
            f"Leave out {other}.",
        )
