"""Experiment trackers, selected by name; a failing tracker never stops a training run."""

from __future__ import annotations

import importlib.util
import logging
import os
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import CSVLogger, Logger, MLFlowLogger, TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only

_logger = logging.getLogger("ptychopinn")

_PACKAGES = {"tensorboard": ("tensorboard", "tensorboardX"), "mlflow": ("mlflow",)}
_FOLDER = "lightning_logs"
# By default MLflow reports its own use over the network, logs each table it creates, and tries an unreachable
# server for minutes; variables that the user has set win.
_MLFLOW_DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}


class _Forgiving(Logger):
    """Mixin for Lightning's loggers: the first error becomes a warning, and nothing is logged afterwards."""

    _failed = False

    def _try(self, method: str, *args: Any, **keywords: Any) -> None:
        if self._failed:
            return
        try:
            getattr(super(), method)(*args, **keywords)
        except Exception as error:
            self._failed = True
            _logger.warning("logger %s failed; training continues without it: %s", type(self).__name__, error)

    def log_metrics(self, *args: Any, **keywords: Any) -> None:
        self._try("log_metrics", *args, **keywords)

    def log_hyperparams(self, *args: Any, **keywords: Any) -> None:
        self._try("log_hyperparams", *args, **keywords)

    def save(self) -> None:
        self._try("save")

    def finalize(self, *args: Any, **keywords: Any) -> None:
        self._try("finalize", *args, **keywords)


class TensorBoard(_Forgiving, TensorBoardLogger):
    """TensorBoard logger, which needs the package tensorboard or tensorboardX."""


class MLflow(_Forgiving, MLFlowLogger):
    """MLflow logger, which works with the full and the skinny package."""


def build_logger(output_dir: Path, name: str | None) -> Logger | bool:
    """Return a Lightning logger, or False for ``'none'``; if a tracker cannot be used, warn and return a CSV logger.

    Parameters
    ----------
    output_dir : Path
        Folder for ``lightning_logs/`` or the files of MLflow.
    name : str or None
        ``csv``, ``tensorboard``, ``mlflow`` or ``none``; None means ``mlflow`` (API specification, section 4.9).
    """
    name = name or "mlflow"
    if name == "none":
        return False
    # Only the first of several processes writes; two would create MLflow's tables at the same time.
    if name in _PACKAGES and getattr(rank_zero_only, "rank", 0) == 0:
        try:
            if any(_installed(package) for package in _PACKAGES[name]):
                return _mlflow(output_dir) if name == "mlflow" else TensorBoard(output_dir, name=_FOLDER)
            reason, remedy = "is not installed", f"Install it with: pip install {name}"
        except Exception as error:
            reason, remedy = f"cannot be used ({error})", "Choose another logger, or 'none'."
        _logger.warning("logger %r %s; the losses are written to a CSV file. %s", name, reason, remedy)
    return CSVLogger(output_dir, name=_FOLDER)


def _mlflow(output_dir: Path) -> MLflow:
    """Return a logger that sends data to ``MLFLOW_TRACKING_URI`` or, if that is unset, writes into the run folder."""
    for variable, value in _MLFLOW_DEFAULTS.items():
        os.environ.setdefault(variable, value)
    logging.getLogger("lightning.pytorch.loggers.mlflow").setLevel(logging.ERROR)
    folder = output_dir.resolve()
    uri, artifacts = os.environ.get("MLFLOW_TRACKING_URI"), None
    if not uri and _installed("sqlalchemy"):
        uri, artifacts = f"sqlite:///{(folder / 'mlflow.db').as_posix()}", (folder / "mlruns").as_uri()
    elif not uri:
        # The skinny package has no database, and since 3.17 MLflow refuses plain files unless this is set.
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
        uri = (folder / "mlruns").as_uri()
    tracker = MLflow(experiment_name="ptychopinn", tracking_uri=uri, artifact_location=artifacts)
    # Opens the store or reaches the server: problems appear now, while CSV can still replace it.
    _ = tracker.experiment
    return tracker


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False
