"""What a caller of the configuration factory asked for, and what wins: overrides, execution settings, defaults."""

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
from ptychopinn.historic.torch import config_params as legacy_configs
from ptychopinn.historic.torch.accelerator import resolve_auto

# Execution settings that the torch training settings hold too (API specification, section 4.9).
CARRIED = ("learning_rate", "accum_steps", "num_workers", "scheduler", "gradient_clip_val")

# Name in the torch settings -> other spellings of it among the overrides.
_SPELLINGS = {
    "epochs": ("max_epochs", "nepochs"),
    "K": ("neighbor_count",),
    "mode": ("model_type",),
    "grid_size": ("gridsize",),
}
_MODES = {"pinn": "Unsupervised", "supervised": "Supervised"}
# None is how a command line says that these were not given; elsewhere None is a value.
_UNSET_IF_NONE = {"n_groups", "batch_size", "N", "nphotons", "test_data_file", "n_subsample", "subsample_seed"}
_UNSET_IF_NONE |= {spelling for name, others in _SPELLINGS.items() for spelling in (name, *others)}


def _names(*classes: type[Any]) -> frozenset[str]:
    return frozenset(entry.name for cls in classes for entry in dataclasses.fields(cls))


EXECUTION_FIELDS = _names(PyTorchExecutionConfig)
TORCH_FIELDS = _names(
    legacy_configs.DataConfig,
    legacy_configs.ModelConfig,
    legacy_configs.TrainingConfig,
    legacy_configs.InferenceConfig,
    legacy_configs.DatagenConfig,
)
CANONICAL_FIELDS = _names(ModelConfig, TrainingConfig, InferenceConfig) - {"model"}
_KNOWN = EXECUTION_FIELDS | TORCH_FIELDS | CANONICAL_FIELDS | {name for names in _SPELLINGS.values() for name in names}


def read_overrides(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    """Overrides under the names of the torch settings (``epochs``, ``K``, ``mode``, ``grid_size``).

    Raises
    ------
    ConfigError
        An unknown name, two spellings of one setting with different values, or a grid size that is not whole.
    """
    given = _given(overrides)
    unknown = sorted(set(given) - _KNOWN)
    if unknown:
        raise ConfigError(
            f"overrides has {', '.join(map(repr, unknown))}",
            "fields of the torch settings, of PyTorchExecutionConfig or of TrainingConfig",
            "Correct the spelling or leave it out.",
        )
    if "gridsize" in given:
        given["gridsize"] = _square(given["gridsize"])
    for name in ("mode", "model_type"):
        if name in given:
            given[name] = _MODES.get(given[name], given[name])
    for name, others in _SPELLINGS.items():
        for other in others:
            if other in given:
                _merge(given, name, other)
    return given


def require_groups(asked: Mapping[str, Any]) -> None:
    """Refuse overrides that say nothing about the number of groups."""
    if "n_groups" not in asked:
        raise ConfigError("n_groups is required, but overrides lacks it", mend="Pass overrides=dict(n_groups=512).")


def canonical_overrides(asked: Mapping[str, Any], cls: type[Any]) -> dict[str, Any]:
    """Overrides of a configuration dataclass that the bridge does not take from the torch settings."""
    # The torch settings' own n_subsample counts something else and is not carried over.
    own = (_names(cls) - TORCH_FIELDS) | (_names(cls) & {"n_subsample", "n_groups"})
    return {name: asked[name] for name in own if name in asked}


def merged_execution(asked: Mapping[str, Any], given: PyTorchExecutionConfig | None) -> PyTorchExecutionConfig:
    """Execution settings with the overrides written in; the caller's object itself when nothing changes.

    Raises
    ------
    ConfigError
        An override outside its range.
    """
    changes = {name: asked[name] for name in EXECUTION_FIELDS if name in asked}
    # Two words that the torch training settings know and the execution settings do not.
    if changes.get("scheduler") == "Cosine":
        del changes["scheduler"]
    if changes.get("strategy", "") is None:
        del changes["strategy"]
    if given is None:
        given = PyTorchExecutionConfig(accelerator="auto" if "accelerator" in changes else resolve_auto())
    if changes.get("logger_backend", given.logger_backend) is None:
        changes["logger_backend"] = "mlflow"
    changes = {name: value for name, value in changes.items() if value != getattr(given, name)}
    return dataclasses.replace(given, **changes) if changes else given


def applied_settings(
    overrides: Mapping[str, Any] | None, execution: PyTorchExecutionConfig, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Winning value of every override, under the caller's spelling, and of every execution setting.

    ``arguments`` are the factory's own arguments, which an override of the same name cannot change.
    """
    settings = {entry.name: getattr(execution, entry.name) for entry in dataclasses.fields(execution)}
    for name, value in _given(overrides).items():
        if name in arguments:
            settings[name] = arguments[name]
        elif name not in EXECUTION_FIELDS or name in ("scheduler", "strategy"):
            settings[name] = value
    return settings


def _given(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (overrides or {}).items() if value is not None or name not in _UNSET_IF_NONE}


def _square(gridsize: Any) -> tuple[int, int]:
    if not isinstance(gridsize, numbers.Integral):
        raise ConfigError(f"gridsize is {gridsize!r}", "a whole number", "Set it to 1 or 2.")
    return int(gridsize), int(gridsize)


def _merge(given: dict[str, Any], name: str, other: str) -> None:
    value = given.pop(other)
    if given.setdefault(name, value) != value:
        raise ConfigError(
            f"overrides gives {name} as {given[name]!r} and {other} as {value!r}",
            "one value, since the two are the same setting",
            f"Leave out {other}.",
        )
