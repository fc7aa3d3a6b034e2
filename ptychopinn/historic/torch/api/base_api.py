"""Historic module ``ptycho_torch.api.base_api``."""

from __future__ import annotations

from ptychopinn.historic.torch.api.config_manager import ConfigManager
from ptychopinn.historic.torch.api.data_loader import DataloaderFormats, PtychoDataLoader
from ptychopinn.historic.torch.api.inference_engine import InferenceEngine
from ptychopinn.historic.torch.api.ptycho_model import PtychoModel
from ptychopinn.historic.torch.api.trainer import Trainer

__all__ = [
    "ConfigManager",
    "DataloaderFormats",
    "InferenceEngine",
    "PtychoDataLoader",
    "PtychoModel",
    "Trainer",
]
