"""One finding about settings, data and model together, and the edits that mend it (no Qt)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ptychopinn.data.finding import Finding, Severity

ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class SettingEdit:
    """One setting and the value it is to take."""

    section: str
    field: str
    value: Any


@dataclass(frozen=True)
class Mend:
    """What a button does: its words, the settings it changes, and whether it closes the test data."""

    words: str
    edits: tuple[SettingEdit, ...] = ()
    closes_test: bool = False


@dataclass(frozen=True)
class Check:
    """A finding and its mend, None where no setting can mend it."""

    finding: Finding
    mend: Mend | None = None

    @property
    def code(self) -> str:
        """Short name of the finding."""
        return self.finding.code

    @property
    def severity(self) -> Severity:
        """How bad it is: 'error', 'warning' or 'info'."""
        return self.finding.severity


def check(severity: Severity, code: str, sentence: str, mend: Mend | None = None) -> Check:
    """Make a check whose finding offers the mend."""
    return Check(Finding(severity, code, sentence, "", mend.words if mend is not None else None), mend)


def set_to(words: str, section: str, field: str, value: object) -> Mend:
    """Mend by one value: 'Set batch size to 8'."""
    return mend_by(f"Set {words} to {shown(value)}", section, field, value)


def mend_by(words: str, section: str, field: str, value: object) -> Mend:
    """Mend by one value, in words of its own."""
    return Mend(words, (SettingEdit(section, field, value),))


def shown(value: object) -> str:
    """Write a value as a person would."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "automatic"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
