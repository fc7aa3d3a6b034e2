"""What a command prints at its end, and the folder it writes to when none is named."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

RUNS_FOLDER = "ptychopinn_runs"


def fresh_folder(name: str) -> Path:
    """Return ``ptychopinn_runs/<name>-NNN`` with the first free number."""
    number = 1
    while (folder := Path(RUNS_FOLDER) / f"{name}-{number:03d}").exists():
        number += 1
    return folder


def finish(args: argparse.Namespace, text: str, content: dict[str, Any]) -> int:
    """Print the result, with ``--json`` as one object on the last line of standard output; return 0."""
    if args.json:
        print(json.dumps({"ok": True, **plain(content)}))
    else:
        print(text)
    return 0


def plain(value: Any) -> Any:
    """Return dataclasses, paths and tuples as what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain(getattr(value, entry.name)) for entry in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return str(value)
