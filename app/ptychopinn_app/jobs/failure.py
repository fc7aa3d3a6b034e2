"""Why a job gave no result, in words (no Qt)."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ptychopinn_app.jobs.fault_words import fault_words

LOG_TAIL_CHARACTERS = 4000


@dataclass(frozen=True)
class JobFailure:
    """Why a job gave no result: an exception, a crash of native code, or a kill by the system."""

    kind: Literal["exception", "crash", "killed"]
    summary: str
    details: str = ""
    exit_code: int | None = None


def failure_of(error: BaseException, details: str) -> JobFailure:
    """Describe an exception: our own errors and faults of the machine in words, others by their class."""
    own = type(error).__module__.split(".")[0] == "ptychopinn"
    words = str(error) if own else fault_words(error)
    return JobFailure("exception", words or f"{type(error).__name__}: {error}", details)


def death_of(code: int | None, log: Path | None) -> JobFailure:
    """Describe a process that ended without a word, with the end of its log."""
    tail = ""
    if log is not None and log.is_file():
        tail = log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL_CHARACTERS:]
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        if -code == signal.SIGKILL:
            hint = "The system often does this when memory runs out: try a smaller batch or fewer filters."
            return JobFailure("killed", f"The job process was ended by {name}. {hint}", tail, code)
        return JobFailure("crash", f"The job process crashed with {name}. The end of its log is below.", tail, code)
    return JobFailure("crash", f"The job process ended with exit code {code} and gave no result.", tail, code)
