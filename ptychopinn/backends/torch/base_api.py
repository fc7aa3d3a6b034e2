"""Historic module ``ptycho_torch.api.base_api``."""

from __future__ import annotations

from ptychopinn.backends.torch.api.config_manager import ConfigManager
from ptychopinn.backends.torch.api.data_loader import DataloaderFormats, PtychoDataLoader
from ptychopinn.backends.torch.api.inference_engine import InferenceEngine
from ptychopinn.backends.torch.api.ptycho_model import PtychoModel
from ptychopinn.backends.torch.api.trainer import Trainer

__all__ = [
    "ConfigManager",
    "DataloaderFormats",
    "InferenceEngine",
    "PtychoDataLoader",
    "PtychoModel",
    "Trainer",
]
