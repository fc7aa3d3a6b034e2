"""What of settings, data, model and machine does not go together: kept up to date, and mended on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from ptychopinn.events import Epoch
from ptychopinn_app.checks.finding import ORDER, Check
from ptychopinn_app.checks.memory import memory_checks, memory_line, training_bytes
from ptychopinn_app.checks.model_check import model_checks, model_notes
from ptychopinn_app.checks.settings_check import settings_checks
from ptychopinn_app.records import Model, Scan

if TYPE_CHECKING:
    from ptychopinn_app.session.job_info import JobInfo
    from ptychopinn_app.session.session import Session


class Checks(QObject):
    """The list of findings before a training; `changed` tells when it is another."""

    changed = pyqtSignal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.found: tuple[Check, ...] = ()
        self.memory = ""
        self.model_backend_problem = ""
        self._training: tuple[object, ...] | None = None
        self._pace: tuple[tuple[object, ...], float] | None = None
        # Several settings often change at once: one look afterwards is enough.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.look)
        for signal in (session.datasetChanged, session.testDatasetChanged, session.configChanged):
            signal.connect(lambda _: self._timer.start())
        session.modelChanged.connect(self._model_opened)
        session.machine.freeChanged.connect(self._timer.start)
        session.jobStarted.connect(self._job_started)
        session.jobProgress.connect(self._job_reports)
        session.jobEnded.connect(lambda _: self._timer.start())

    def look(self) -> None:
        """Check everything now."""
        session = self._session
        config, scan, test = session.config, session.dataset, session.test_dataset
        pace = self._pace[1] if self._pace is not None and self._pace[0] == self._key(scan) else None
        found = settings_checks(config, scan, test, pace)
        found += model_checks(config, session.model, test or scan, scan)
        free, on_gpu = session.machine.free_bytes(), session.machine.gpu() is not None
        found += memory_checks(config, scan, test, free, on_gpu)
        self.found = tuple(sorted(found, key=lambda each: ORDER[each.severity]))
        self.memory = memory_line(training_bytes(config, scan, test, gpu=on_gpu), free, on_gpu)
        self.changed.emit()

    def mend(self, code: str) -> None:
        """Do what the button of a finding says; one undo takes all of it back."""
        found = next((each for each in self.found if each.code == code), None)
        if found is None or found.fix is None:
            return
        if found.fix.closes_test:
            self._session.datasets.close_test()
        edits = self._session.edits
        if len(found.fix.edits) > 1:
            edits.beginMacro(found.fix.words)
        for edit in found.fix.edits:
            edits.edit(edit.section, edit.field, edit.value)
        if len(found.fix.edits) > 1:
            edits.endMacro()

    def notes(self, section: str) -> dict[str, str]:
        """Give field -> sentence for what differs from the open model without standing in the way."""
        return model_notes(self._session.config, self._session.model) if section == "model" else {}

    def _model_opened(self, model: Model) -> None:
        def done(problem: str) -> None:
            if self._session.model is model:
                self.model_backend_problem = problem
                self._timer.start()

        self.model_backend_problem = ""
        self._timer.start()
        self._session.ask("backend_problem", done, "Model", backend=model.backend)

    def _key(self, scan: Scan | None) -> tuple[object, ...]:
        """Give what the time of an epoch depends on."""
        config = self._session.config
        training = [config.values("training").get(name) for name in ("batch_size", "n_groups", "n_subsample")]
        model = tuple(config.values("model").items())
        return (scan.path if scan is not None else None, config.backend, *training, model)

    def _job_started(self, info: JobInfo) -> None:
        self._training = self._key(self._session.dataset) if info.kind == "train" else None

    def _job_reports(self, event: object) -> None:
        if isinstance(event, Epoch) and self._training is not None:
            self._pace = (self._training, event.seconds)
