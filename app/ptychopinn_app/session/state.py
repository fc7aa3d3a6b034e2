"""What is open and how it is set: scans, model, result, losses, problems, and the job that runs."""

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
    """Holds the state of a window; every change is announced by the signal of its name.

    Signals
    -------
    testScanChanged : a `Scan`, or None when the slot was emptied
    configChanged : the section that has changed, or 'backend'
    reportChanged : picture of a quality report that is to be shown
    backendChecked, modelChecked : why the chosen backend, and that of the model, cannot be used; empty when it can
    jobProgress : what a job reports, see `ptychopinn.events`
    jobEnded : comes when what the job made is open
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
        # Why the chosen backend, and that of the open model, cannot be used; empty when it can.
        self.backend_problem = ""
        self.model_backend_problem = ""

    @property
    def target(self) -> Scan | None:
        """The scan to reconstruct: the test scan, or without one the training scan."""
        return self.test_scan or self.scan

    def problems(self, section: str) -> dict[str, str]:
        """Return field -> sentence for a section, with what does not fit the open scan."""
        return fit_problems(section, self.config, self.scan) | self.config.problems(section)

    def situation(self, trains: bool) -> Situation:
        """Return all that decides whether a job can start; `trains` is whether a training runs or waits."""
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
        """Choose the device: an accelerator, and which GPU."""
        self.config.device_index = index
        self.set_value("execution", "accelerator", accelerator)

    def set_all(self, table: dict[str, object]) -> None:
        """Put all settings to their defaults, then take those of a table."""
        self.config.reset()
        self.config.restore(table)
        for section in (*self.config.defaults, "backend"):
            self.configChanged.emit(section)

    # What is open

    def set_scan(self, scan: Scan) -> None:
        """Open a scan to train on; what the settings say of it may have changed."""
        self.scan = scan
        self.scanChanged.emit(scan)
        for section in ("model", "training", "inference"):
            self.configChanged.emit(section)

    def set_test_scan(self, scan: Scan | None) -> None:
        """Fill or empty the test slot."""
        self.test_scan = scan
        self.testScanChanged.emit(scan)

    def set_model(self, model: Model) -> None:
        """Open a model; its own settings replace those of the section 'model'."""
        self.model = model
        for field, value in model.settings.items():
            if field in self.config.values("model"):
                self.config.set("model", field, value)
        self.configChanged.emit("model")
        self.modelChanged.emit(model)

    def set_result(self, result: ObjectResult) -> None:
        """Show an object."""
        self.result = result
        self.resultChanged.emit(result)

    def set_history(self, history: LossHistory) -> None:
        """Show losses."""
        self.history = history
        self.historyChanged.emit(history)
