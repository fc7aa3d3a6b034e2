"""The four settings objects of a torch model, their conversion from and to the configuration, and overrides.

An override may name any setting. Overrides take precedence over execution settings, which take precedence over the
defaults.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
import warnings
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeVar

from ptychopinn.backends.stored_settings import plain_value, settings_from_plain
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ConfigError
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.config_bridge import MODEL_FIELDS, MODES, TRAINING_FIELDS, read_fields, to_model_config
from ptychopinn.historic.torch.epoch_plan import EpochPlan

_KINDS: tuple[Any, ...] = (
    torch_configs.DataConfig,
    torch_configs.ModelConfig,
    torch_configs.TrainingConfig,
    torch_configs.InferenceConfig,
)
# Execution settings that the torch training settings have too.
CARRIED = ("learning_rate", "accum_steps", "num_workers", "scheduler", "gradient_clip_val")

T = TypeVar("T")

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


class TorchSettings(NamedTuple):
    """Data, model, training and inference settings of one model."""

    data: torch_configs.DataConfig
    model: torch_configs.ModelConfig
    training: torch_configs.TrainingConfig
    inference: torch_configs.InferenceConfig

    @classmethod
    def from_parts(
        cls, data: Any = None, model: Any = None, training: Any = None, inference: Any = None
    ) -> TorchSettings:
        """Return settings from four parts, each an object, a mapping of its fields, or None for the defaults."""
        return cls(*map(as_settings, _KINDS, (data, model, training, inference)))

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> TorchSettings:
        """Return settings from the result of :meth:`plain`; ignore unknown names and use defaults for missing ones."""
        return cls.from_parts(*(plain.get(f"{name}_config") for name in cls._fields))

    def plain(self) -> dict[str, dict[str, Any]]:
        """Return nested dictionaries of plain values, as checkpoints store them."""
        return {f"{name}_config": plain_value(vars(part)) for name, part in self._asdict().items()}

    def changed(self, values: Mapping[str, Any]) -> TorchSettings:
        """Return a copy in which the fields named in ``values`` are changed; other names are ignored."""
        result = TorchSettings.from_plain(self.plain())
        for part in result:
            torch_configs.update_existing_config(part, values)
        return result


def as_settings(cls: type[T], value: Any) -> T:
    """Return an instance of a settings class from an instance, a mapping of its fields, or None for the defaults."""
    if value is not None and not isinstance(value, Mapping):
        return value
    settings = cls()
    torch_configs.update_existing_config(settings, value or {})
    return settings


def settings_of(config: TrainingConfig, execution: PyTorchExecutionConfig | None = None) -> TorchSettings:
    """Return the torch settings equivalent to a configuration; features specific to the torch settings are off."""
    members = config.model.gridsize**2
    execution = execution or PyTorchExecutionConfig()
    loss = "mae" if config.model.model_type == "supervised" else config.torch_loss_mode
    settings = TorchSettings(
        torch_configs.DataConfig(C=members, x_bounds=(0.0, 1.0), y_bounds=(0.0, 1.0)),
        torch_configs.ModelConfig(
            C_model=members,
            C_forward=members,
            edge_pad=0,
            decoder_last_c_outer_fraction=0.0,
            decoder_last_amp_channels=members,
            cbam_encoder=False,
            loss_function="MAE" if loss == "mae" else "Poisson",
        ),
        torch_configs.TrainingConfig(device=execution.accelerator, strategy=execution.strategy, **carried(execution)),
        torch_configs.InferenceConfig(
            batch_size=execution.inference_batch_size or config.batch_size,
            middle_trim=execution.middle_trim,
            pad_eval=execution.pad_eval,
        ),
    )
    for source, table in ((config.model, MODEL_FIELDS), (config, TRAINING_FIELDS)):
        for entry in table:
            setattr(getattr(settings, entry.part), entry.torch_name, entry.write(getattr(source, entry.name)))
    settings.training.torch_loss_mode = loss
    return settings


def carried(execution: PyTorchExecutionConfig) -> dict[str, Any]:
    """Return the execution settings that the torch training settings also contain."""
    return {name: getattr(execution, name) for name in CARRIED}


def configuration_of(settings: TorchSettings) -> TrainingConfig:
    """Return the configuration equivalent to torch settings; the settings need not name a data file.

    Raises
    ------
    ConfigError
        See :func:`ptychopinn.historic.torch.config_bridge.to_model_config`.
    """
    data, model, training, _ = settings
    mae = training.torch_loss_mode == "mae" or model.loss_function == "MAE" or not training.nll
    values = {
        **read_fields(TRAINING_FIELDS, settings._asdict(), skip={"nll_weight": 1.0}),
        "nepochs": EpochPlan.from_settings(training).total,
        "neighbor_count": max(data.K, data.C),
        "torch_loss_mode": "mae" if mae or model.mode == "Supervised" else "poisson",
    }
    if training.enable_staged_finetuning:
        values["validation_fraction"] = training.finetune_val_split
    return TrainingConfig(model=_canonical_model(data, model), backend="pytorch", **values)


def _canonical_model(data: torch_configs.DataConfig, model: torch_configs.ModelConfig) -> ModelConfig:
    # If C and grid_size differ, the one that was set wins.
    default, side = torch_configs.DataConfig(), math.isqrt(max(int(data.C), 1))
    only_channels = data.C != default.C and side * side == data.C and tuple(data.grid_size) == default.grid_size
    return to_model_config(data, model, {"gridsize": side} if only_channels else None)


def stored_settings(hyper_parameters: Mapping[str, Any]) -> TorchSettings:
    """Return the settings of a checkpoint, from its four parts if it has them, otherwise from its configuration."""
    if "data_config" in hyper_parameters:
        return TorchSettings.from_plain(hyper_parameters)
    return settings_of(settings_from_plain(hyper_parameters["training"]))


def resolve_auto() -> Literal["cuda", "cpu"]:
    """Return ``'cuda'`` if PyTorch can use a CUDA device, else ``'cpu'`` with a warning."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    # POLICY-001 is the API specification's code for a missing device or framework; callers look for it.
    warnings.warn(
        "POLICY-001: accelerator 'auto' found no CUDA device and uses the slower CPU. "
        "Set accelerator to 'cpu' to use the CPU without this warning.",
        UserWarning,
        stacklevel=3,
    )
    return "cpu"


