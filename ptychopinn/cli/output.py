"""Output of commands: printing results, handling write errors, choosing the default folder."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ptychopinn.errors import ConfigError, MissingFileError, PtychoError
from ptychopinn.files.atomic import FULL

RUNS_FOLDER = "ptychopinn_runs"


def fresh_folder(name: str) -> Path:
    """Return the path ``ptychopinn_runs/<name>-NNN`` with the lowest unused number."""
    number = 1
    while (folder := Path(RUNS_FOLDER) / f"{name}-{number:03d}").exists():
        number += 1
    return folder


def require_file_target(path: Path) -> None:
    """Raise ConfigError if ``path``, the file to write, is a folder."""
    if path.is_dir():
        raise ConfigError(
            f"{path} is a folder", "the path of a file", f"Include a file name, for example {path / 'scan.npz'}."
        )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise MissingFileError if the ``with`` block cannot write ``path``; disk-full errors are passed on."""
    try:
        yield
    except OSError as error:
        if isinstance(error, PtychoError) or error.errno in FULL:
            raise
        problem = f"{path} cannot be written ({error.strerror})"
        raise MissingFileError(problem, "a writable path", "Choose another path.") from error


def finish(args: argparse.Namespace, text: str, content: dict[str, Any], failure: str = "") -> int:
    """Print the result and return the exit code; ``--json`` prints one object on the last line of standard output.

    Parameters
    ----------
    text : str
        Human-readable result.
    content : dict
        Machine-readable result.
    failure : str
        Sentence that states what failed; if not empty, the exit code is 1.
    """
    if args.json:
        error = {"error": {"type": "PartlyFailed", "message": failure}} if failure else {}
        print(json.dumps({"ok": not failure, **plain(content), **error}))
    else:
        print(text)
    return 1 if failure else 0


def plain(value: Any) -> Any:
    """Convert dataclasses, paths, tuples and numpy values to JSON values; numbers that are not finite become null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain(getattr(value, entry.name)) for entry in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)
