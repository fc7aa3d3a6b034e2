"""The reconstructors of this distribution, for programs that embed them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ptychodus_adapter.host_types import ReconstructorLibrary
from ptychodus_adapter.reconstructor import PtychoPINNTrainableReconstructor
from ptychodus_adapter.settings import SettingsGroup
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.presets import own_model_defaults, own_training_defaults
from ptychopinn.config.training import TrainingConfig


class PtychoPINNReconstructorLibrary(ReconstructorLibrary):  # type: ignore[misc]
    """The reconstructors 'PINN' and 'Supervised', which share one set of settings (API specification, section 4.1).

    Attributes
    ----------
    model_settings, training_settings, inference_settings : SettingsGroup
        Changes take effect with the next job.
    """

    def __init__(self, *, is_developer_mode_enabled: bool = False) -> None:
        super().__init__("ptychopinn")
        self.model_settings = SettingsGroup(ModelConfig, own_model_defaults())
        self.training_settings = SettingsGroup(TrainingConfig, own_training_defaults())
        self.inference_settings = SettingsGroup(InferenceConfig)
        groups = (self.model_settings, self.inference_settings, self.training_settings)
        self._reconstructors = [
            PtychoPINNTrainableReconstructor(name, *groups, is_developer_mode_enabled=is_developer_mode_enabled)
            for name in ("PINN", "Supervised")
        ]

    @property
    def name(self) -> str:
        """Name under which a host lists the reconstructors."""
        return "PtychoPINN"

    def configured(self, config: TrainingConfig | InferenceConfig) -> PtychoPINNTrainableReconstructor:
        """Copy the settings from a configuration and return the reconstructor for its model type."""
        self.model_settings.take(config.model)
        (self.training_settings if isinstance(config, TrainingConfig) else self.inference_settings).take(config)
        return self._reconstructors[config.model.model_type == "supervised"]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._reconstructors)