def read_overrides(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the overrides keyed by torch setting name (``epochs``, ``K``, ``mode``, ``grid_size``).

    Raises
    ------
    ConfigError
        A name is unknown, two spellings of one setting have different values, or the grid size is not a whole number.
    """
    values = _without_unset(overrides)
    if unknown := sorted(set(values) - _ALL):
        raise ConfigError(
            f"overrides has {', '.join(map(repr, unknown))}",
            "fields of the torch settings, PyTorchExecutionConfig or TrainingConfig",
            "Correct the spelling, or omit the field.",
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
                "one value, because both names refer to the same setting",
                f"Omit {other}.",
            )
    return values


def with_overrides(
    config: TrainingConfig, execution: PyTorchExecutionConfig, overrides: Mapping[str, Any] | None
) -> tuple[TrainingConfig, PyTorchExecutionConfig, TorchSettings]:
    """Return the configuration, execution and torch settings with overrides applied; see :func:`read_overrides`."""
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
    """Return the overrides for fields of ``cls`` that the bridge does not read from the torch settings."""
    # The n_subsample of the torch settings counts something else and is not carried over.
    return {name: values[name] for name in _names(cls) - (_TORCH - {"n_subsample", "n_groups"}) if name in values}


def merged_execution(values: Mapping[str, Any], execution: PyTorchExecutionConfig | None) -> PyTorchExecutionConfig:
    """Return execution settings with the overrides applied, or the caller's object itself if nothing changes.

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
    """Return the effective value of every override, under the caller's spelling, and of every execution setting.

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
