"""A model with its settings."""

from __future__ import annotations

from pathlib import Path

from ptychopinn.backends.torch.saving import read_checkpoint
from ptychopinn.errors import ArchiveError
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.api.config_manager import ConfigManager
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning
from ptychopinn.historic.torch.settings import TorchSettings, stored_settings
from ptychopinn.log_errors import log_errors


class PtychoModel:
    """Settings and the Lightning module in ``model``, which may be assigned."""

    def __init__(
        self,
        model_config: torch_configs.ModelConfig | None = None,
        data_config: torch_configs.DataConfig | None = None,
        training_config: torch_configs.TrainingConfig | None = None,
        inference_config: torch_configs.InferenceConfig | None = None,
    ) -> None:
        manager = ConfigManager(data_config, model_config, training_config, inference_config)
        self.data_config = manager.data_config
        self.model_config = manager.model_config
        self.training_config = manager.training_config
        self.inference_config = manager.inference_config
        self.model: PtychoPINN_Lightning | None = None

    @property
    def settings(self) -> TorchSettings:
        """Data, model, training and inference settings."""
        return TorchSettings(self.data_config, self.model_config, self.training_config, self.inference_config)

    @classmethod
    def _new_model(
        cls, model: type[PtychoPINN_Lightning] | None = None, config_manager: ConfigManager | None = None
    ) -> PtychoModel:
        manager = config_manager or ConfigManager()
        settings = manager.settings
        parts = (settings.model, settings.data, settings.training, settings.inference)
        made = cls(*parts)
        made.model = (model or PtychoPINN_Lightning)(*parts)
        return made

    @staticmethod
    @log_errors("ptychopinn-torch")
    def _extract_configs_from_checkpoint(
        path: str | Path,
    ) -> tuple[
        torch_configs.DataConfig,
        torch_configs.ModelConfig,
        torch_configs.TrainingConfig,
        torch_configs.InferenceConfig,
    ]:
        checkpoint = read_checkpoint(path)
        stored = checkpoint.get("hyper_parameters")
        if not isinstance(stored, dict) or not {"data_config", "training"} & set(stored):
            raise ArchiveError(
                f"{path} holds no settings", "a checkpoint of this program", "Choose the .ckpt of a training run."
            )
        settings = stored_settings(stored)
        return settings.data, settings.model, settings.training, settings.inference
