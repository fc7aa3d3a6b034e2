"""``--config``: repeat a run from the ``config.yaml`` that it wrote."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from ptychopinn.files.names import CONFIG_FILE, QUALITY_CONFIG

BAD_INPUT = 2


class UsageError(SystemExit):
    """Invalid arguments; ``sentence`` gives the reason, and the exit code is 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(BAD_INPUT)
        self.sentence = sentence


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError for invalid arguments, and lets the ``--config`` file supply missing ones."""

    commands: dict[str, Parser]
    _supplied: tuple[argparse.Action, ...] = ()

    def error(self, message: str) -> NoReturn:
        """Print usage and message; raise UsageError."""
        self.print_usage(sys.stderr)
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise UsageError(message)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as usual; if ``--config`` is given, accept missing arguments (see :func:`parse`)."""
        repeats = "--config" in self._option_string_actions
        if repeats and not self._supplied and any(word.split("=")[0] == "--config" for word in args or ()):
            self._supplied = tuple(action for action in self._actions if action.required)
            for action in self._supplied:
                action.required = False
                if not action.option_strings:
                    action.nargs = "?"
        return super().parse_known_args(args, namespace)

    def require(self, args: argparse.Namespace) -> None:
        """Raise UsageError if a required argument is neither on the command line nor in the ``--config`` file."""
        absent = [action for action in self._supplied if getattr(args, action.dest) is None]
        if absent:
            names = ", ".join(str(action.metavar) for action in absent)
            self.error(f"the following arguments are required on the command line or in the --config file: {names}")


def parse(parser: Parser, arguments: Sequence[str]) -> argparse.Namespace:
    """Return the parsed arguments; missing ones come from the ``--config`` file, then from the defaults.

    Raises
    ------
    UsageError
        Arguments are invalid or missing.
    ConfigError, MissingFileError
        The ``--config`` file cannot be read, or was written by another command.
    """
    args = parser.parse_args(arguments)
    if getattr(args, "config", None) is None:
        return args
    command = parser.commands[args.command]
    command.set_defaults(**recorded(args.config, args.command))
    args = parser.parse_args(arguments)
    command.require(args)
    return args


def recorded(path: Path, command: str) -> dict[str, Any]:
    """Return a run's arguments, keyed by their names in the parser; ``path`` is the run's ``config.yaml`` or folder.

    The output folder is omitted, so that no run is overwritten; only ``watch`` reuses its folder.
    """
    from ptychopinn.config.yaml_file import RUN, SECTIONS, load_settings
    from ptychopinn.errors import ConfigError, MissingFileError

    if path.is_dir():
        beside_result = command == "report" and (path / QUALITY_CONFIG).is_file()
        path = path / (QUALITY_CONFIG if beside_result else CONFIG_FILE)
    try:
        sections, unknown = load_settings(path)
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror})"
        raise MissingFileError(problem, "a config.yaml", "Check the path.") from error
    for sentence in unknown:
        print(f"warning: {path}: {sentence}", file=sys.stderr)
    # In the first release only training runs wrote this file.
    run = sections.pop(RUN, {"command": "train"})
    other = run.get("command")
    if other != command:
        raise ConfigError(
            f"{path} was written by '{other}'",
            f"a file written by '{command}'",
            f"Use: ptychopinn {other} --config {path}",
        )
    skipped = {"command", "version"} if command == "watch" else {"command", "version", "output"}
    values = {name: value for name, value in run.items() if name not in skipped}
    files = {"train": {"file": ("training", "train_data_file")}}.get(command, {})
    if command == "reconstruct":
        files = {"model": ("inference", "model_path"), "file": ("inference", "test_data_file")}
    values |= {name: sections.get(section, {}).pop(field, None) for name, (section, field) in files.items()}
    if command in ("reconstruct", "watch"):
        values["refine"] = sections.get("iterations", {}).pop("sweeps", 0)
    for section, options in sections.items():
        options.pop("output_dir", None)
        values |= {f"{SECTIONS[section].__name__}.{name}": value for name, value in options.items()}
    return values
