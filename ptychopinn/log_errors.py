"""Errors told in the log as well: hosts that run us in a child process show its log, but not its exceptions."""

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
_TOLD = "_told_in_log"
_caller_tells = ContextVar("_caller_tells", default=False)


@contextmanager
def told_by_caller() -> Iterator[None]:
    """Keep our own errors out of the log in the block: a command prints them itself, where the log goes as well."""
    token = _caller_tells.set(True)
    try:
        yield
    finally:
        _caller_tells.reset(token)


def log_errors(logger_name: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Return a decorator that logs the sentence of our own errors, once, on their way to the caller.

    Parameters
    ----------
    logger_name : str
        The logger that the host shows.
    """

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(function)
        def told(*arguments: _P.args, **keywords: _P.kwargs) -> _R:
            try:
                return function(*arguments, **keywords)
            except PtychoError as error:
                if not getattr(error, _TOLD, False) and not _caller_tells.get():
                    setattr(error, _TOLD, True)
                    logging.getLogger(logger_name).error("%s", error)
                raise

        return told

    return decorate
