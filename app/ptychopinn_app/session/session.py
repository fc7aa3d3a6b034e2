"""The session: what is open, how it is set, what runs. The window asks it for everything and listens to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn.events import Epoch, Notice
from ptychopinn_app.checks import readiness
from ptychopinn_app.checks.compatibility import fit_problems, pattern_size
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs.helper import Helper
from ptychopinn_app.jobs.spec import JobFailure
from ptychopinn_app.jobs.worker import Mode
from ptychopinn_app.records import LossHistory, Model, ObjectResult, Scan
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.services.log_tail import LogTail
from ptychopinn_app.services.logbook import LogBook
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.batch import Batch
from ptychopinn_app.session.check_list import Checks
from ptychopinn_app.session.comparison import Comparisons
from ptychopinn_app.session.datasets import TASKS, Datasets
from ptychopinn_app.session.edits import SettingsEdits
from ptychopinn_app.session.iterations import Iterations
from ptychopinn_app.session.job_info import JobInfo
from ptychopinn_app.session.launcher import Launcher
from ptychopinn_app.session.machine import Machine
from ptychopinn_app.session.opened_paths import sort_out
from ptychopinn_app.session.patterns import Patterns
from ptychopinn_app.session.previews import Previews
from ptychopinn_app.session.probe_in_use import ProbeInUse
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.recovery import Recovery
from ptychopinn_app.session.resume import Resume
from ptychopinn_app.session.run_list import Runs
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.session.side_by_side import SideBySide
from ptychopinn_app.session.watch import Watch


class Session(QObject):
    """State and actions of one window. Every action returns at once; results arrive by signal."""

    datasetChanged = pyqtSignal(object)
    testDatasetChanged = pyqtSignal(object)
    modelChanged = pyqtSignal(object)
    configChanged = pyqtSignal(str)
    jobStarted = pyqtSignal(object)
    jobProgress = pyqtSignal(object)
    jobStopping = pyqtSignal(str)
    jobEnded = pyqtSignal(object)
    resultChanged = pyqtSignal(object)
    historyChanged = pyqtSignal(object)
    reportChanged = pyqtSignal(object)
    patternRead = pyqtSignal(int, object)
    runsChanged = pyqtSignal(object)
    devicesChanged = pyqtSignal(object)
    reading = pyqtSignal(str)
    notified = pyqtSignal(str, str)
    exported = pyqtSignal(object)
    written = pyqtSignal(bool)
    backendChecked = pyqtSignal(str)
    failed = pyqtSignal(str, str, object)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        mode: Mode = "thread" if settings.text("jobs/mode") == "thread" else "process"
        self.config = JobSettings()
        self.config.restore(settings.table("config"))
        self.log = LogBook(self)
        self.helper = Helper(mode, self)
        self.runner = JobRunner(mode, settings.flag("jobs/prewarm", True), self)
        self.launcher = Launcher(self.config)
        self.iterations = Iterations(self)
        self.edits = SettingsEdits(self, self)
        self.runs = Runs(self)
        self.resume = Resume(self)
        self.tail = LogTail(self.log.feed, self)
        self.model: Model | None = None
        self.result: ObjectResult | None = None
        self.history = LossHistory()
        self.backend_problem = ""
        # Files that are being written for the user; the window does not close on them.
        self.writing = 0
        self.datasets = Datasets(self.helper, self)
        self.datasets.trainChanged.connect(self._scan_opened)
        self.datasets.testChanged.connect(self._test_opened)
        self.datasets.patternRead.connect(self.patternRead)
        self.datasets.reading.connect(self.reading)
        self.datasets.refused.connect(self.refuse)
        self.runner.started.connect(self._started)
        self.runner.reported.connect(self._progressed)
        self.runner.stopping.connect(self.jobStopping)
        self.runner.ended.connect(self.runs.end)
        self.recovery = Recovery(self)
        self.queue = JobQueue(self)
        self.batch = Batch(self)
        self.previews = Previews(self)
        self.comparisons = Comparisons(self)
        self.side_by_side = SideBySide(self)
        self.watch = Watch(self)
        self.machine = Machine(self)
        self.checks = Checks(self)
        self.patterns = Patterns(self)
        self.probe_in_use = ProbeInUse(self)

    @property
    def dataset(self) -> Scan | None:
        """The scan to train on."""
        return self.datasets.train

    @property
    def test_dataset(self) -> Scan | None:
        """The scan to reconstruct instead of the training scan."""
        return self.datasets.test

    # Files

    def open_data(self, path: str | Path, role: str = "train") -> None:
        """Open an NPZ scan as training data, or as test data with role 'test'."""
        self.datasets.open(Path(path), role)

    def open_model(self, path: str | Path) -> None:
        """Open a ``wts.h5.zip`` archive."""
        self.read_model(Path(path), saved=True)

    def open_paths(self, paths: list[Path]) -> None:
        """Open what was dropped or named on the command line; what cannot be opened is said."""
        found = sort_out(paths)
        for sentence in found.refused:
            self.notified.emit("warning", sentence)
        for role, path in found.scans:
            self.open_data(path, role)
        if found.model is not None:
            self.read_model(found.model, saved=True, then=partial(self.batch.add, found.batch))
        else:
            self.batch.add(found.batch)

    def save_model(self, path: str | Path) -> None:
        """Save the open model as an archive."""
        if self.model is None:
            self.notified.emit("warning", "There is no model to save. Train one or open one first.")
            return
        model, target = self.model, Path(path)
        if target.resolve() == model.path.resolve():
            self.notified.emit("info", f"{target.name} is already saved there.")
            return
        self._write("copy_file", lambda _: self._saved(model, target), "Save model", source=model.path, target=target)

    def export_product(self, path: str | Path) -> None:
        """Export the object; the suffix chooses the format: .h5, .npz, .tiff or .png."""
        if self.result is None:
            self.notified.emit("warning", "There is no object to export. Reconstruct one first.")
            return
        self._write("export", self._exported, "Export", run_dir=self.result.run_dir, target=Path(path))

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
            self._check_backend()

    def set_device(self, accelerator: str, index: str = "") -> None:
        """Choose the device: an accelerator, and which GPU."""
        self.config.device_index = index
        self.set_value("execution", "accelerator", accelerator)

    def set_runs_folder(self, folder: Path) -> None:
        """Put new runs into another folder and list that one."""
        self.settings.put("folder/runs", str(folder))
        self.runs.refresh()

    def set_prewarm(self, on: bool) -> None:
        """Load the backend ahead of time, or not."""
        self.settings.put("jobs/prewarm", on)
        self.runner.set_prewarm(on)

    def set_all(self, table: dict[str, object]) -> None:
        """Put all settings to their defaults, then take those of a table."""
        self.config.reset()
        self.config.restore(table)
        for section in (*self.config.defaults, "backend"):
            self.configChanged.emit(section)
        self._check_backend()

    def problems(self, section: str) -> dict[str, str]:
        """Give field -> sentence for a section, with what does not fit the open scan."""
        return fit_problems(section, self.config, self.dataset) | self.config.problems(section)

    # Jobs

    def why_not_train(self) -> str:
        """Give the reason why training cannot start, empty when it can."""
        return readiness.job_problem(self, needs_model=False)

    def why_not_reconstruct(self) -> str:
        """Give the reason why a reconstruction cannot start, empty when it can."""
        return readiness.job_problem(self, needs_model=True)

    def train(self) -> None:
        """Train a model on the open scan, in a job process."""
        reason = self.why_not_train()
        if reason or self.dataset is None:
            self.notified.emit("warning", reason)
            return
        self.queue.add("train", scan=self.dataset, test=self.test_dataset)

    def reconstruct(self) -> None:
        """Reconstruct the test scan, or the training scan without one, with the open model."""
        reason = self.why_not_reconstruct()
        scan = self.test_dataset or self.dataset
        if reason or scan is None:
            self.notified.emit("warning", reason)
            return
        self.queue.add("reconstruct", model=None if self.queue.trains else self.model, scan=scan)

    def stop_keep(self) -> None:
        """Let the running training finish its batch and keep what it has; half a reconstruction is nothing to keep."""
        info = self.runner.info
        if info is not None and info.kind == "train":
            self.runner.stop()
        else:
            self.runner.cancel()

    def cancel(self) -> None:
        """End the running job and keep nothing."""
        self.runner.cancel()

    def wake(self) -> None:
        """Do what can wait until the window is shown: list runs, look for GPUs, load the backend ahead."""
        self.machine.refresh()
        self.runs.refresh()
        self.recovery.look()
        self._check_backend()

    def save_log(self, path: Path) -> None:
        """Save the log as text."""
        text = "\n".join(line.text for line in self.log.lines)
        self._write(
            "write_text",
            lambda _: self.notified.emit("success", f"Log saved as {path.name}."),
            "Save log",
            target=path,
            text=text,
        )

    def close(self) -> None:
        """End all processes and threads and keep the settings."""
        self.settings.put_table("config", self.config.to_table())
        self.watch.stop()
        self.queue.close()
        self.recovery.close()
        self.runner.close()
        self.tail.finish()
        self.helper.close()

    # Inside

    def ask(
        self,
        task: str,
        done: Callable[[Any], None],
        what: str,
        then: Callable[[], None] | None = None,
        **arguments: Any,
    ) -> None:
        """Request a light task; ``then`` is called after its answer, good or bad."""

        def answered(value: Any) -> None:
            done(value)
            if then is not None:
                then()

        def failed(failure: JobFailure) -> None:
            self.refuse(f"{what}: {failure.summary}")
            if then is not None:
                then()

        self.helper.request(f"{TASKS}:{task}", arguments, answered, failed)

    def _write(self, task: str, done: Callable[[Any], None], what: str, **arguments: Any) -> None:
        """Request a light task that writes a file of the user's; `written` tells its end, and whether it is good."""
        self.writing += 1

        def answered(value: Any) -> None:
            done(value)
            end(True)

        def failed(failure: JobFailure) -> None:
            self.refuse(f"{what}: {failure.summary}")
            end(False)

        def end(good: bool) -> None:
            self.writing -= 1
            self.written.emit(good)

        self.helper.request(f"{TASKS}:{task}", arguments, answered, failed)

    def refuse(self, sentence: str) -> None:
        """Say why something was not done, here and in the log."""
        self.log.note("error", sentence)
        self.notified.emit("error", sentence)

    def _scan_opened(self, scan: Scan) -> None:
        self.settings.add_recent("data", scan.path)
        self.log.note("info", f"Opened {scan.path} as training data")
        self.iterations.forget_probe(scan)
        size = pattern_size(scan)
        if size is not None and self.config.values("model").get("N") != size:
            self.set_value("model", "N", size)
        self.datasetChanged.emit(scan)
        for section in ("model", "training", "inference"):
            self.configChanged.emit(section)

    def _test_opened(self, scan: Scan | None) -> None:
        if scan is not None:
            self.settings.add_recent("data", scan.path)
            self.log.note("info", f"Opened {scan.path} as test data")
        self.testDatasetChanged.emit(scan)

    def read_model(self, path: Path, saved: bool, then: Callable[[], None] | None = None) -> None:
        """Open an archive that the user has saved, or that lies in a run's folder; then call ``then``."""
        self.ask("open_model", self._set_model, "Open model", then, path=path, saved=saved)

    def _set_model(self, model: Model) -> None:
        self.model = model
        if model.saved:
            self.settings.add_recent("model", model.path)
        for field, value in model.settings.items():
            if field in self.config.values("model"):
                self.config.set("model", field, value)
        self.log.note("info", f"Opened model {model.path}")
        self.configChanged.emit("model")
        self.modelChanged.emit(model)

    def _saved(self, model: Model, target: Path) -> None:
        self.settings.add_recent("model", target)
        self.notified.emit("success", f"Model saved as {target.name}.")
        if self.model == model:
            self.read_model(target, saved=True)

    def _exported(self, paths: tuple[Path, ...]) -> None:
        self.notified.emit("success", f"Exported {runs.listed([path.name for path in paths])}.")
        self.exported.emit(paths)

    def _check_backend(self) -> None:
        backend = self.config.backend

        def done(problem: str) -> None:
            if backend != self.config.backend:
                return
            self.backend_problem = problem
            if problem:
                self.notified.emit("warning", problem)
            else:
                self.runner.prepare(backend)
            self.backendChecked.emit(problem)

        self.ask("backend_problem", done, "Backend", backend=backend)

    def _started(self, info: JobInfo) -> None:
        self.recovery.hold(info)
        self.jobStarted.emit(info)
        self.runs.refresh()

    def _progressed(self, event: object) -> None:
        if isinstance(event, Epoch):
            nan = float("nan")
            values = (*self.history.val_loss, nan if event.val_loss is None else event.val_loss)
            self.set_history(LossHistory((*self.history.loss, event.loss), values))
        elif isinstance(event, Notice) and event.severity != "info":
            self.notified.emit(event.severity, event.text)
        self.jobProgress.emit(event)

    def load_result(self, run_dir: Path, then: Callable[[], None] | None = None) -> None:
        """Show the object of a run; then call ``then``."""
        self.ask("load_object", self._set_result, "Open result", then, run_dir=run_dir)

    def _set_result(self, result: ObjectResult) -> None:
        self.result = result
        self.resultChanged.emit(result)

    def set_history(self, history: LossHistory) -> None:
        """Show losses."""
        self.history = history
        self.historyChanged.emit(history)
