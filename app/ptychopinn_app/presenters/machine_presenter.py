"""Shows check findings and memory usage, and notifies the user when a long job ends."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from ptychopinn_app.binder.values import in_gb
from ptychopinn_app.jobs.job import Outcome
from ptychopinn_app.panels.job_strip import duration
from ptychopinn_app.panels.runs_panel import KINDS
from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.services.memory import MemoryReading
from ptychopinn_app.services.notifier import Notifier
from ptychopinn_app.session.check_list import CheckList
from ptychopinn_app.session.machine import Machine
from ptychopinn_app.session.state import SessionState

LONG_JOB_SECONDS = 60.0
_END_WORDS = {"done": "finished", "stopped": "was stopped (result saved)", "failed": "failed"}


class MachinePresenter(QObject):
    """Shows findings below the data card and memory in the status bar; notifies the user when a long job ends."""

    def __init__(self, parts: WindowParts, state: SessionState, check_list: CheckList, machine: Machine) -> None:
        super().__init__(parts.window)
        self._panel, self._memory_label = parts.checks, parts.memory_label
        self._state, self._check_list = state, check_list
        self.notifier = Notifier(parts.window)
        self._panel.fixRequested.connect(self._check_list.apply_fix)
        self._check_list.changed.connect(self._show_checks)
        machine.jobMemoryRead.connect(self._show_memory)
        self._state.jobEnded.connect(self._notify)

    def _show_checks(self) -> None:
        self._panel.show_findings([each.finding for each in self._check_list.checks], self._check_list.memory)

    def _show_memory(self, reading: MemoryReading | None) -> None:
        text = memory_text(reading, self._state.config.device_index) if reading is not None else ""
        self._memory_label.setText(text)
        self._memory_label.setVisible(bool(text))

    def _notify(self, outcome: Outcome) -> None:
        # A user who cancels a job is at the screen.
        if outcome.seconds >= LONG_JOB_SECONDS and outcome.status != "cancelled":
            text = f"{KINDS[outcome.kind]} {_END_WORDS[outcome.status]} after {duration(outcome.seconds)}."
            self.notifier.call("PtychoPINN Studio", text, outcome.status == "failed")


def memory_text(reading: MemoryReading, gpu_index: str = "") -> str:
    """Return the memory usage as text: 'Job 1.2 GB · 18 GB free · GPU 2.7 of 24 GB'."""
    parts = [f"Job {in_gb(reading.job)} GB"] if reading.job is not None else []
    parts += [f"{in_gb(reading.free)} GB free"] if reading.free is not None else []
    gpu = next((each for each in reading.gpus if each.index == gpu_index), next(iter(reading.gpus), None))
    parts += [f"GPU {in_gb(gpu.used)} of {in_gb(gpu.total)} GB"] if gpu is not None else []
    return "  ·  ".join(parts)
