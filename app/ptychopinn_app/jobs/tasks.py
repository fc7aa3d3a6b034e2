"""The long tasks of a job process: training and reconstruction (no Qt)."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptychopinn_app.jobs.spec import Emit, ReconstructDone, Stop, TrainDone
from ptychopinn_app.jobs.throttle import Throttle

if TYPE_CHECKING:
    from ptychopinn.config.inference import InferenceConfig
    from ptychopinn.config.training import TrainingConfig

LOG_FORMAT = "%(asctime)s  %(levelname)s  %(message)s"


def train(
    emit: Emit, stop: Stop, *, train_file: Path, output_dir: Path, config: TrainingConfig, **arguments: Any
) -> TrainDone:
    """Train a model; arguments as of `ptychopinn.workflow.train.train`."""
    _log_to_stderr()
    from ptychodus_adapter import PtychoPINNReconstructorLibrary

    report = Throttle(emit)
    reconstructor = PtychoPINNReconstructorLibrary().configured(config)
    result = reconstructor.train_file(train_file, output_dir, **arguments, report=report, should_stop=stop)
    report.flush()
    return TrainDone(
        run_dir=result.run_dir,
        model_path=result.model_path,
        loss=tuple(result.history.get("loss", ())),
        val_loss=tuple(result.history.get("val_loss", ())),
        epochs=result.epochs,
        best_epoch=result.best_epoch,
        seconds=result.seconds,
        stopped=result.stopped,
        notices=result.notices,
    )


def reconstruct(
    emit: Emit,
    stop: Stop,
    *,
    model_path: Path,
    data_file: Path,
    output_dir: Path,
    config: InferenceConfig,
    **arguments: Any,
) -> ReconstructDone:
    """Reconstruct a scan; arguments as of `ptychopinn.workflow.reconstruct.reconstruct`."""
    _log_to_stderr()
    from ptychodus_adapter import PtychoPINNReconstructorLibrary

    report = Throttle(emit)
    reconstructor = PtychoPINNReconstructorLibrary().configured(config)
    reconstructor.load_model_from_file(model_path)
    result = reconstructor.reconstruct_file(data_file, output_dir, **arguments, report=report, should_stop=stop)
    report.flush()
    return ReconstructDone(
        run_dir=result.run_dir,
        object_path=result.object_path,
        product_path=result.product_path,
        report_path=result.report_path,
        r_factor=result.r_factor,
        noise_floor=result.noise_floor,
        seconds=result.seconds,
        n_patterns=result.n_patterns,
        metrics=dict(result.metrics),
        notices=result.notices,
    )


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=LOG_FORMAT, datefmt="%H:%M:%S")
