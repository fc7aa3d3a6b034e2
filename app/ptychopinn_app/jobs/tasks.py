"""The long tasks of a job process: training, reconstruction, iteration (no Qt)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ptychopinn.events import Preview
from ptychopinn.results import Calibration, QualityReport, ReconstructResult, TrainResult
from ptychopinn_app.jobs.call import Emit, Stop
from ptychopinn_app.jobs.throttle import Throttle
from ptychopinn_app.runs.preview_store import PreviewStore

if TYPE_CHECKING:
    from ptychopinn.config.execution import PyTorchExecutionConfig
    from ptychopinn.config.inference import InferenceConfig
    from ptychopinn.config.iterative import IterativeConfig
    from ptychopinn.config.training import TrainingConfig

LOG_FORMAT = "%(asctime)s  %(levelname)s  %(message)s"


class _Options(TypedDict):
    """Arguments that every workflow takes."""

    fixes: tuple[str, ...]
    report: Throttle
    should_stop: Stop


@dataclass(frozen=True)
class ScanWork:
    """The scan of an iteration, and the folder for its results."""

    file: Path
    run_dir: Path
    execution: PyTorchExecutionConfig
    units: str
    fixes: tuple[str, ...]


def train(
    emit: Emit,
    stop: Stop,
    *,
    train_file: Path,
    output_dir: Path,
    config: TrainingConfig,
    execution: PyTorchExecutionConfig,
    test_file: Path | None,
    start_from: Path | None,
    fixes: tuple[str, ...],
) -> TrainResult:
    """Train a model; arguments as of `ptychopinn.workflow.train.train`."""
    from ptychodus_adapter import PtychoPINNReconstructorLibrary

    reconstructor = PtychoPINNReconstructorLibrary().configured(config)
    with _options(emit, stop, output_dir, fixes) as options:
        return reconstructor.train_file(
            train_file, output_dir, execution, test_file=test_file, start_from=start_from, **options
        )


def reconstruct(
    emit: Emit,
    stop: Stop,
    *,
    model_path: Path,
    data_file: Path,
    output_dir: Path,
    config: InferenceConfig,
    execution: PyTorchExecutionConfig,
    refine: IterativeConfig | None,
    fixes: tuple[str, ...],
) -> ReconstructResult:
    """Reconstruct a scan; arguments as of `ptychopinn.workflow.reconstruct.reconstruct`."""
    from ptychodus_adapter import PtychoPINNReconstructorLibrary

    reconstructor = PtychoPINNReconstructorLibrary().configured(config)
    reconstructor.load_model_from_file(model_path)
    with _options(emit, stop, output_dir, fixes) as options:
        return reconstructor.reconstruct_file(data_file, output_dir, execution, refine=refine, **options)


def quick_look(emit: Emit, stop: Stop, on: ScanWork, config: IterativeConfig) -> ReconstructResult:
    """Reconstruct a scan by iteration."""
    from ptychopinn.workflow.quick_look import quick_look as work

    with _options(emit, stop, on.run_dir, on.fixes) as options:
        return work(on.file, on.run_dir, config, on.execution, units=on.units, **options)


def calibrate(emit: Emit, stop: Stop, on: ScanWork, config: IterativeConfig) -> Calibration:
    """Retrieve the probe."""
    from ptychopinn.workflow.quick_look import calibrate_probe as work

    with _options(emit, stop, on.run_dir, on.fixes) as options:
        return work(on.file, on.run_dir, config, on.execution, units=on.units, **options)


def refine(emit: Emit, stop: Stop, on: ScanWork, object_file: Path, config: IterativeConfig) -> ReconstructResult:
    """Improve a result by iteration."""
    from ptychopinn.workflow.refine import refine as work

    with _options(emit, stop, on.run_dir, on.fixes) as options:
        return work(object_file, on.file, on.run_dir, config, on.execution, units=on.units, **options)


def report(emit: Emit, stop: Stop, on: ScanWork, object_file: Path) -> QualityReport:
    """Judge a result."""
    from ptychopinn.workflow.quality_report import quality_report as work

    with _options(emit, stop, on.run_dir, on.fixes) as options:
        return work(object_file, on.file, on.run_dir, execution=on.execution, units=on.units, **options)


@contextmanager
def _options(emit: Emit, stop: Stop, run_dir: Path, fixes: tuple[str, ...]) -> Iterator[_Options]:
    """Send events to the window and the log to standard error; store the previews to show them again later."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=LOG_FORMAT, datefmt="%H:%M:%S")
    store = PreviewStore(run_dir)

    def send(event: object) -> None:
        if isinstance(event, Preview):
            store.add(event)
        emit(event)

    events = Throttle(send)
    yield {"fixes": fixes, "report": events, "should_stop": stop}
    events.flush()
