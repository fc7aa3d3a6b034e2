"""Command-line flags, generated from the configuration dataclasses or shared by several commands."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.field import FieldInfo, describe
from ptychopinn.config.presets import own_execution_defaults
from ptychopinn.config.ranges import refuse
from ptychopinn.config.validation import execution_problems

_UNSET = argparse.SUPPRESS
_UNITS = ("auto", "amplitude", "intensity")


def add_config_flags(
    parser: argparse.ArgumentParser,
    cls: type[Any],
    title: str,
    own_defaults: Mapping[str, Any],
    skip: Collection[str] = (),
    aliases: Mapping[str, str] | None = None,
) -> None:
    """Add one flag per option of a configuration dataclass; a flag that is not given sets no attribute.

    Parameters
    ----------
    title : str
        Heading in the help.
    own_defaults : mapping
        Defaults to show in the help where they differ from those of the dataclass.
    skip : collection of str
        Options without a flag.
    aliases : mapping or None
        Maps an option to a second flag, which the help shows first.
    """
    group = parser.add_argument_group(title)
    for info in describe(cls):
        if info.name not in skip:
            other = (aliases or {}).get(info.name)
            _add(group, cls, info, own_defaults.get(info.name, info.default), [other] if other else [])


def overrides(args: argparse.Namespace, cls: type[Any]) -> dict[str, Any]:
    """Return the options of a dataclass that are set by flags or by the ``--config`` file."""
    prefix = f"{cls.__name__}."
    return {name.removeprefix(prefix): value for name, value in vars(args).items() if name.startswith(prefix)}


def flag_of(name: str) -> str:
    """Return the flag of an option."""
    return "--" + name.lower().replace("_", "-")


def _add(group: Any, cls: type[Any], info: FieldInfo, default: Any, flags: list[str]) -> None:
    shown = info.unset if default is None else default
    unit = f", in {info.unit}" if info.unit else ""
    text = f"{info.help} ({info.label}{unit}; default: {shown})".replace("%", "%%")
    options: dict[str, Any] = {"dest": f"{cls.__name__}.{info.name}", "default": _UNSET, "help": text}
    if info.type is bool:
        options["action"] = argparse.BooleanOptionalAction
    elif info.choices is not None:
        options["choices"] = info.choices
    else:
        options["type"] = {int: int, float: float, Path: Path}.get(info.type, str)
        options["metavar"] = {int: "INT", float: "NUMBER", Path: "PATH"}.get(info.type, "TEXT")
    group.add_argument(*flags, flag_of(info.name), **options)


def add_execution_flags(parser: argparse.ArgumentParser, names: Collection[str] = ("accelerator",)) -> None:
    """Add flags for the execution settings in ``names``."""
    skipped = [info.name for info in describe(PyTorchExecutionConfig) if info.name not in names]
    add_config_flags(parser, PyTorchExecutionConfig, "PyTorch", own_execution_defaults(), skip=skipped)


def execution_of(args: argparse.Namespace) -> PyTorchExecutionConfig:
    """Return the execution settings: the defaults of our own commands, overridden by the command line.

    Raises
    ------
    ConfigError
        A setting is outside its range or has no effect.
    """
    config = PyTorchExecutionConfig(**{**own_execution_defaults(), **overrides(args, PyTorchExecutionConfig)})
    refuse(execution_problems(config))
    return config


def add_scan(parser: argparse.ArgumentParser, help: str = "scan file (NPZ, HDF5 or CXI)") -> None:
    """Add the argument FILE."""
    parser.add_argument("file", type=Path, metavar="FILE", help=help)


def add_result(parser: argparse.ArgumentParser) -> None:
    """Add the argument RESULT."""
    parser.add_argument("result", type=Path, metavar="RESULT", help="object.npz of a reconstruction, or its folder")


def add_output(parser: argparse.ArgumentParser, default: str = "a new one") -> None:
    """Add ``--output``, the folder of a run."""
    parser.add_argument(
        "--output", "--output-dir", type=Path, metavar="DIR", help=f"output folder (default: {default})"
    )


def add_units(parser: argparse.ArgumentParser) -> None:
    """Add ``--diff3d-units`` for commands whose configuration lacks it."""
    help = "units of the patterns; 'auto' determines them from the file (default: auto)"
    parser.add_argument("--diff3d-units", dest="units", choices=_UNITS, default="auto", help=help)


def add_refine(parser: argparse.ArgumentParser) -> None:
    """Add ``--refine``."""
    parser.add_argument(
        "--refine", type=int, default=0, metavar="N", help="number of sweeps that refine the object (default: 0)"
    )


def add_job_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags common to all commands that create a run: ``--fix``, ``--config`` and the output flags."""
    help = "apply the fixes that 'check' offers, in memory only (default: no)"
    parser.add_argument("--fix", action=argparse.BooleanOptionalAction, help=help)
    help = "repeat the run that wrote this config.yaml; other arguments override the file"
    parser.add_argument("--config", type=Path, metavar="YAML", help=help)
    add_output_flags(parser)


def add_output_flags(parser: argparse.ArgumentParser, quiet: bool = True) -> None:
    """Add ``--json``, and ``--quiet`` for commands that show progress."""
    if quiet:
        parser.add_argument("--quiet", action="store_true", help="print warnings only")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")


def fixes_of(args: argparse.Namespace) -> tuple[str, ...]:
    """Return the fix codes: all with ``--fix``, none with ``--no-fix``, otherwise those in the ``--config`` file."""
    if args.fix is None:
        return tuple(getattr(args, "fixes", ()))
    # The command line starts without numpy.
    from ptychopinn.data.checks import FIX_CODES

    return tuple(FIX_CODES) if args.fix else ()
