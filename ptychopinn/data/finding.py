"""One thing that a check found in a scan, in words a person at the beamline understands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ptychopinn.errors import DataError

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One finding: what was seen, what was expected, how to mend it.

    Attributes
    ----------
    severity : 'error' (the scan cannot be used), 'warning' (results suffer) or 'info'
    code : short name of the check, the key for `ptychopinn.data.checks.apply_fixes`
    sentence : what was found and expected, naming file, key and shape
    mend : what to do about it; empty where there is nothing to do
    fix : label of the automatic fix, None where there is none
    """

    severity: Severity
    code: str
    sentence: str
    mend: str = ""
    fix: str | None = None

    def __str__(self) -> str:
        return f"{self.sentence} {self.mend}".strip()


def raise_errors(findings: Iterable[Finding]) -> None:
    """Raise one DataError that joins the error findings; do nothing without any.

    Raises
    ------
    DataError
        At least one finding has severity 'error'.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    if len(errors) == 1:
        raise DataError(errors[0].sentence, mend=errors[0].mend)
    if errors:
        raise DataError(" ".join(str(finding) for finding in errors))


def named(key: str, source: str) -> str:
    """`key` with the file it stands in, if there is one: 'diff3d in scan.npz'."""
    return f"{key} in {source}" if source else key


def count_of(number: int, noun: str) -> str:
    """Number with its noun in the right form: '1 pattern', '3 patterns'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
