"""Compares two runs: their objects in a short task, their settings here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.binder.values import value_text
from ptychopinn_app.job_settings.sections import SECTIONS
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs import compare_tasks
from ptychopinn_app.jobs.call import call
from ptychopinn_app.jobs.compare_tasks import Comparison
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session.messages import Messages

Row = tuple[str, str, str]


class Comparisons(QObject):
    """`compared` carries a `Comparison` and the settings that differ as rows (name, first, second)."""

    compared = pyqtSignal(Comparison, list)

    def __init__(self, messages: Messages) -> None:
        super().__init__(messages)
        self._messages = messages

    def compare(self, first: Path, second: Path) -> None:
        """Compare two runs of the runs folder."""

        def done(comparison: Comparison) -> None:
            rows = differing_settings(runs.read_note(first).get("settings"), runs.read_note(second).get("settings"))
            self.compared.emit(comparison, rows)

        self._messages.ask("Compare", call(compare_tasks.compare_runs, first, second), done)


def differing_settings(first: object, second: object) -> list[Row]:
    """Give (name, first, second) of the settings that differ between two tables of `JobSettings.to_table`."""
    sides = []
    for table in (first, second):
        config = JobSettings()
        if isinstance(table, Mapping):
            config.restore(table)
        sides.append(config)
    rows: list[Row] = []
    if sides[0].backend != sides[1].backend:
        rows.append(("Backend", sides[0].backend, sides[1].backend))
    for section in SECTIONS:
        for info in section.fields():
            values = [side.values(section.name).get(info.name) for side in sides]
            if values[0] != values[1]:
                first, second = (value_text(value, info.unset or "none", info.unit) for value in values)
                rows.append((f"{section.title}: {info.label}", first, second))
    return rows
