"""The settings of a run, handed around together."""

from __future__ import annotations

from typing import Any

from ptychopinn.errors import ConfigError
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.settings import TorchSettings, as_settings

# Settings that decide the shape of a network's weights.
_SHAPING = {
    "data_config": ("N", "C"),
    "model_config": ("mode", "n_filters_scale", "batch_norm", "object_big", "probe_big", "pad_object"),
}


class ConfigManager:
    """Data, model, training, inference and simulation settings; absent ones take their defaults."""

    def __init__(
        self,
        data_config: torch_configs.DataConfig | None = None,
        model_config: torch_configs.ModelConfig | None = None,
        training_config: torch_configs.TrainingConfig | None = None,
        inference_config: torch_configs.InferenceConfig | None = None,
        datagen_config: torch_configs.DatagenConfig | None = None,
    ) -> None:
        self.data_config = as_settings(torch_configs.DataConfig, data_config)
        self.model_config = as_settings(torch_configs.ModelConfig, model_config)
        self.training_config = as_settings(torch_configs.TrainingConfig, training_config)
        self.inference_config = as_settings(torch_configs.InferenceConfig, inference_config)
        self.datagen_config = as_settings(torch_configs.DatagenConfig, datagen_config)

    @classmethod
    def from_loaded_model(cls, ptycho_model: Any) -> ConfigManager:
        """Return the settings of a :class:`PtychoModel`."""
        settings = ptycho_model.settings
        return cls(settings.data, settings.model, settings.training, settings.inference)

    @property
    def settings(self) -> TorchSettings:
        """Data, model, training and inference settings."""
        return TorchSettings(self.data_config, self.model_config, self.training_config, self.inference_config)

    def validate_arch_compatibility(self, ptycho_model: Any) -> bool:
        """Return True when a model's weights fit these settings.

        Raises
        ------
        ConfigError
            They do not; the message names the settings that differ. It is a ValueError.
        """
        settings = ptycho_model.settings
        theirs = {"data_config": settings.data, "model_config": settings.model}
        differing = [
            f"{part}.{name} is {getattr(getattr(self, part), name)!r}, the model's is {getattr(other, name)!r}"
            for part, other in theirs.items()
            for name in _SHAPING[part]
            if getattr(getattr(self, part), name) != getattr(other, name)
        ]
        if differing:
            raise ConfigError("; ".join(differing), "the model's own settings", "Use ConfigManager.from_loaded_model.")
        return True
