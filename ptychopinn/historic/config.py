"""Historic module ``ptycho.config.config`` (API specification, sections 1 to 3)."""

from __future__ import annotations

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.legacy_bridge import KEY_MAPPINGS, dataclass_to_legacy_dict, update_legacy_dict
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.validation import validate_inference_config, validate_model_config, validate_training_config
from ptychopinn.config.yaml_file import load_yaml_config

__all__ = [
    "KEY_MAPPINGS",
    "InferenceConfig",
    "ModelConfig",
    "PyTorchExecutionConfig",
    "TrainingConfig",
    "dataclass_to_legacy_dict",
    "load_yaml_config",
    "update_legacy_dict",
    "validate_inference_config",
    "validate_model_config",
    "validate_training_config",
]
