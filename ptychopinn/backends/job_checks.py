"""Checks before training, and a notice if training yields an unusable object."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.base import TrainingJob
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError
from ptychopinn.events import Report, notify
from ptychopinn.quality.collapse import collapse_notice

_logger = logging.getLogger("ptychopinn")


def check_job(job: TrainingJob) -> None:
    """Reject a scan that does not match the settings.

    Raises
    ------
    DataError
        The pattern size differs from N, or the known object needed for training is missing, flat or damaged.
    """
    if not job.config.positions_provided:
        _logger.warning("positions_provided is False; the positions in the file are used anyway")
    learns_from_truth = job.config.model.model_type == "supervised"
    if job.config.realspace_mae_weight > 0 and not learns_from_truth and job.train_data.objectGuess is None:
        _logger.warning("realspace_mae_weight has no effect: the training scan has no objectGuess")
    check_scans(job.config, job.config.model, job.train_data, job.test_data)


def check_scans(config: TrainingConfig, model: ModelConfig, data: RawData, test: RawData | None) -> None:
    """Reject scans on which a network cannot be trained; see :func:`check_job`."""
    if data.pattern_size != model.N:
        raise DataError(
            f"the patterns are {data.pattern_size} pixels wide but N is {model.N}",
            f"N = {data.pattern_size}",
            "Set N to the size of the patterns.",
        )
    if test is not None and test.pattern_size != data.pattern_size:
        raise DataError(
            f"training and test patterns have different widths: {data.pattern_size} and {test.pattern_size} pixels",
            "equal widths",
            "Choose a test scan with patterns of the same size.",
        )
    supervised = model.model_type == "supervised"
    if supervised:
        setting = "model_type is 'supervised'"
        remedy = "Set model_type to 'pinn', which needs no known object."
    else:
        setting = f"realspace_mae_weight is {config.realspace_mae_weight:g}"
        remedy = "Set realspace_mae_weight to 0, which needs no known object."
    for which, scan in (("training", data), ("test", test)):
        if scan is None or not (supervised or (config.realspace_mae_weight > 0 and scan.objectGuess is not None)):
            continue
        if lack := _lack_of_truth(scan.objectGuess):
            expected = "the known object in objectGuess"
            raise DataError(f"{setting} but objectGuess of the {which} scan {lack}", expected, remedy)


def _lack_of_truth(truth: NDArray[np.complexfloating] | None) -> str:
    """Return the reason why a network cannot learn from an object, or an empty string."""
    if truth is None:
        return "is absent"
    bad = int(np.count_nonzero(~np.isfinite(truth)))
    if bad:
        return f"has {bad} pixels that are NaN or infinite"
    return "is flat" if float(np.std(truth)) < 1e-6 else ""


def judge_object(obj: NDArray[np.complexfloating], report: Report) -> tuple[str, ...]:
    """Report and return a notice if the illuminated pixels of an object are flat or not finite; otherwise return ()."""
    text = collapse_notice(obj) if obj.size else None
    if text is None:
        return ()
    notify(report, text)
    return (text,)
