"""Builds jobs: a folder for the run, the configurations as they are now, and the task (no Qt)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ptychopinn.config.presets import CALIBRATION_SWEEPS, QUICK_LOOK_SWEEPS, REFINEMENT_SWEEPS
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs.spec import JobSpec
from ptychopinn_app.records import Model, Scan
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session.job_info import JobInfo

TARGETS = {
    "train": "ptychopinn_app.jobs.tasks:train",
    "reconstruct": "ptychopinn_app.jobs.tasks:reconstruct",
    "quick": "ptychopinn_app.jobs.tasks:quick_look",
    "calibrate": "ptychopinn_app.jobs.tasks:calibrate",
    "refine": "ptychopinn_app.jobs.tasks:refine",
    "report": "ptychopinn_app.jobs.tasks:report",
}
TITLES = {
    "train": "Training on {}",
    "reconstruct": "Reconstruction of {}",
    "quick_look": "Quick look at {}",
    "calibrate": "Probe calibration on {}",
    "refine": "Refinement of {}",
    "report": "Report on the object of {}",
}
BACKEND_TITLES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}


class Launcher:
    """Makes job specifications; later edits of the settings do not reach a job that was built."""

    def __init__(self, config: JobSettings, note: str = "") -> None:
        self._config = config
        self._note = note
        self.targets = dict(TARGETS)

    def snapshot(self, note: str = "", changes: Mapping[tuple[str, str], object] | None = None) -> Launcher:
        """Give a launcher with the settings of this moment, changed where asked; titles get a note."""
        config = self._config.copy()
        for (section, field), value in (changes or {}).items():
            config.set(section, field, value)
        copy = Launcher(config, note)
        copy.targets = self.targets
        return copy

    def for_backend(self, backend: str) -> Launcher:
        """Give a launcher with the settings of this moment for a backend."""
        copy = self.snapshot(BACKEND_TITLES.get(backend, backend))
        copy._config.backend = backend
        return copy

    def title(self, kind: str, scan: Scan, start_from: Model | None = None, **others: object) -> str:
        """Name a job for people; arguments as of the method `kind`."""
        words = TITLES[kind].format(scan.path.name)
        if start_from is not None:
            words += f", from {start_from.title}"
        if others.get("model", self) is None:
            words += ", with the model of the training before"
        return f"{words}, {self._note}" if self._note else words

    def train(
        self, root: Path, scan: Scan, test: Scan | None, start_from: Model | None = None
    ) -> tuple[JobInfo, JobSpec]:
        """Build a training job, from random weights or from those of a model."""
        info = self._open_folder(root, "train", scan, self.title("train", scan, start_from))
        test_file = test.path if test is not None else None
        return info, self._spec(
            info,
            train_file=scan.path,
            output_dir=info.run_dir,
            config=self._config.training(scan.path, test_file, info.run_dir, scan.units),
            execution=self._config.execution(self._config.backend),
            test_file=test_file,
            start_from=start_from.path if start_from is not None else None,
            fixes=scan.fixes,
        )

    def reconstruct(self, root: Path, model: Model, scan: Scan) -> tuple[JobInfo, JobSpec]:
        """Build a reconstruction job."""
        info = self._open_folder(root, "reconstruct", scan, self.title("reconstruct", scan))
        runs.write_note(info.run_dir, model=model.path)
        return info, self._spec(
            info,
            model_path=model.path,
            data_file=scan.path,
            output_dir=info.run_dir,
            config=self._config.inference(model.path, scan.path, info.run_dir, scan.units, model.backend),
            execution=self._config.execution(model.backend),
            refine=self._config.refine,
            fixes=scan.fixes,
        )

    def quick_look(self, root: Path, scan: Scan) -> tuple[JobInfo, JobSpec]:
        """Build a quick look: a few sweeps from an empty object."""
        info = self._open_folder(root, "quick", scan, self.title("quick_look", scan))
        return info, self._iterations(info, scan, QUICK_LOOK_SWEEPS)

    def calibrate(self, root: Path, scan: Scan) -> tuple[JobInfo, JobSpec]:
        """Build a search for the probe."""
        info = self._open_folder(root, "calibrate", scan, self.title("calibrate", scan))
        return info, self._iterations(info, scan, CALIBRATION_SWEEPS)

    def refine(self, root: Path, object_file: Path, scan: Scan) -> tuple[JobInfo, JobSpec]:
        """Build a refinement of a result."""
        info = self._open_folder(root, "refine", scan, self.title("refine", scan))
        runs.write_note(info.run_dir, refined=object_file)
        sweeps = self._config.refine.sweeps if self._config.refine else REFINEMENT_SWEEPS
        return info, self._iterations(info, scan, sweeps, object_file=object_file)

    def report(self, root: Path, object_file: Path, scan: Scan) -> tuple[JobInfo, JobSpec]:
        """Build a quality report of a result."""
        info = self._open_folder(root, "report", scan, self.title("report", scan))
        runs.write_note(info.run_dir, object=object_file)
        return info, self._spec(
            info,
            object_file=object_file,
            data_file=scan.path,
            output_dir=info.run_dir,
            execution=self._config.execution("pytorch"),
            units=scan.units,
            fixes=scan.fixes,
        )

    def _iterations(self, info: JobInfo, scan: Scan, sweeps: int, **more: Any) -> JobSpec:
        return self._spec(
            info,
            data_file=scan.path,
            output_dir=info.run_dir,
            config=self._config.iterations(sweeps),
            execution=self._config.execution("pytorch"),
            units=scan.units,
            fixes=scan.fixes,
            **more,
        )

    def _open_folder(self, root: Path, kind: str, scan: Scan, title: str) -> JobInfo:
        folder = runs.new_run_folder(root, kind, scan.path.stem)
        runs.write_note(
            folder,
            kind=kind,
            title=title,
            started=time.time(),
            status="running",
            data=scan.path,
            settings=self._config.to_table(),
        )
        return JobInfo(kind, title, folder, folder / runs.PROCESS_LOG)

    def _spec(self, info: JobInfo, **arguments: Any) -> JobSpec:
        index = self._config.device_index
        environment = {"CUDA_VISIBLE_DEVICES": index} if index else {}
        return JobSpec(self.targets[info.kind], arguments, info.log, environment)
