"""A function and its arguments, to be called in another process (no Qt)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

Emit = Callable[[object], None]
Stop = Callable[[], bool]
P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True)
class Call(Generic[R_co]):
    """A call that returns R_co. It is pickled by name, so the function must belong to a module."""

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
    """Prepare a call; mypy checks the arguments against the signature of the function."""
    return Call(task, args, kwargs)


def job_call(task: Callable[Concatenate[Emit, Stop, P], R], *args: P.args, **kwargs: P.kwargs) -> Call[R]:
    """Prepare a call of a long task, which reports by `emit` and polls `stop`; the worker passes these two."""
    return Call(task, args, kwargs)
