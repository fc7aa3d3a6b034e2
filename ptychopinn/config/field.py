"""Options of the configuration dataclasses: a default together with the words shown to the user."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

_MISSING = dataclasses.MISSING


def option(
    default: Any = _MISSING,
    *,
    default_factory: Callable[[], Any] | Any = _MISSING,
    label: str,
    help: str,
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    positive: bool = False,
    group: str = "General",
    advanced: bool = False,
    unset: str = "auto",
    path_kind: Literal["file", "folder"] = "file",
    path_filter: str = "",
) -> Any:
    """Return a dataclass field whose metadata the app's forms, the command line and the docs read.

    Parameters
    ----------
    default, default_factory
        As in :func:`dataclasses.field`.
    label : str
        Two or three words.
    help : str
        One sentence.
    unit : str
    minimum, maximum : float or None
        Allowed range, ends included.
    positive : bool
        0 is not allowed, though the range starts there.
    group : str
        Heading in the form.
    advanced : bool
        Folded away at first.
    unset : str
        What None means.
    path_kind, path_filter : str
        For paths: what to choose and the file dialog's filter.
    """
    metadata = {
        "label": label,
        "help": help,
        "unit": unit,
        "minimum": minimum,
        "maximum": maximum,
        "positive": positive,
        "group": group,
        "advanced": advanced,
        "unset": unset,
        "path_kind": path_kind,
        "path_filter": path_filter,
    }
    if default_factory is not _MISSING:
        return dataclasses.field(default_factory=default_factory, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class FieldInfo:
    """One option as its readers see it; ``type`` is without None, ``choices`` come from a Literal."""

    name: str
    type: Any
    optional: bool
    choices: tuple[Any, ...] | None
    default: Any
    label: str
    help: str
    unit: str
    minimum: float | None
    maximum: float | None
    group: str
    advanced: bool
    unset: str
    path_kind: str
    path_filter: str
    positive: bool = False


_described: WeakKeyDictionary[type[Any], tuple[FieldInfo, ...]] = WeakKeyDictionary()


def describe(cls: type[Any]) -> tuple[FieldInfo, ...]:
    """Return the options of a configuration dataclass in order; fields without words are skipped."""
    # Reading type hints takes a millisecond, and a window asks at every change of a setting.
    if cls not in _described:
        _described[cls] = _read(cls)
    return _described[cls]


def _read(cls: type[Any]) -> tuple[FieldInfo, ...]:
    hints = typing.get_type_hints(cls)
    described = []
    for entry in dataclasses.fields(cls):
        if "label" not in entry.metadata:
            continue
        kind, optional = _without_none(hints[entry.name])
        literal = typing.get_origin(kind) is Literal
        choices = tuple(typing.get_args(kind)) if literal else None
        default = entry.default
        if entry.default_factory is not _MISSING:
            default = entry.default_factory()
        kind = type(choices[0]) if choices else kind
        described.append(FieldInfo(entry.name, kind, optional, choices, default, **entry.metadata))
    return tuple(described)


def choices(cls: type[Any], name: str) -> tuple[Any, ...] | None:
    """Return the allowed values of an option, or None when it is free."""
    return next((info.choices for info in describe(cls) if info.name == name), None)


def _without_none(kind: Any) -> tuple[Any, bool]:
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return kind, False
    members = [member for member in typing.get_args(kind) if member is not type(None)]
    optional = len(members) < len(typing.get_args(kind))
    return (members[0] if len(members) == 1 else typing.Union[tuple(members)]), optional  # noqa: UP007
