"""Frozen records that pass between the window and a job process (no Qt)."""

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
    """A task and the environment of its process.

    Attributes
    ----------
    call : call of a task that takes `emit` and `stop` first
    log : file for the output of the process; None leaves it as it is
    environment : variables set in the process before the task is imported
    """

    call: Call[object]
    log: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class JobInfo:
    """The running job: its kind, title, folder and log."""

    kind: Kind
    title: str
    run_dir: Path
    log: Path


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes
    ----------
    status : 'done', 'stopped' (by the user, result saved), 'cancelled' or 'failed'
    run_dir : folder of the run; deleted after a cancelled run
    result : a record of `ptychopinn.results`, or None
    failure : set when status is 'failed'
    """

    kind: Kind
    status: Status
    run_dir: Path
    seconds: float
    result: object = None
    failure: JobFailure | None = None
