"""Experiment trackers by name."""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path

from lightning.pytorch.loggers import CSVLogger, Logger, MLFlowLogger, TensorBoardLogger

_logger = logging.getLogger("ptychopinn")

_PACKAGES = {"tensorboard": ("tensorboard", "tensorboardX"), "mlflow": ("mlflow", "mlflow_skinny")}


def build_logger(output_dir: Path, name: str | None) -> Logger | bool:
    """Return Lightning's logger, False for ``'none'``; CSV (with a warning) when a tracker is not installed.

    Parameters
    ----------
    output_dir : Path
        Gets ``lightning_logs/``.
    name : str or None
        ``csv``, ``tensorboard``, ``mlflow`` or ``none``; None means ``mlflow`` (API specification, section 4.9).
    """
    name = name or "mlflow"
    if name == "none":
        return False
    if name in _PACKAGES and not any(_installed(package) for package in _PACKAGES[name]):
        _logger.warning(
            "logger %r is not installed; losses go to a CSV file. Install it with: pip install %s", name, name
        )
        name = "csv"
    if name == "csv":
        return CSVLogger(output_dir, name="lightning_logs")
    if name == "tensorboard":
        return TensorBoardLogger(output_dir, name="lightning_logs")
    return MLFlowLogger(experiment_name="ptychopinn", tracking_uri=f"file:{output_dir / 'mlruns'}")


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False
