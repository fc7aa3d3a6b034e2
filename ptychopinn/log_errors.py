"""Log the package's own errors: hosts that run the package in a child process show its log, but not its exceptions."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from ptychopinn.errors import PtychoError

_P = ParamSpec("_P")
_R = TypeVar("_R")
_LOGGED = "_logged"
_caller_reports = ContextVar("_caller_reports", default=False)


@contextmanager
def reported_by_caller() -> Iterator[None]:
    """Do not log the package's own errors in the ``with`` block, because the caller reports them itself."""
    token = _caller_reports.set(True)
    try:
        yield
    finally:
        _caller_reports.reset(token)


def log_errors(logger_name: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Return a decorator that logs the package's own errors once before they reach the caller.

    Parameters
    ----------
    logger_name : str
        Name of the logger whose messages the host shows.
    """

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(function)
        def wrapper(*arguments: _P.args, **keywords: _P.kwargs) -> _R:
            try:
                return function(*arguments, **keywords)
            except PtychoError as error:
                if not getattr(error, _LOGGED, False) and not _caller_reports.get():
                    setattr(error, _LOGGED, True)
                    logging.getLogger(logger_name).error("%s", error)
                raise

        return wrapper

    return decorate
