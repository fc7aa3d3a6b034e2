"""The long tasks of a job process: training, reconstruction, iteration and quality reports (no Qt)."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ptychopinn.events import Preview
from ptychopinn.results import Calibration, QualityReport, ReconstructResult, TrainResult
from ptychopinn_app.jobs.job import Emit, Stop
from ptychopinn_app.runs.preview_store import PreviewStore

if TYPE_CHECKING:
    from ptychopinn.config.execution import PyTorchExecutionConfig
    from ptychopinn.config.inference import InferenceConfig
    from ptychopinn.config.iterative import IterativeConfig
    from ptychopinn.config.training import TrainingConfig

PERIOD_SECONDS: Mapping[str, float] = {"Preview": 0.2, "Batch": 0.1}
LOG_FORMAT = "%(asctime)s  %(levelname)s  %(message)s"


class _Options(TypedDict):
    """Arguments common to all workflows."""

    fixes: tuple[str, ...]
    report: Throttle
    should_stop: Stop


@dataclass(frozen=True)
class ScanWork:
    """A job's scan and how to read it, the execution settings, and the folder for the results."""

    file: Path
    run_dir: Path
    execution: PyTorchExecutionConfig
    units: str
    fixes: tuple[str, ...]


def train(
    emit: Emit, stop: Stop, on: ScanWork, *, config: TrainingConfig, test_file: Path | None, start_from: Path | None
) -> TrainResult:
    """Train a model from random weights or from the weights in an archive."""
    from ptychodus_adapter import PtychoPINNReconstructorLibrary

    reconstructor = PtychoPINNReconstructorLibrary().configured(config)
    with _options(emit, stop, on) as options:
        return reconstructor.train_file(
            on.file, on.run_dir, on.execution, test_file=test_file, start_from=start_from, **options
        )


def reconstruct(
    emit: Emit, stop: Stop, on: ScanWork, *, config: InferenceConfig, model_path: Path, refine: IterativeConfig | None
) -> ReconstructResult:
    """Reconstruct a scan with a model, and refine the object if `refine` is set."""
    from ptychodus_adapter import PtychoPINNReconstructorLibrary

    reconstructor = PtychoPINNReconstructorLibrary().configured(config)
    reconstructor.load_model_from_file(model_path)
    with _options(emit, stop, on) as options:
        return reconstructor.reconstruct_file(on.file, on.run_dir, on.execution, refine=refine, **options)


def quick_look(emit: Emit, stop: Stop, on: ScanWork, config: IterativeConfig) -> ReconstructResult:
    """Reconstruct a scan by a few sweeps from an empty object."""
    from ptychopinn.workflow.quick_look import quick_look as work

    with _options(emit, stop, on) as options:
        return work(on.file, on.run_dir, config, on.execution, units=on.units, **options)


def calibrate(emit: Emit, stop: Stop, on: ScanWork, config: IterativeConfig) -> Calibration:
    """Retrieve the probe from the patterns of a scan."""
    from ptychopinn.workflow.quick_look import calibrate_probe as work

    with _options(emit, stop, on) as options:
        return work(on.file, on.run_dir, config, on.execution, units=on.units, **options)


def refine(emit: Emit, stop: Stop, on: ScanWork, object_file: Path, config: IterativeConfig) -> ReconstructResult:
    """Refine the object of a result by further sweeps."""
    from ptychopinn.workflow.refine import refine as work

    with _options(emit, stop, on) as options:
        return work(object_file, on.file, on.run_dir, config, on.execution, units=on.units, **options)


def report(emit: Emit, stop: Stop, on: ScanWork, object_file: Path) -> QualityReport:
    """Assess a result and write its quality report."""
    from ptychopinn.workflow.quality_report import quality_report as work

    with _options(emit, stop, on) as options:
        return work(object_file, on.file, on.run_dir, execution=on.execution, units=on.units, **options)


@contextmanager
def _options(emit: Emit, stop: Stop, on: ScanWork) -> Iterator[_Options]:
    """Yield the arguments common to all jobs; `report` sends events to the window and stores previews.

    Log messages go to standard error.
    """
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=LOG_FORMAT, datefmt="%H:%M:%S")
    store = PreviewStore(on.run_dir)

    def send(event: object) -> None:
        if isinstance(event, Preview):
            store.add(event)
        emit(event)

    events = Throttle(send)
    yield {"fixes": on.fixes, "report": events, "should_stop": stop}
    events.flush()


class Throttle:
    """Forwards events, limiting previews to five and batch events to ten per second."""

    def __init__(self, emit: Emit, clock: Callable[[], float] = time.monotonic) -> None:
        self._emit = emit
        self._clock = clock
        self._sent: dict[str, float] = {}
        self._held: dict[str, object] = {}

    def __call__(self, event: object) -> None:
        """Forward an event, or hold it back until it is due."""
        kind = type(event).__name__
        if kind in PERIOD_SECONDS:
            self._held[kind] = event
        else:
            self._emit(event)
        self._send_due()

    def flush(self) -> None:
        """Send the events still held back."""
        for event in self._held.values():
            self._emit(event)
        self._held.clear()

    def _send_due(self) -> None:
        now = self._clock()
        for kind in list(self._held):
            if now - self._sent.get(kind, float("-inf")) >= PERIOD_SECONDS[kind]:
                self._sent[kind] = now
                self._emit(self._held.pop(kind))
