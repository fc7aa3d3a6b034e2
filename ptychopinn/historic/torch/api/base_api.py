"""Historic module ``ptycho_torch.api.base_api``: its classes, and prediction with a model."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.torch.precision import choose_device
from ptychopinn.errors import DataError
from ptychopinn.historic.torch.api.data_loader import DataloaderFormats, PtychoDataLoader
from ptychopinn.historic.torch.api.model import ConfigManager, PtychoModel
from ptychopinn.historic.torch.api.trainer import Trainer
from ptychopinn.historic.torch.scan_prediction import predict_scan
from ptychopinn.log_errors import log_errors

__all__ = ["ConfigManager", "DataloaderFormats", "InferenceEngine", "PtychoDataLoader", "PtychoModel", "Trainer"]

logger = logging.getLogger("ptychopinn-torch")


class InferenceEngine:
    """A model and its prediction settings."""

    def __init__(self, ptycho_model: PtychoModel, config_manager: ConfigManager | None = None) -> None:
        self.ptycho_model = ptycho_model
        self.config_manager = config_manager or ConfigManager.from_loaded_model(ptycho_model)

    @log_errors("ptychopinn-torch")
    def predict_and_stitch(self, loader: PtychoDataLoader) -> NDArray[np.complex64]:
        """Return the object (rows, columns), complex64, centred on the scan's bounding box.

        ``experiment_number`` of the inference settings is the index of the scan, starting from 0.

        Raises
        ------
        ConfigError
            No model is available. The error is also a ValueError.
        DataError
            The patterns do not have the size for which the model was trained. The error is also a ValueError.
        """
        module, settings = self.ptycho_model.module(), self.config_manager.inference_config
        scan = loader.scans[min(max(settings.experiment_number, 0), len(loader.scans) - 1)]
        if scan.pattern_size != module.config.model.N:
            raise DataError(
                f"the patterns are {scan.pattern_size} pixels wide, but the model's N is {module.config.model.N}",
                "the same pattern size",
                "Crop or pad the patterns, or train a model for this size.",
            )
        logger.info("reconstructing %d patterns", scan.n_patterns)
        return predict_scan(module, scan, settings, device=choose_device("auto"))
