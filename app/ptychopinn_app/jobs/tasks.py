"""The long tasks of a job process: training, reconstruction, iteration (no Qt)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ptychopinn.events import Preview
from ptychopinn.results import Calibration, QualityReport, ReconstructResult, TrainResult
from ptychopinn_app.jobs.spec import Emit, Stop
from ptychopinn_app.jobs.throttle import Throttle
from ptychopinn_app.runs.preview_store import PreviewStore

if TYPE_CHECKING:
    from ptychopinn.config.inference import InferenceConfig
    from ptychopinn.config.training import TrainingConfig

_Result = TypeVar("_Result")
LOG_FORMAT = "%(asctime)s  %(levelname)s  %(message)s"


def train(emit: Emit, stop: Stop, *, config: TrainingConfig, **arguments: Any) -> TrainResult:
    """Train a model; arguments as of `ptychopinn.workflow.train.train`."""
    from ptychodus_adapter import PtychoPINNReconstructorLibrary

    reconstructor = PtychoPINNReconstructorLibrary().configured(config)
    return _run(reconstructor.train_file, emit, stop, arguments)


def reconstruct(
    emit: Emit, stop: Stop, *, model_path: Path, config: InferenceConfig, **arguments: Any
) -> ReconstructResult:
    """Reconstruct a scan; arguments as of `ptychopinn.workflow.reconstruct.reconstruct`."""
    from ptychodus_adapter import PtychoPINNReconstructorLibrary

    reconstructor = PtychoPINNReconstructorLibrary().configured(config)
    reconstructor.load_model_from_file(model_path)
    return _run(reconstructor.reconstruct_file, emit, stop, arguments)


def quick_look(emit: Emit, stop: Stop, **arguments: Any) -> ReconstructResult:
    """Reconstruct a scan by iteration; arguments as of `ptychopinn.workflow.quick_look.quick_look`."""
    from ptychopinn.workflow.quick_look import quick_look as run

    return _run(run, emit, stop, arguments)


def refine(emit: Emit, stop: Stop, **arguments: Any) -> ReconstructResult:
    """Improve a result by iteration; arguments as of `ptychopinn.workflow.refine.refine`."""
    from ptychopinn.workflow.refine import refine as run

    return _run(run, emit, stop, arguments)


def calibrate(emit: Emit, stop: Stop, **arguments: Any) -> Calibration:
    """Retrieve the probe; arguments as of `ptychopinn.workflow.quick_look.calibrate_probe`."""
    from ptychopinn.workflow.quick_look import calibrate_probe as run

    return _run(run, emit, stop, arguments)


def report(emit: Emit, stop: Stop, **arguments: Any) -> QualityReport:
    """Judge a result; arguments as of `ptychopinn.workflow.quality_report.quality_report`."""
    from ptychopinn.workflow.quality_report import quality_report as run

    return _run(run, emit, stop, arguments)


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
