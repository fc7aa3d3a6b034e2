"""What crosses the border between the window and a job process: plain frozen records, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ptychopinn_app.jobs.call import Call
from ptychopinn_app.jobs.failure import JobFailure

Kind = Literal["train", "reconstruct", "quick", "calibrate", "refine", "report"]
Status = Literal["done", "stopped", "cancelled", "failed"]


@dataclass(frozen=True)
class JobSpec:
    """A task and what its process needs.

    Attributes
    ----------
    call : of a task that takes `emit` and `stop` first
    log : file that receives what the process prints; None keeps the present one
    environment : variables set in the process before the task is imported
    """

    call: Call[object]
    log: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class JobInfo:
    """The job that runs: its kind, title, folder and log."""

    kind: Kind
    title: str
    run_dir: Path
    log: Path


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes
    ----------
    status : 'done', 'stopped' (asked to stop, result kept), 'cancelled' or 'failed'
    run_dir : folder of the run; it is gone after a cancelled run
    result : a record of `ptychopinn.results`, or None
    failure : set when status is 'failed'
    """

    kind: Kind
    status: Status
    run_dir: Path
    seconds: float
    result: object = None
    failure: JobFailure | None = None
