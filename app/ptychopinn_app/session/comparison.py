"""Compares two runs: objects in the helper, settings here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.job_settings.sections import SECTIONS
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs.compare_tasks import Comparison
from ptychopinn_app.jobs.spec import JobFailure
from ptychopinn_app.runs import folder as runs

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session

Row = tuple[str, str, str]


class Comparisons(QObject):
    """`compared` carries a `Comparison` and the settings that differ as (name, first, second)."""

    compared = pyqtSignal(object, object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    def compare(self, first: Path, second: Path) -> None:
        """Compare two runs of the runs folder."""

        def done(found: Comparison) -> None:
            rows = differing_settings(runs.read_note(first).get("settings"), runs.read_note(second).get("settings"))
            self.compared.emit(found, rows)

        def failed(failure: JobFailure) -> None:
            self._session.refuse(f"Compare: {failure.summary}")

        task = "ptychopinn_app.jobs.compare_tasks:compare_runs"
        self._session.helper.request(task, {"first": first, "second": second}, done, failed)


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
                first, second = (_say(value, info.unset, info.unit) for value in values)
                rows.append((f"{section.title}: {info.label}", first, second))
    return rows


def _say(value: object, unset: str, unit: str) -> str:
    if value is None:
        return unset or "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Path):
        return value.name
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} {unit}" if unit else text
