"""Flags made from the words that the configuration dataclasses carry."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ptychopinn.config.field import FieldInfo, describe

_UNSET = argparse.SUPPRESS


def add_config_flags(
    parser: argparse.ArgumentParser,
    cls: type[Any],
    title: str,
    own_defaults: Mapping[str, Any],
    skip: Collection[str] = (),
) -> None:
    """Add one flag per option of a configuration dataclass; flags that are not given leave no attribute.

    Parameters
    ----------
    parser : ArgumentParser
    cls : dataclass type
    title : str
        Heading in the help.
    own_defaults : mapping
        Values that differ from the dataclass's defaults, for the help.
    skip : collection of str
        Options that have a flag of their own.
    """
    group = parser.add_argument_group(title)
    for info in describe(cls):
        if info.name not in skip:
            _add(group, cls, info, own_defaults.get(info.name, info.default))


def given(args: argparse.Namespace, cls: type[Any]) -> dict[str, Any]:
    """Return the options of a dataclass that were given on the command line."""
    prefix = f"{cls.__name__}."
    return {name.removeprefix(prefix): value for name, value in vars(args).items() if name.startswith(prefix)}


def _add(group: Any, cls: type[Any], info: FieldInfo, default: Any) -> None:
    flag = "--" + info.name.lower().replace("_", "-")
    shown = info.unset if default is None else default
    unit = f", in {info.unit}" if info.unit else ""
    text = f"{info.help} ({info.label}{unit}; default: {shown})".replace("%", "%%")
    options: dict[str, Any] = {"dest": f"{cls.__name__}.{info.name}", "default": _UNSET, "help": text}
    if info.type is bool:
        group.add_argument(flag, action=argparse.BooleanOptionalAction, **options)
        return
    if info.choices is not None:
        options["choices"] = info.choices
    else:
        options["type"] = {int: int, float: float, Path: Path}.get(info.type, str)
        options["metavar"] = {int: "INT", float: "NUMBER", Path: "PATH"}.get(info.type, "TEXT")
    group.add_argument(flag, **options)
