"""Calls, jobs and outcomes: records that pass between the window and a job process (no Qt)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, Generic, Literal, ParamSpec, TypeVar

from ptychopinn_app.jobs.failure import JobFailure

Emit = Callable[[object], None]
Stop = Callable[[], bool]
P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
Kind = Literal["train", "reconstruct", "quick", "calibrate", "refine", "report"]
# Jobs that save a result when they are stopped, and what stopping does.
KEEPS = {
    "train": "Finish this batch, then save the model",
    "quick": "Stop the sweeps, then save the result so far",
    "refine": "Stop the sweeps, then save the result so far",
    "reconstruct": "Stop the sweeps of a refinement, then save the result so far",
}
Status = Literal["done", "stopped", "cancelled", "failed"]


@dataclass(frozen=True)
class Call(Generic[R_co]):
    """A call that returns R_co. The function is pickled by name, so it must be defined at module level."""

    task: Callable[..., R_co]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.task.__name__

    def run(self, *first: object) -> R_co:
        """Call the function with `first` before its other arguments."""
        return self.task(*first, *self.args, **self.kwargs)


def call(task: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Call[R]:
    """Prepare a call; mypy checks the arguments against the function's signature."""
    return Call(task, args, kwargs)


def job_call(task: Callable[Concatenate[Emit, Stop, P], R], *args: P.args, **kwargs: P.kwargs) -> Call[R]:
    """Prepare a call to a long task, which reports through `emit` and polls `stop`; the worker passes both."""
    return Call(task, args, kwargs)


@dataclass(frozen=True)
class JobSpec:
    """A task and the environment for its process.

    Attributes
    ----------
    call : call to a task whose first arguments are `emit` and `stop`
    log : file for the output of the process; None means no redirection
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
    run_dir : folder of the run; deleted if the run was cancelled
    result : a record of `ptychopinn.results`, or None
    failure : set when status is 'failed'
    """

    kind: Kind
    status: Status
    run_dir: Path
    seconds: float
    result: object = None
    failure: JobFailure | None = None
