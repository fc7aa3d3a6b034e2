"""The long tasks of a job process: training, reconstruction, iteration (no Qt)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ptychopinn.events import Preview
from ptychopinn_app.jobs.spec import CalibrateDone, Emit, ReconstructDone, ReportDone, Stop, TrainDone
from ptychopinn_app.jobs.throttle import Throttle
from ptychopinn_app.runs.preview_store import PreviewStore

if TYPE_CHECKING:
    from ptychopinn.config.inference import InferenceConfig
    from ptychopinn.config.training import TrainingConfig
    from ptychopinn.workflow.result import ReconstructResult

_Result = TypeVar("_Result")
LOG_FORMAT = "%(asctime)s  %(levelname)s  %(message)s"


def train(emit: Emit, stop: Stop, *, config: TrainingConfig, **arguments: Any) -> TrainDone:
    """Train a model; arguments as of `ptychopinn.workflow.train.train`."""
    from ptychodus_adapter import PtychoPINNReconstructorLibrary

    reconstructor = PtychoPINNReconstructorLibrary().configured(config)
    result = _run(reconstructor.train_file, emit, stop, arguments)
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
    emit: Emit, stop: Stop, *, model_path: Path, config: InferenceConfig, **arguments: Any
) -> ReconstructDone:
    """Reconstruct a scan; arguments as of `ptychopinn.workflow.reconstruct.reconstruct`."""
    from ptychodus_adapter import PtychoPINNReconstructorLibrary

    reconstructor = PtychoPINNReconstructorLibrary().configured(config)
    reconstructor.load_model_from_file(model_path)
    return _done(_run(reconstructor.reconstruct_file, emit, stop, arguments))


def quick_look(emit: Emit, stop: Stop, **arguments: Any) -> ReconstructDone:
    """Reconstruct a scan by iteration; arguments as of `ptychopinn.workflow.quick_look.quick_look`."""
    from ptychopinn.workflow.quick_look import quick_look as run

    return _done(_run(run, emit, stop, arguments))


def refine(emit: Emit, stop: Stop, **arguments: Any) -> ReconstructDone:
    """Improve a result by iteration; arguments as of `ptychopinn.workflow.refine.refine`."""
    from ptychopinn.workflow.refine import refine as run

    return _done(_run(run, emit, stop, arguments))


def calibrate(emit: Emit, stop: Stop, **arguments: Any) -> CalibrateDone:
    """Retrieve the probe; arguments as of `ptychopinn.workflow.quick_look.calibrate_probe`."""
    from ptychopinn.workflow.quick_look import calibrate_probe as run

    result = _run(run, emit, stop, arguments)
    return CalibrateDone(result.run_dir, result.probe_path, result.r_before, result.r_after, result.mode_powers)


def report(emit: Emit, stop: Stop, **arguments: Any) -> ReportDone:
    """Judge a result; arguments as of `ptychopinn.workflow.quality_report.quality_report`."""
    from ptychopinn.workflow.quality_report import quality_report as run

    result = _run(run, emit, stop, arguments)
    return ReportDone(result.folder, result.page_path)


def _run(work: Callable[..., _Result], emit: Emit, stop: Stop, arguments: dict[str, Any]) -> _Result:
    """Do a part of the workflow; its log goes to standard error, its events to the window."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=LOG_FORMAT, datefmt="%H:%M:%S")
    store = PreviewStore(arguments["output_dir"])

    def keep(event: object) -> None:
        # What the window is shown, it can slide back to.
        if isinstance(event, Preview):
            store.add(event)
        emit(event)

    events = Throttle(keep)
    result = work(**arguments, report=events, should_stop=stop)
    events.flush()
    return result


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
