"""Options of the configuration dataclasses: defaults with the texts that the user sees."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypedDict, Unpack
from weakref import WeakKeyDictionary

_MISSING = dataclasses.MISSING


class _More(TypedDict, total=False):
    unit: str
    minimum: float
    maximum: float
    positive: bool
    advanced: bool
    unset: str
    path_kind: Literal["file", "folder"]
    path_filter: str


def option(
    default: Any = _MISSING, label: str = "", help: str = "", group: str = "General", **more: Unpack[_More]
) -> Any:
    """Return a dataclass field with texts and limits for the app, the command line and the docs.

    Parameters
    ----------
    default
        Default value; see :func:`dataclasses.field`.
    label, help, group, **more
        See :class:`FieldInfo`.
    """
    if more.get("positive"):
        more.setdefault("minimum", 0)
    return dataclasses.field(default=default, metadata={"label": label, "help": help, "group": group, **more})


advanced_option = partial(option, advanced=True)


@dataclass(frozen=True)
class FieldInfo:
    """Type, texts and limits of one option.

    Attributes
    ----------
    type : type
        Type without None; ``optional`` is True if None is allowed, and ``choices`` holds the values of a Literal.
    label, help : str
        Label of two or three words, and help text of one sentence.
    group : str
        Heading under which the option appears in the form.
    minimum, maximum : float or None
        Allowed range, including both ends.
    positive : bool
        Whether the value must be above 0; ``minimum`` is then 0.
    advanced : bool
        Whether the option is hidden until the user asks for all settings.
    unset : str
        Text that is shown for None.
    path_kind, path_filter : str
        For a path: whether it is a file or a folder, and the filter of the file dialog.
    """

    name: str
    type: Any
    optional: bool
    choices: tuple[Any, ...] | None
    default: Any
    label: str
    help: str
    group: str = "General"
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    positive: bool = False
    advanced: bool = False
    unset: str = "auto"
    path_kind: str = "file"
    path_filter: str = ""


_described: WeakKeyDictionary[type[Any], tuple[FieldInfo, ...]] = WeakKeyDictionary()


def describe(cls: type[Any]) -> tuple[FieldInfo, ...]:
    """Return the options of a configuration dataclass in field order; fields without a label are skipped."""
    # Reading type hints takes a millisecond, and the app asks at every change of a setting.
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
        kind = type(choices[0]) if choices else kind
        described.append(FieldInfo(entry.name, kind, optional, choices, entry.default, **entry.metadata))
    return tuple(described)


def choices(cls: type[Any], name: str) -> tuple[Any, ...] | None:
    """Return the allowed values of an option, or None if any value is allowed."""
    return next((info.choices for info in describe(cls) if info.name == name), None)


def _without_none(kind: Any) -> tuple[Any, bool]:
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return kind, False
    members = [member for member in typing.get_args(kind) if member is not type(None)]
    optional = len(members) < len(typing.get_args(kind))
    return (members[0] if len(members) == 1 else typing.Union[tuple(members)]), optional  # noqa: UP007
