"""Findings of the checks of a scan, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ptychopinn.errors import DataError

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One finding: what was found, what was expected, how to fix it.

    Attributes
    ----------
    severity : 'error' (the scan cannot be used), 'warning' (results suffer) or 'info'
    code : short name of the check, the key for `ptychopinn.data.checks.apply_fixes`
    sentence : what was found and expected, with file, key and shape
    mend : what to do about it; may be empty
    fix : label of the automatic fix, or None
    """

    severity: Severity
    code: str
    sentence: str
    mend: str = ""
    fix: str | None = None

    def __str__(self) -> str:
        return f"{self.sentence} {self.mend}".strip()


def raise_errors(findings: Iterable[Finding]) -> None:
    """Raise one DataError with all error findings, if any.

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
    """Return `key` with its file, if known: 'diff3d in scan.npz'."""
    return f"{key} in {source}" if source else key
