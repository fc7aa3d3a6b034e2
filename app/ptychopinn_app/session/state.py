"""State of a window: open scans, model, result and losses, the settings, and the running job."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.checks.compatibility import fit_problems
from ptychopinn_app.checks.readiness import Situation
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs.job import JobInfo, Outcome
from ptychopinn_app.records import LossHistory, Model, ObjectResult, Scan

SECTIONS_OF_JOBS = ("model", "training", "inference", "iterations", "execution")


class SessionState(QObject):
    """Holds the state; every change emits the matching signal.

    Signals
    -------
    testScanChanged : a `Scan`, or None if the test scan was closed
    configChanged : the changed section, or 'backend'
    reportChanged : path of the quality report page to show
    backendChecked, modelChecked : why the chosen backend, or the model's backend, cannot be used; empty if it can
    jobProgress : an event of `ptychopinn.events`
    jobEnded : emitted once the result of the job is open
    """

    scanChanged = pyqtSignal(Scan)
    testScanChanged = pyqtSignal(object)
    modelChanged = pyqtSignal(Model)
    configChanged = pyqtSignal(str)
    resultChanged = pyqtSignal(ObjectResult)
    historyChanged = pyqtSignal(LossHistory)
    reportChanged = pyqtSignal(Path)
    backendChecked = pyqtSignal(str)
    modelChecked = pyqtSignal(str)
    jobStarted = pyqtSignal(JobInfo)
    jobProgress = pyqtSignal(object)
    jobEnded = pyqtSignal(Outcome)

    def __init__(self, config: JobSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.config = config
        self.scan: Scan | None = None
        self.test_scan: Scan | None = None
        self.model: Model | None = None
        self.result: ObjectResult | None = None
        self.history = LossHistory()
        self.job: JobInfo | None = None
        # Why the chosen backend, or that of the open model, cannot be used; empty when it can.
        self.backend_problem = ""
        self.model_backend_problem = ""

    @property
    def target(self) -> Scan | None:
        """The scan to reconstruct: the test scan, or the training scan if there is no test scan."""
        return self.test_scan or self.scan

    def problems(self, section: str) -> dict[str, str]:
        """Map each setting in `section` that is invalid or does not fit the open scan to a sentence about it."""
        return fit_problems(section, self.config, self.scan) | self.config.problems(section)

    def situation(self, trains: bool) -> Situation:
        """Return the `Situation` for the job checks; `trains` is True if a training run is running or queued."""
        return Situation(
            scan=self.scan,
            test=self.test_scan,
            model=self.model,
            has_result=self.result is not None,
            trains=trains,
            backend=self.config.backend,
            backend_problem=self.backend_problem,
            model_backend_problem=self.model_backend_problem,
            model_values=self.config.values("model"),
            problems={section: self.problems(section) for section in SECTIONS_OF_JOBS},
        )

    # Settings

    def set_value(self, section: str, field: str, value: object) -> None:
        """Change one setting."""
        self.config.set(section, field, value)
        self.configChanged.emit(section)

    def set_backend(self, backend: str) -> None:
        """Choose the backend."""
        if backend != self.config.backend:
            self.config.backend = backend
            self.backend_problem = ""
            self.configChanged.emit("backend")

    def set_device(self, accelerator: str, index: str = "") -> None:
        """Choose the device: the accelerator and the GPU."""
        self.config.device_index = index
        self.set_value("execution", "accelerator", accelerator)

    def set_all(self, table: dict[str, object]) -> None:
        """Reset all settings to their defaults, then apply those in a table."""
        self.config.reset()
        self.config.restore(table)
        for section in (*self.config.defaults, "backend"):
            self.configChanged.emit(section)

    # Scans, model and results

    def set_scan(self, scan: Scan) -> None:
        """Set the scan to train on, and signal that the settings must be checked against it."""
        self.scan = scan
        self.scanChanged.emit(scan)
        for section in ("model", "training", "inference"):
            self.configChanged.emit(section)

    def set_test_scan(self, scan: Scan | None) -> None:
        """Set the test scan; None closes it."""
        self.test_scan = scan
        self.testScanChanged.emit(scan)

    def set_model(self, model: Model) -> None:
        """Open a model; its settings replace those in the section 'model'."""
        self.model = model
        for field, value in model.settings.items():
            if field in self.config.values("model"):
                self.config.set("model", field, value)
        self.configChanged.emit("model")
        self.modelChanged.emit(model)

    def set_result(self, result: ObjectResult) -> None:
        """Set the object to show."""
        self.result = result
        self.resultChanged.emit(result)

    def set_history(self, history: LossHistory) -> None:
        """Set the losses to show."""
        self.history = history
        self.historyChanged.emit(history)
