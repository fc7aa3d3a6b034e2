"""Jobs before their start, one record for each kind: its title, its entries in the run's note, its call (no Qt)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ptychopinn.config.presets import CALIBRATION_SWEEPS, QUICK_LOOK_SWEEPS, REFINEMENT_SWEEPS
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs import tasks
from ptychopinn_app.jobs.call import Call, job_call
from ptychopinn_app.jobs.job import Kind
from ptychopinn_app.records import Model, Scan


@dataclass(frozen=True)
class PlannedJob(ABC):
    """A job on a scan.

    Attributes
    ----------
    kind : in the run's note and in the name of its folder
    words : the title, with {} for the name of the scan
    """

    kind: ClassVar[Kind]
    words: ClassVar[str]
    scan: Scan

    @property
    def title(self) -> str:
        """Name of the job for people."""
        return self.words.format(self.scan.path.name)

    @property
    def sources(self) -> dict[str, Path]:
        """Input files other than the scan, for the run's note."""
        return {}

    @abstractmethod
    def call(self, settings: JobSettings, run_dir: Path) -> Call[object]:
        """Prepare the call of the task, which writes into `run_dir`."""


@dataclass(frozen=True)
class TrainJob(PlannedJob):
    """A training, from random weights or from those of a model."""

    kind = "train"
    words = "Training on {}"
    test: Scan | None = None
    start_from: Model | None = None

    @property
    def title(self) -> str:
        """Name of the job for people."""
        return f"{super().title}, from {self.start_from.title}" if self.start_from is not None else super().title

    def call(self, settings: JobSettings, run_dir: Path) -> Call[object]:
        """Prepare a training with the chosen backend."""
        test_file = self.test.path if self.test is not None else None
        return job_call(
            tasks.train,
            train_file=self.scan.path,
            output_dir=run_dir,
            config=settings.training(self.scan.path, test_file, run_dir, self.scan.units),
            execution=settings.execution(settings.backend),
            test_file=test_file,
            start_from=self.start_from.path if self.start_from is not None else None,
            fixes=self.scan.fixes,
        )


@dataclass(frozen=True)
class ReconstructJob(PlannedJob):
    """A reconstruction with a model; None means the model of the preceding training."""

    kind = "reconstruct"
    words = "Reconstruction of {}"
    model: Model | None

    @property
    def title(self) -> str:
        """Name of the job for people."""
        return f"{super().title}, using the model of the preceding training" if self.model is None else super().title

    @property
    def sources(self) -> dict[str, Path]:
        """Archive of the model."""
        return {"model": self.model.path} if self.model is not None else {}

    def call(self, settings: JobSettings, run_dir: Path) -> Call[object]:
        """Prepare a reconstruction with the backend of the model.

        Raises
        ------
        ValueError
            There is no model yet.
        """
        model, scan = self.model, self.scan
        if model is None:
            raise ValueError(f"{self.title}: that training has not ended. Start the job after it.")
        return job_call(
            tasks.reconstruct,
            model_path=model.path,
            data_file=scan.path,
            output_dir=run_dir,
            config=settings.inference(model.path, scan.path, run_dir, scan.units, model.backend),
            execution=settings.execution(model.backend),
            refine=settings.refine,
            fixes=scan.fixes,
        )


@dataclass(frozen=True)
class QuickLookJob(PlannedJob):
    """A few sweeps from an empty object."""

    kind = "quick"
    words = "Quick look at {}"

    def call(self, settings: JobSettings, run_dir: Path) -> Call[object]:
        """Prepare a quick look."""
        return job_call(tasks.quick_look, _work(self.scan, settings, run_dir), settings.iterations(QUICK_LOOK_SWEEPS))


@dataclass(frozen=True)
class CalibrateJob(PlannedJob):
    """A search for the probe."""

    kind = "calibrate"
    words = "Probe calibration on {}"

    def call(self, settings: JobSettings, run_dir: Path) -> Call[object]:
        """Prepare a calibration."""
        return job_call(tasks.calibrate, _work(self.scan, settings, run_dir), settings.iterations(CALIBRATION_SWEEPS))


@dataclass(frozen=True)
class RefineJob(PlannedJob):
    """Sweeps that start from an existing object."""

    kind = "refine"
    words = "Refinement of {}"
    object_file: Path

    @property
    def sources(self) -> dict[str, Path]:
        """File of the object."""
        return {"refined": self.object_file}

    def call(self, settings: JobSettings, run_dir: Path) -> Call[object]:
        """Prepare a refinement, with the number of sweeps from the settings of the reconstruction."""
        sweeps = settings.refine.sweeps if settings.refine else REFINEMENT_SWEEPS
        work = _work(self.scan, settings, run_dir)
        return job_call(tasks.refine, work, self.object_file, settings.iterations(sweeps))


@dataclass(frozen=True)
class ReportJob(PlannedJob):
    """A quality report on an object."""

    kind = "report"
    words = "Report on the object of {}"
    object_file: Path

    @property
    def sources(self) -> dict[str, Path]:
        """File of the object."""
        return {"object": self.object_file}

    def call(self, settings: JobSettings, run_dir: Path) -> Call[object]:
        """Prepare a report."""
        return job_call(tasks.report, _work(self.scan, settings, run_dir), self.object_file)


def _work(scan: Scan, settings: JobSettings, run_dir: Path) -> tasks.ScanWork:
    return tasks.ScanWork(scan.path, run_dir, settings.execution("pytorch"), scan.units, scan.fixes)
