"""Overrides by the names of any settings; overrides win over execution settings, and these over the defaults."""

from __future__ import annotations

import dataclasses
import numbers
import warnings
from collections.abc import Mapping
from typing import Any, Literal

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ConfigError
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.config_bridge import MODES, TRAINING_FIELDS
from ptychopinn.historic.torch.settings import TorchSettings, configuration_of, settings_of

# Other spelling of an override -> its name in the torch settings.
_SPELLINGS = {
    "max_epochs": "epochs",
    "nepochs": "epochs",
    "neighbor_count": "K",
    "model_type": "mode",
    "gridsize": "grid_size",
}
# A command line passes None for these if they are not given; elsewhere None is a value.
_UNSET_IF_NONE = {"n_groups", "batch_size", "N", "nphotons", "test_data_file", "n_subsample", "subsample_seed"}
_UNSET_IF_NONE |= {*_SPELLINGS, *_SPELLINGS.values()}
# The part of a configuration that overrides in the torch settings change.
_SHARED = {entry.name for entry in TRAINING_FIELDS} - {"train_data_file", "test_data_file", "nll_weight"}


def _names(*classes: type[Any]) -> set[str]:
    return {entry.name for cls in classes for entry in dataclasses.fields(cls)}


_EXECUTION = _names(PyTorchExecutionConfig)
_TORCH = _names(
    *(cls for cls in vars(torch_configs).values() if isinstance(cls, type) and dataclasses.is_dataclass(cls))
)
_ALL = {*_EXECUTION, *_TORCH, *_SPELLINGS, *_names(ModelConfig, TrainingConfig, InferenceConfig)} - {"model"}


def resolve_auto() -> Literal["cuda", "cpu"]:
    """Return ``'cuda'`` if PyTorch can use a CUDA device, else ``'cpu'`` with a warning."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    # POLICY-001 is the API specification's code for a missing device or framework; callers look for it.
    warnings.warn(
        "POLICY-001: accelerator 'auto' found no CUDA device, so the CPU computes; that is slower. "
        "Set accelerator to 'cpu' to choose it without this warning.",
        UserWarning,
        stacklevel=3,
    )
    return "cpu"


def read_overrides(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return overrides under the names of the torch settings (``epochs``, ``K``, ``mode``, ``grid_size``).

    Raises
    ------
    ConfigError
        An unknown name, two spellings of one setting with different values, or a grid size that is not whole.
    """
    values = _without_unset(overrides)
    if unknown := sorted(set(values) - _ALL):
        raise ConfigError(
            f"overrides has {', '.join(map(repr, unknown))}",
            "fields of the torch settings, of PyTorchExecutionConfig or of TrainingConfig",
            "Correct the spelling or omit it.",
        )
    if "gridsize" in values:
        size = values["gridsize"]
        if not isinstance(size, numbers.Integral):
            raise ConfigError(f"gridsize is {size!r}", "a whole number", "Set it to 1 or 2.")
        values["gridsize"] = (int(size), int(size))
    for name in {"mode", "model_type"} & set(values):
        values[name] = MODES.get(values[name], values[name])
    for other in [name for name in _SPELLINGS if name in values]:
        name, value = _SPELLINGS[other], values.pop(other)
        if values.setdefault(name, value) != value:
            raise ConfigError(
                f"overrides has {name} = {values[name]!r} and {other} = {value!r}",
                "one value, since the two are the same setting",
                f"Omit {other}.",
            )
    return values


def with_overrides(
    config: TrainingConfig, execution: PyTorchExecutionConfig, overrides: Mapping[str, Any] | None
) -> tuple[TrainingConfig, PyTorchExecutionConfig, TorchSettings]:
    """Return configuration, execution settings and torch settings after overrides; see :func:`read_overrides`."""
    if not overrides:
        return config, execution, settings_of(config, execution)
    values = read_overrides(overrides)
    execution = merged_execution(values, execution)
    settings = settings_of(config, execution).changed(values)
    meant = configuration_of(settings)
    own = {"architecture": config.model.architecture, **canonical_overrides(values, ModelConfig)}
    shared = {name: getattr(meant, name) for name in _SHARED}
    shared.update(canonical_overrides(values, TrainingConfig))
    model = dataclasses.replace(meant.model, **own)
    return dataclasses.replace(config, model=model, n_images=None, **shared), execution, settings


def canonical_overrides(values: Mapping[str, Any], cls: type[Any]) -> dict[str, Any]:
    """Return the overrides of a configuration dataclass that the bridge does not read from the torch settings."""
    # The n_subsample of the torch settings counts something else and is not carried over.
    return {name: values[name] for name in _names(cls) - (_TORCH - {"n_subsample", "n_groups"}) if name in values}


def merged_execution(values: Mapping[str, Any], execution: PyTorchExecutionConfig | None) -> PyTorchExecutionConfig:
    """Return execution settings with the overrides; the caller's object itself if nothing changes.

    Raises
    ------
    ConfigError
        An override is outside its range.
    """
    changes = {name: values[name] for name in _EXECUTION if name in values}
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
    """Return the winning value of every override, under the caller's spelling, and of every execution setting.

    ``arguments`` are the factory's own arguments, which an override of the same name cannot change.
    """
    chosen = {
        name: arguments.get(name, value)
        for name, value in _without_unset(overrides).items()
        if name in arguments or name not in _EXECUTION or name in ("scheduler", "strategy")
    }
    return {**vars(execution), **chosen}


def _without_unset(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (overrides or {}).items() if value is not None or name not in _UNSET_IF_NONE}
