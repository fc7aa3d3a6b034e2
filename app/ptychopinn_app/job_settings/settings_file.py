"""The settings of all sections in a JSON file: what differs from the defaults (no Qt)."""

from __future__ import annotations

import json
from pathlib import Path

from ptychopinn.errors import DataError
from ptychopinn.files.atomic import atomic_path


def write_settings(path: Path, table: dict[str, object]) -> None:
    """Write a table of `JobSettings.to_table`."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(table, indent=2, default=str), encoding="utf-8")


def read_settings(path: Path) -> dict[str, object]:
    """Read such a table.

    Raises
    ------
    DataError
        The file cannot be read, or holds something else.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path.name} cannot be read: {error}", "a settings file (JSON)", "Choose a file saved by this application."
        ) from error
    if not isinstance(table, dict):
        raise DataError(
            f"{path.name} holds no settings", "a settings file (JSON)", "Choose a file saved by this application."
        )
    return table
