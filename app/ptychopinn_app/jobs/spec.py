"""What crosses the border between the window and a job process: plain frozen records, no Qt."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from ptychopinn_app.jobs.fault_words import fault_words

Emit = Callable[[object], None]
Stop = Callable[[], bool]
Task = Callable[..., object]
Status = Literal["done", "stopped", "cancelled", "failed"]


@dataclass(frozen=True)
class JobSpec:
    """A task and its arguments.

    Attributes
    ----------
    target : ``"package.module:function"``; it is called as ``function(emit, stop, **kwargs)``
    kwargs : picklable arguments
    log : file that receives what the process prints; None keeps the present one
    environment : variables set in the process before the task is imported
    """

    target: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    log: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class JobFailure:
    """Why a job gave no result: an exception, a crash of native code, or a kill by the system."""

    kind: Literal["exception", "crash", "killed"]
    summary: str
    details: str = ""
    exit_code: int | None = None


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes
    ----------
    kind : 'train', 'reconstruct', 'quick', 'refine', 'calibrate' or 'report'
    status : 'done', 'stopped' (asked to stop, result kept), 'cancelled' or 'failed'
    run_dir : folder of the run; it is gone after a cancelled run
    result : a record of `ptychopinn.results`, or None
    failure : set when status is 'failed'
    """

    kind: str
    status: Status
    run_dir: Path
    seconds: float
    result: object = None
    failure: JobFailure | None = None


def resolve(target: str) -> Task:
    """Import the function that a target names."""
    module, _, function = target.partition(":")
    return cast(Task, getattr(importlib.import_module(module), function))


def failure_of(error: BaseException, details: str) -> JobFailure:
    """Describe an exception: our own errors and faults of the machine in words, others by their class."""
    own = type(error).__module__.split(".")[0] == "ptychopinn"
    words = str(error) if own else fault_words(error)
    summary = words or f"{type(error).__name__}: {error}"
    return JobFailure("exception", summary, details)
