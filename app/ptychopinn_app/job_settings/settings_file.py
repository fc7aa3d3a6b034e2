"""JSON file with the settings of all sections that differ from their defaults (no Qt)."""

from __future__ import annotations

import json
from pathlib import Path

from ptychopinn.errors import DataError
from ptychopinn.files.atomic import atomic_path


def write_settings(path: Path, table: dict[str, object]) -> None:
    """Write a table from `JobSettings.to_table`."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(table, indent=2, default=str), encoding="utf-8")


def read_settings(path: Path) -> dict[str, object]:
    """Read a table for `JobSettings.restore`.

    Raises
    ------
    DataError
        The file cannot be read or is not a settings file.
    """
    expected, fix = "a settings file (JSON)", "Choose a file saved by this application."
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name} cannot be read: {error}", expected, fix) from error
    if not isinstance(table, dict):
        raise DataError(f"{path.name} has no settings", expected, fix)
    return table
