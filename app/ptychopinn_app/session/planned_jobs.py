"""Jobs that have not started, one class per kind, each with its title, input files and task (no Qt)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ptychopinn.config.presets import CALIBRATION_SWEEPS, QUICK_LOOK_SWEEPS, REFINEMENT_SWEEPS
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs import tasks
from ptychopinn_app.jobs.job import Call, Kind, job_call
from ptychopinn_app.jobs.tasks import ScanWork
from ptychopinn_app.records import Model, Scan


@dataclass(frozen=True)
class PlannedJob(ABC):
    """A job on a scan.

    Attributes
    ----------
    kind : kind of job, used in the run's note and folder name
    words : the title, with {} as the placeholder for the scan name
    """

    kind: ClassVar[Kind]
    words: ClassVar[str]
    scan: Scan

    @property
    def title(self) -> str:
        """Title to display."""
        return self.words.format(self.scan.path.name)

    @property
    def sources(self) -> dict[str, Path]:
        """Input files other than the scan, for the run's note."""
        return {}

    def backend(self, settings: JobSettings) -> str:
        """Return the backend whose execution settings apply."""
        return "pytorch"

    def call(self, settings: JobSettings, run_dir: Path) -> Call[object]:
        """Return a `Call` of the job's task; the task writes to `run_dir`."""
        execution = settings.execution(self.backend(settings))
        return self._call(settings, ScanWork(self.scan.path, run_dir, execution, self.scan.units, self.scan.fixes))

    @abstractmethod
    def _call(self, settings: JobSettings, on: ScanWork) -> Call[object]: ...


@dataclass(frozen=True)
class TrainJob(PlannedJob):
    """A training run that starts from random weights or from a model."""

    kind = "train"
    words = "Training on {}"
    test: Scan | None = None
    start_from: Model | None = None

    @property
    def title(self) -> str:
        """Title to display."""
        return f"{super().title}, from {self.start_from.title}" if self.start_from is not None else super().title

    def backend(self, settings: JobSettings) -> str:
        """Return the chosen backend."""
        return settings.backend

    def _call(self, settings: JobSettings, on: ScanWork) -> Call[object]:
        test_file = self.test.path if self.test is not None else None
        config = settings.training(on.file, test_file, on.run_dir, on.units)
        start_from = self.start_from.path if self.start_from is not None else None
        return job_call(tasks.train, on, config=config, test_file=test_file, start_from=start_from)


@dataclass(frozen=True)
class ReconstructJob(PlannedJob):
    """A reconstruction with a model; if `model` is None, the preceding training run provides it."""

    kind = "reconstruct"
    words = "Reconstruction of {}"
    model: Model | None

    @property
    def title(self) -> str:
        """Title to display."""
        return (
            f"{super().title}, using the model from the preceding training run" if self.model is None else super().title
        )

    @property
    def sources(self) -> dict[str, Path]:
        """Archive of the model, for the run's note."""
        return {"model": self.model.path} if self.model is not None else {}

    def backend(self, settings: JobSettings) -> str:
        """Return the backend of the model."""
        return self.model.backend if self.model is not None else settings.backend

    def _call(self, settings: JobSettings, on: ScanWork) -> Call[object]:
        if self.model is None:
            raise ValueError(f"{self.title}: the preceding training run has not finished. Wait for it to finish.")
        path = self.model.path
        config = settings.inference(path, on.file, on.run_dir, on.units, self.model.backend)
        return job_call(tasks.reconstruct, on, config=config, model_path=path, refine=settings.refine)


@dataclass(frozen=True)
class QuickLookJob(PlannedJob):
    """A quick look: a few sweeps from an empty object."""

    kind = "quick"
    words = "Quick look at {}"

    def _call(self, settings: JobSettings, on: ScanWork) -> Call[object]:
        return job_call(tasks.quick_look, on, settings.iterations(QUICK_LOOK_SWEEPS))


@dataclass(frozen=True)
class CalibrateJob(PlannedJob):
    """A calibration, which retrieves the probe from the data."""

    kind = "calibrate"
    words = "Probe calibration on {}"

    def _call(self, settings: JobSettings, on: ScanWork) -> Call[object]:
        return job_call(tasks.calibrate, on, settings.iterations(CALIBRATION_SWEEPS))


@dataclass(frozen=True)
class RefineJob(PlannedJob):
    """A refinement: sweeps that start from an existing object."""

    kind = "refine"
    words = "Refinement of {}"
    object_file: Path

    @property
    def sources(self) -> dict[str, Path]:
        """Object file, for the run's note."""
        return {"refined": self.object_file}

    def _call(self, settings: JobSettings, on: ScanWork) -> Call[object]:
        sweeps = settings.refine.sweeps if settings.refine else REFINEMENT_SWEEPS
        return job_call(tasks.refine, on, self.object_file, settings.iterations(sweeps))


@dataclass(frozen=True)
class ReportJob(PlannedJob):
    """A quality report on an object."""

    kind = "report"
    words = "Report on the object of {}"
    object_file: Path

    @property
    def sources(self) -> dict[str, Path]:
        """Object file, for the run's note."""
        return {"object": self.object_file}

    def _call(self, settings: JobSettings, on: ScanWork) -> Call[object]:
        return job_call(tasks.report, on, self.object_file)
