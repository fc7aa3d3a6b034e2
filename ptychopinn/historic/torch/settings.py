"""The four settings objects of a torch model together, and their way to and from the configuration dataclasses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from ptychopinn.backends.torch.epoch_plan import EpochPlan
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.historic.torch import config_params as legacy_configs
from ptychopinn.historic.torch.config_bridge import to_model_config

_NAMES = ("data_config", "model_config", "training_config", "inference_config")
_CLASSES: tuple[type[Any], ...] = (
    legacy_configs.DataConfig,
    legacy_configs.ModelConfig,
    legacy_configs.TrainingConfig,
    legacy_configs.InferenceConfig,
)
_MODES = {"pinn": "Unsupervised", "supervised": "Supervised"}
_DATA = legacy_configs.DataConfig()
_VALIDATION = TrainingConfig.validation_fraction

T = TypeVar("T")


@dataclass(frozen=True)
class TorchSettings:
    """Data, model, training and inference settings of one model."""

    data: legacy_configs.DataConfig
    model: legacy_configs.ModelConfig
    training: legacy_configs.TrainingConfig
    inference: legacy_configs.InferenceConfig

    def plain(self) -> dict[str, dict[str, Any]]:
        """Return nested dictionaries of plain values, as checkpoints keep them."""
        parts: tuple[Any, ...] = (self.data, self.model, self.training, self.inference)
        return {
            name: {entry.name: plain_value(getattr(part, entry.name)) for entry in fields(part)}
            for name, part in zip(_NAMES, parts, strict=True)
        }

    @classmethod
    def of(cls, *parts: Any) -> TorchSettings:
        """Return settings from data, model, training and inference settings, mappings of them, or None."""
        return cls(*(as_settings(kind, part) for kind, part in zip(_CLASSES, parts, strict=True)))

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> TorchSettings:
        """Return the settings of :meth:`plain`; unknown names are ignored, absent ones take their defaults."""
        return cls.of(*(plain.get(name) for name in _NAMES))


def as_settings(cls: type[T], value: Any) -> T:
    """Return settings of a class from such an object, a mapping of its fields, or None for the defaults."""
    if value is None:
        return cls()
    if not isinstance(value, Mapping):
        return value
    settings = cls()
    legacy_configs.update_existing_config(settings, value)
    return settings


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


def settings_of(config: TrainingConfig, execution: PyTorchExecutionConfig | None = None) -> TorchSettings:
    """Return the torch settings that mean the same as a configuration; extras of the torch settings are off."""
    model, size = config.model, config.model.gridsize
    execution = execution or PyTorchExecutionConfig()
    mae = model.model_type == "supervised" or config.torch_loss_mode == "mae"
    return TorchSettings(
        legacy_configs.DataConfig(
            nphotons=config.nphotons,
            N=model.N,
            C=size**2,
            K=config.neighbor_count,
            subsample_seed=config.subsample_seed,
            grid_size=(size, size),
            probe_scale=model.probe_scale,
            x_bounds=(0.0, 1.0),
            y_bounds=(0.0, 1.0),
        ),
        legacy_configs.ModelConfig(
            mode=_MODES.get(model.model_type, model.model_type),
            intensity_scale_trainable=config.intensity_scale_trainable,
            C_model=size**2,
            C_forward=size**2,
            n_filters_scale=model.n_filters_scale,
            amp_activation=model.amp_activation,
            probe_mask=True if model.probe_mask else None,
            edge_pad=0,
            decoder_last_c_outer_fraction=0.0,
            decoder_last_amp_channels=size**2,
            cbam_encoder=False,
            object_big=model.object_big,
            probe_big=model.probe_big,
            pad_object=model.pad_object,
            gaussian_smoothing_sigma=model.gaussian_smoothing_sigma,
            loss_function="MAE" if mae else "Poisson",
        ),
        legacy_configs.TrainingConfig(
            nll=config.nll_weight > 0,
            device=execution.accelerator,
            strategy=execution.strategy,
            learning_rate=execution.learning_rate,
            epochs=config.nepochs,
            batch_size=config.batch_size,
            scheduler=execution.scheduler,
            num_workers=execution.num_workers,
            accum_steps=execution.accum_steps,
            gradient_clip_val=execution.gradient_clip_val,
            torch_loss_mode="mae" if mae else "poisson",
            train_data_file=None if config.train_data_file is None else str(config.train_data_file),
            test_data_file=None if config.test_data_file is None else str(config.test_data_file),
            output_dir=str(config.output_dir),
            n_groups=config.n_groups,
        ),
        legacy_configs.InferenceConfig(
            batch_size=execution.inference_batch_size or config.batch_size,
            middle_trim=execution.middle_trim,
            pad_eval=execution.pad_eval,
        ),
    )


def configuration_of(settings: TorchSettings) -> TrainingConfig:
    """Return the configuration that torch settings mean; unlike the bridge, it asks for no files.

    Raises
    ------
    ConfigError
        As :func:`ptychopinn.historic.torch.config_bridge.to_model_config`.
    """
    data, model, training = settings.data, settings.model, settings.training
    supervised = model.mode == "Supervised"
    mae = supervised or training.torch_loss_mode == "mae" or model.loss_function == "MAE" or not training.nll
    return TrainingConfig(
        model=canonical_model(data, model),
        train_data_file=None if training.train_data_file is None else Path(training.train_data_file),
        test_data_file=None if training.test_data_file is None else Path(training.test_data_file),
        batch_size=training.batch_size,
        nepochs=EpochPlan.of(training).total,
        nphotons=data.nphotons,
        n_groups=training.n_groups,
        subsample_seed=data.subsample_seed,
        neighbor_count=max(data.K, data.C),
        intensity_scale_trainable=model.intensity_scale_trainable,
        output_dir=Path(training.output_dir),
        torch_loss_mode="mae" if mae else "poisson",
        backend="pytorch",
        validation_fraction=training.finetune_val_split if training.enable_staged_finetuning else _VALIDATION,
    )


def canonical_model(data: legacy_configs.DataConfig, model: legacy_configs.ModelConfig) -> ModelConfig:
    """Return the model configuration; where ``C`` and ``grid_size`` differ, the one that was set counts."""
    side = math.isqrt(max(int(data.C), 1))
    given = data.C != _DATA.C and side * side == data.C
    overrides = {"gridsize": side} if given and tuple(data.grid_size) == tuple(_DATA.grid_size) else None
    return to_model_config(data, model, overrides)


def copied(settings: TorchSettings) -> TorchSettings:
    """Return settings that share nothing mutable with the given ones."""
    return TorchSettings.from_plain(settings.plain())


def changed(settings: TorchSettings, values: Mapping[str, Any]) -> TorchSettings:
    """Return a copy in which the fields that ``values`` names have other values; other names are ignored."""
    result = copied(settings)
    for part in (result.data, result.model, result.training, result.inference):
        legacy_configs.update_existing_config(part, values)
    return result
