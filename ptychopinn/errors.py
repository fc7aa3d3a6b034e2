"""Errors that say what was found, what was expected and how to mend it."""

from __future__ import annotations


class PtychoError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    found : what is wrong
    expected : what would be right; may be empty
    mend : what to do about it; may be empty
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
    """Scan data that cannot be used."""


class ConfigError(PtychoError, ValueError):
    """A setting outside its range, or settings that contradict each other."""


class ArchiveError(PtychoError, ValueError):
    """A model archive that is damaged, foreign, newer or unsafe."""


class BackendError(PtychoError, RuntimeError):
    """A computing backend that is absent or failed."""


class MissingFileError(PtychoError, FileNotFoundError):
    """A file or folder that is not there."""


class JobCancelled(PtychoError):
    """The user cancelled the job."""
