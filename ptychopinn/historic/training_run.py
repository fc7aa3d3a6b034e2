"""What the historic training calls of both frameworks do around their backend."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.base import History, TrainingJob
from ptychopinn.backends.stored_settings import intensity_scale
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.subsample import subsample
from ptychopinn.events import Epoch, Event, Report
from ptychopinn.historic.components import groups_per_epoch, legacy_probe, require_scan
from ptychopinn.historic.populate import restore_legacy_params

Image = NDArray[np.floating] | None

_P = ParamSpec("_P")
_R = TypeVar("_R")


def second_name(function: Callable[_P, _R], namespace: dict[str, Any]) -> Callable[_P, _R]:
    """Return a function that calls another, which it looks up by name in ``namespace``: callers replace it there."""

    @functools.wraps(function)
    def call(*arguments: _P.args, **keywords: _P.kwargs) -> _R:
        result: _R = namespace[function.__name__](*arguments, **keywords)
        return result

    return call


def prepare_job(
    train_data: RawData,
    test_data: RawData | None,
    config: TrainingConfig,
    execution: PyTorchExecutionConfig | None,
    logger: logging.Logger,
) -> TrainingJob:
    """Return the training of a scan, or of the part of it that the configuration asks for.

    Raises
    ------
    DataError
        ``train_data`` is no scan; it is a ValueError.
    """
    require_scan(train_data, "train_data")
    train_data = subsample(train_data, config.n_subsample, config.subsample_seed)
    groups = groups_per_epoch(train_data, config)
    logger.info("training on %d patterns, %d groups per epoch", train_data.n_patterns, groups)
    return TrainingJob(train_data, config, Path(config.output_dir), execution, test_data, groups)


def publish(job: TrainingJob, mean_counts: float) -> float:
    """Write the intensity scale and the probe of a training into ``params.cfg``; return the scale."""
    scale = intensity_scale(mean_counts, job.config.model.N)
    restore_legacy_params({"intensity_scale": scale, **legacy_probe(job.train_data)})
    return scale


def training_results(
    job: TrainingJob, history: History, models: dict[str, Any], container_of: Callable[[RawData, TrainingConfig], Any]
) -> dict[str, Any]:
    """Return losses, containers and models as ``train_cdi_model`` hands them to its caller."""
    return {
        "history": {"loss": list(history.loss), "val_loss": list(history.val_loss)},
        "train_container": container_of(job.train_data, job.config),
        "test_container": None if job.test_data is None else container_of(job.test_data, job.config),
        "models": models,
    }


def image_results(
    canvas: NDArray[np.complexfloating], patches: NDArray[np.complexfloating], offsets: Any
) -> tuple[NDArray[np.floating], NDArray[np.floating], dict[str, Any]]:
    """Return amplitude, phase and results of ``reassemble_cdi_image`` for a canvas (rows, columns)."""
    amplitude, phase = np.abs(canvas), np.angle(canvas)
    results = {"obj_tensor_full": patches, "global_offsets": offsets, "recon_amp": amplitude, "recon_phase": phase}
    return amplitude, phase, results


def epoch_lines(logger: logging.Logger) -> Report:
    """Return an event handler that logs one line for every epoch."""

    def report(event: Event) -> None:
        if isinstance(event, Epoch):
            logger.info("%s", event.line())

    return report
