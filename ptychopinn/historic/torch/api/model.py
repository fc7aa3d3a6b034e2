"""The settings of a run, and a model with its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ptychopinn.backends.torch.saving import read_checkpoint
from ptychopinn.errors import ArchiveError, ConfigError
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning
from ptychopinn.historic.torch.settings import TorchSettings, as_settings, stored_settings
from ptychopinn.log_errors import log_errors

# Settings that decide the shape of a network's weights.
_SHAPING = {
    "data": ("N", "C"),
    "model": ("mode", "n_filters_scale", "batch_norm", "object_big", "probe_big", "pad_object"),
}


class _FourConfigs:
    """Data, model, training and inference settings as attributes that programs can replace."""

    def __init__(self, settings: TorchSettings) -> None:
        self.data_config, self.model_config, self.training_config, self.inference_config = settings

    @property
    def settings(self) -> TorchSettings:
        """Data, model, training and inference settings."""
        return TorchSettings(self.data_config, self.model_config, self.training_config, self.inference_config)


class ConfigManager(_FourConfigs):
    """Data, model, training, inference and simulation settings; missing parts have default values."""

    def __init__(
        self,
        data_config: torch_configs.DataConfig | None = None,
        model_config: torch_configs.ModelConfig | None = None,
        training_config: torch_configs.TrainingConfig | None = None,
        inference_config: torch_configs.InferenceConfig | None = None,
        datagen_config: torch_configs.DatagenConfig | None = None,
    ) -> None:
        super().__init__(TorchSettings.from_parts(data_config, model_config, training_config, inference_config))
        self.datagen_config = as_settings(torch_configs.DatagenConfig, datagen_config)

    @classmethod
    def from_loaded_model(cls, ptycho_model: PtychoModel) -> ConfigManager:
        """Return the settings of a model."""
        return cls(*ptycho_model.settings)

    def validate_arch_compatibility(self, ptycho_model: PtychoModel) -> bool:
        """Return True if a model's weights match these settings.

        Raises
        ------
        ConfigError
            The weights do not match; the message names the settings that differ. The error is also a ValueError.
        """
        pairs = [
            (f"{part}_config.{name}", getattr(getattr(self.settings, part), name), getattr(other, name))
            for part, other in ptycho_model.settings._asdict().items()
            for name in _SHAPING.get(part, ())
        ]
        differing = [f"{name} is {own!r}, but {other!r} in the model" for name, own, other in pairs if own != other]
        if differing:
            raise ConfigError("; ".join(differing), "the model's own settings", "Call ConfigManager.from_loaded_model.")
        return True


class PtychoModel(_FourConfigs):
    """The settings of a model, and its Lightning module in the attribute ``model``, which programs can replace."""

    def __init__(
        self,
        model_config: torch_configs.ModelConfig | None = None,
        data_config: torch_configs.DataConfig | None = None,
        training_config: torch_configs.TrainingConfig | None = None,
        inference_config: torch_configs.InferenceConfig | None = None,
    ) -> None:
        super().__init__(TorchSettings.from_parts(data_config, model_config, training_config, inference_config))
        self.model: PtychoPINN_Lightning | None = None

    @classmethod
    def _new_model(
        cls, model: type[PtychoPINN_Lightning] | None = None, config_manager: ConfigManager | None = None
    ) -> PtychoModel:
        data, network, training, inference = (config_manager or ConfigManager()).settings
        result = cls(network, data, training, inference)
        result.model = (model or PtychoPINN_Lightning)(network, data, training, inference)
        return result

    @staticmethod
    @log_errors("ptychopinn-torch")
    def _extract_configs_from_checkpoint(path: str | Path) -> TorchSettings:
        stored: Any = read_checkpoint(path).get("hyper_parameters")
        if not isinstance(stored, dict) or not {"data_config", "training"} & set(stored):
            raise ArchiveError(
                f"{path} contains no settings",
                "a checkpoint written by this program",
                "Choose the .ckpt file of a training run.",
            )
        return stored_settings(stored)

    def module(self) -> PtychoPINN_Lightning:
        """Return the Lightning module.

        Raises
        ------
        ConfigError
            No model is available yet. The error is also a ValueError.
        """
        if self.model is None:
            raise ConfigError("PtychoModel.model is None", "a module", "Call PtychoModel._new_model, or load a model.")
        return self.model
