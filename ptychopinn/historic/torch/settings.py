"""The four settings objects of a torch model together, and their conversion from and to the configuration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from ptychopinn.backends.stored_settings import plain_value, settings_from_plain
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.config_bridge import MODEL_FIELDS, TRAINING_FIELDS, read_fields, to_model_config
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
        """Return settings from four objects, mappings of their fields, or None for the defaults."""
        return cls(*map(as_settings, _KINDS, (data, model, training, inference)))

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> TorchSettings:
        """Return the settings of :meth:`plain`; unknown names are ignored, absent ones have their defaults."""
        return cls.from_parts(*(plain.get(f"{name}_config") for name in cls._fields))

    def plain(self) -> dict[str, dict[str, Any]]:
        """Return nested dictionaries of plain values, as checkpoints store them."""
        return {f"{name}_config": plain_value(vars(part)) for name, part in self._asdict().items()}

    def changed(self, values: Mapping[str, Any]) -> TorchSettings:
        """Return a copy in which the fields that ``values`` names are changed; other names are ignored."""
        result = TorchSettings.from_plain(self.plain())
        for part in result:
            torch_configs.update_existing_config(part, values)
        return result


def as_settings(cls: type[T], value: Any) -> T:
    """Return settings of a class from such an object, a mapping of its fields, or None for the defaults."""
    if value is not None and not isinstance(value, Mapping):
        return value
    settings = cls()
    torch_configs.update_existing_config(settings, value or {})
    return settings


def settings_of(config: TrainingConfig, execution: PyTorchExecutionConfig | None = None) -> TorchSettings:
    """Return the torch settings that are equivalent to a configuration; extras of the torch settings are off."""
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
    """Return the execution settings that the torch training settings have too."""
    return {name: getattr(execution, name) for name in CARRIED}


def configuration_of(settings: TorchSettings) -> TrainingConfig:
    """Return the configuration that is equivalent to torch settings; unlike the bridge, it requires no files.

    Raises
    ------
    ConfigError
        As :func:`ptychopinn.historic.torch.config_bridge.to_model_config`.
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
    # Where C and grid_size differ, the one that was set counts.
    default, side = torch_configs.DataConfig(), math.isqrt(max(int(data.C), 1))
    only_channels = data.C != default.C and side * side == data.C and tuple(data.grid_size) == default.grid_size
    return to_model_config(data, model, {"gridsize": side} if only_channels else None)


def stored_settings(hyper_parameters: Mapping[str, Any]) -> TorchSettings:
    """Return the settings of a checkpoint: its four parts, or the equivalent of its configuration."""
    if "data_config" in hyper_parameters:
        return TorchSettings.from_plain(hyper_parameters)
    return settings_of(settings_from_plain(hyper_parameters["training"]))
