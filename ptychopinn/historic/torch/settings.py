"""The four settings objects of a torch model together, and their way to and from the configuration dataclasses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from ptychopinn.backends.stored_settings import plain_value, settings_from_plain
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.config_bridge import MODEL_FIELDS, TRAINING_FIELDS, read_fields, to_model_config
from ptychopinn.historic.torch.epoch_plan import EpochPlan

_DATA = torch_configs.DataConfig()
# Execution settings that the torch training settings hold too.
CARRIED = ("learning_rate", "accum_steps", "num_workers", "scheduler", "gradient_clip_val")

T = TypeVar("T")


@dataclass(frozen=True)
class TorchSettings:
    """Data, model, training and inference settings of one model."""

    data: torch_configs.DataConfig = field(default_factory=torch_configs.DataConfig)
    model: torch_configs.ModelConfig = field(default_factory=torch_configs.ModelConfig)
    training: torch_configs.TrainingConfig = field(default_factory=torch_configs.TrainingConfig)
    inference: torch_configs.InferenceConfig = field(default_factory=torch_configs.InferenceConfig)

    def plain(self) -> dict[str, dict[str, Any]]:
        """Return nested dictionaries of plain values, as checkpoints keep them."""
        return {
            f"{name}_config": {entry.name: plain_value(getattr(part, entry.name)) for entry in fields(part)}
            for name, part in vars(self).items()
        }

    @classmethod
    def from_parts(cls, *parts: Any) -> TorchSettings:
        """Return settings from data, model, training and inference settings, mappings of them, or None."""
        kinds: tuple[Any, ...] = tuple(entry.default_factory for entry in fields(cls))
        return cls(*(as_settings(kind, part) for kind, part in zip(kinds, parts, strict=True)))

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> TorchSettings:
        """Return the settings of :meth:`plain`; unknown names are ignored, absent ones take their defaults."""
        return cls.from_parts(*(plain.get(f"{entry.name}_config") for entry in fields(cls)))


def as_settings(cls: type[T], value: Any) -> T:
    """Return settings of a class from such an object, a mapping of its fields, or None for the defaults."""
    if value is not None and not isinstance(value, Mapping):
        return value
    settings = cls()
    torch_configs.update_existing_config(settings, value or {})
    return settings


def settings_of(config: TrainingConfig, execution: PyTorchExecutionConfig | None = None) -> TorchSettings:
    """Return the torch settings that mean the same as a configuration; extras of the torch settings are off."""
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
        torch_configs.TrainingConfig(
            device=execution.accelerator,
            strategy=execution.strategy,
            **{name: getattr(execution, name) for name in CARRIED},
        ),
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


def configuration_of(settings: TorchSettings) -> TrainingConfig:
    """Return the configuration that torch settings mean; unlike the bridge, it asks for no files.

    Raises
    ------
    ConfigError
        As :func:`ptychopinn.historic.torch.config_bridge.to_model_config`.
    """
    data, model, training = settings.data, settings.model, settings.training
    mae = training.torch_loss_mode == "mae" or model.loss_function == "MAE" or not training.nll
    values = {
        **read_fields(TRAINING_FIELDS, vars(settings), skip={"nll_weight": 1.0}),
        "nepochs": EpochPlan.from_settings(training).total,
        "neighbor_count": max(data.K, data.C),
        "torch_loss_mode": "mae" if mae or model.mode == "Supervised" else "poisson",
    }
    if training.enable_staged_finetuning:
        values["validation_fraction"] = training.finetune_val_split
    return TrainingConfig(model=canonical_model(data, model), backend="pytorch", **values)


def canonical_model(data: torch_configs.DataConfig, model: torch_configs.ModelConfig) -> ModelConfig:
    """Return the model configuration; where ``C`` and ``grid_size`` differ, the one that was set counts."""
    side = math.isqrt(max(int(data.C), 1))
    channels_set = data.C != _DATA.C and side * side == data.C
    overrides = {"gridsize": side} if channels_set and tuple(data.grid_size) == tuple(_DATA.grid_size) else None
    return to_model_config(data, model, overrides)


def stored_settings(hyper_parameters: Mapping[str, Any]) -> TorchSettings:
    """Return the settings of a checkpoint: its own four parts, or those that its configuration means."""
    if "data_config" in hyper_parameters:
        return TorchSettings.from_plain(hyper_parameters)
    return settings_of(settings_from_plain(hyper_parameters["training"]))


def changed(settings: TorchSettings, values: Mapping[str, Any]) -> TorchSettings:
    """Return a copy in which the fields that ``values`` names have other values; other names are ignored."""
    result = TorchSettings.from_plain(settings.plain())
    for part in vars(result).values():
        torch_configs.update_existing_config(part, values)
    return result
