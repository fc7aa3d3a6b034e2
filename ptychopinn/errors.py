"""Errors that describe the problem, what was expected and how to fix it."""

from __future__ import annotations


class PtychoError(Exception):
    """Base class of all errors that this package raises on purpose.

    Parameters
    ----------
    found : what is wrong
    expected : what was expected; may be empty
    mend : how to fix the problem; may be empty
    """

    def __init__(self, found: str, expected: str = "", mend: str = "") -> None:
        super().__init__(found, expected, mend)
        self.found = found
        self.expected = expected
        self.mend = mend

    def __str__(self) -> str:
        first = f"{self.found}; expected {self.expected}" if self.expected else self.found
        if first and first[-1] not in ".!?":
            first += "."
        return f"{first} {self.mend}".strip()


class DataError(PtychoError, ValueError):
    """Unusable scan data."""


class ConfigError(PtychoError, ValueError):
    """A setting outside its range, or contradictory settings."""


class ArchiveError(PtychoError, ValueError):
    """A model archive that is missing, damaged, unsafe, too new or from another backend."""


class BackendError(PtychoError, RuntimeError):
    """A missing or failing compute backend."""


class MissingFileError(PtychoError, FileNotFoundError):
    """A missing file or folder."""


class JobCancelled(PtychoError):
    """The user cancelled the job."""
