"""A finding of the consistency checks, and the edits that fix it (no Qt)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ptychopinn.data.finding import Finding, Severity
from ptychopinn_app.binder.values import value_text

ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class SettingEdit:
    """A setting and its new value."""

    section: str
    field: str
    value: Any


@dataclass(frozen=True)
class Fix:
    """A fix button: its text, the settings it changes, and whether it closes the test data."""

    words: str
    edits: tuple[SettingEdit, ...] = ()
    closes_test: bool = False


@dataclass(frozen=True)
class Check:
    """A finding and its fix, if available."""

    finding: Finding
    fix: Fix | None = None

    @property
    def code(self) -> str:
        """Short name of the finding."""
        return self.finding.code

    @property
    def severity(self) -> Severity:
        """Severity of the finding: 'error', 'warning' or 'info'."""
        return self.finding.severity


def check(severity: Severity, code: str, sentence: str, fix: Fix | None = None) -> Check:
    """Build a check from the parts of its finding and an optional fix."""
    return Check(Finding(severity, code, sentence, "", fix.words if fix is not None else None), fix)


def set_to(label: str, section: str, field: str, value: object) -> Fix:
    """Return a fix that sets one value, such as 'Set batch size to 8'."""
    return fix_by(f"Set {label} to {value_text(value)}", section, field, value)


def fix_by(words: str, section: str, field: str, value: object) -> Fix:
    """Return a fix that sets one value, with custom button text."""
    return Fix(words, (SettingEdit(section, field, value),))
