"""Check settings, data, model and machine for consistency after every change, and apply the suggested fixes."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn.events import Epoch
from ptychopinn_app.checks.finding import ORDER, Check
from ptychopinn_app.checks.memory import memory_checks, memory_line, training_bytes
from ptychopinn_app.checks.model_check import model_checks, model_notes
from ptychopinn_app.checks.settings_check import settings_checks
from ptychopinn_app.jobs.job import JobInfo
from ptychopinn_app.records import Scan
from ptychopinn_app.services.timers import delayed
from ptychopinn_app.session.datasets import Datasets
from ptychopinn_app.session.edits import SettingsEdits
from ptychopinn_app.session.machine import Machine
from ptychopinn_app.session.state import SessionState


class CheckList(QObject):
    """Maintains the list of findings; emits `changed` after every check."""

    changed = pyqtSignal()

    def __init__(self, state: SessionState, machine: Machine, datasets: Datasets, edits: SettingsEdits) -> None:
        super().__init__(state)
        self._state, self._machine, self._datasets, self._edits = state, machine, datasets, edits
        self.checks: tuple[Check, ...] = ()
        self.memory = ""
        self._training: tuple[object, ...] | None = None
        self._pace: tuple[tuple[object, ...], float] | None = None
        # Several settings often change at once; one check afterwards is enough.
        self._timer = delayed(self, self.look)
        opened = (state.scanChanged, state.testScanChanged, state.modelChanged)
        for signal in (*opened, state.configChanged, state.modelChecked, state.jobEnded):
            signal.connect(lambda _: self._timer.start())
        machine.freeChanged.connect(self._timer.start)
        state.jobStarted.connect(self._job_started)
        state.jobProgress.connect(self._job_reports)

    def look(self) -> None:
        """Run all checks now."""
        config, scan, test = self._state.config, self._state.scan, self._state.test_scan
        pace = self._pace[1] if self._pace is not None and self._pace[0] == self._key(scan) else None
        checks = settings_checks(config, scan, test, pace)
        checks += model_checks(config, self._state.model, test or scan, scan)
        free, on_gpu = self._machine.free_bytes(), self._machine.gpu() is not None
        checks += memory_checks(config, scan, test, free, on_gpu)
        self.checks = tuple(sorted(checks, key=lambda each: ORDER[each.severity]))
        self.memory = memory_line(training_bytes(config, scan, test, gpu=on_gpu), free, on_gpu)
        self.changed.emit()

    def apply_fix(self, code: str) -> None:
        """Apply the fix of a finding as a single undo step."""
        fix = next((each.fix for each in self.checks if each.code == code), None)
        if fix is None:
            return
        if fix.closes_test:
            self._datasets.close_test()
        if len(fix.edits) > 1:
            self._edits.beginMacro(fix.words)
        for edit in fix.edits:
            self._edits.edit(edit.section, edit.field, edit.value)
        if len(fix.edits) > 1:
            self._edits.endMacro()

    def notes(self, section: str) -> dict[str, str]:
        """Map each model setting that differs from that of the open model to a note about the difference."""
        return model_notes(self._state.config, self._state.model) if section == "model" else {}

    def _key(self, scan: Scan | None) -> tuple[object, ...]:
        """Return the settings and data that determine how long an epoch takes."""
        config = self._state.config
        training = [config.values("training").get(name) for name in ("batch_size", "n_groups", "n_subsample")]
        model = tuple(config.values("model").items())
        return (scan.path if scan is not None else None, config.backend, *training, model)

    def _job_started(self, info: JobInfo) -> None:
        self._training = self._key(self._state.scan) if info.kind == "train" else None

    def _job_reports(self, event: object) -> None:
        if isinstance(event, Epoch) and self._training is not None:
            self._pace = (self._training, event.seconds)
