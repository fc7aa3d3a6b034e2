"""The long tasks of a job process: training, reconstruction, iteration (no Qt)."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptychopinn_app.jobs.spec import CalibrateDone, Emit, ReconstructDone, ReportDone, Stop, TrainDone
from ptychopinn_app.jobs.throttle import Throttle

if TYPE_CHECKING:
    from ptychopinn.config.inference import InferenceConfig
    from ptychopinn.config.training import TrainingConfig
    from ptychopinn.workflow.result import ReconstructResult

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
    return _done(result)


def quick_look(emit: Emit, stop: Stop, *, data_file: Path, output_dir: Path, **arguments: Any) -> ReconstructDone:
    """Reconstruct a scan by iteration; arguments as of `ptychopinn.workflow.quick_look.quick_look`."""
    _log_to_stderr()
    from ptychopinn.workflow.quick_look import quick_look as run

    report = Throttle(emit)
    result = run(data_file, output_dir, **arguments, report=report, should_stop=stop)
    report.flush()
    return _done(result)


def refine(
    emit: Emit, stop: Stop, *, object_file: Path, data_file: Path, output_dir: Path, **arguments: Any
) -> ReconstructDone:
    """Improve a result by iteration; arguments as of `ptychopinn.workflow.refine.refine`."""
    _log_to_stderr()
    from ptychopinn.workflow.refine import refine as run

    report = Throttle(emit)
    result = run(object_file, data_file, output_dir, **arguments, report=report, should_stop=stop)
    report.flush()
    return _done(result)


def calibrate(emit: Emit, stop: Stop, *, data_file: Path, output_dir: Path, **arguments: Any) -> CalibrateDone:
    """Retrieve the probe; arguments as of `ptychopinn.workflow.quick_look.calibrate_probe`."""
    _log_to_stderr()
    from ptychopinn.workflow.quick_look import calibrate_probe as run

    report = Throttle(emit)
    result = run(data_file, output_dir, **arguments, report=report, should_stop=stop)
    report.flush()
    return CalibrateDone(output_dir, result.probe_path, result.r_before, result.r_after, result.mode_powers)


def report(emit: Emit, stop: Stop, *, object_file: Path, data_file: Path, output_dir: Path, **more: Any) -> ReportDone:
    """Judge a result; arguments as of `ptychopinn.workflow.quality_report.quality_report`."""
    _log_to_stderr()
    from ptychopinn.workflow.quality_report import quality_report as run

    events = Throttle(emit)
    result = run(object_file, data_file, output_dir, **more, report=events, should_stop=stop)
    events.flush()
    return ReportDone(output_dir, result.page_path)


def _done(result: ReconstructResult) -> ReconstructDone:
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
