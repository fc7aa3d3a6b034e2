"""Refuse scan files that are not there, before any work is spent."""

from __future__ import annotations

from pathlib import Path

from ptychopinn.errors import MissingFileError


def require_data_file(path: str | Path, role: str) -> Path:
    """Return the path of a scan file that exists; ``role`` is 'Training' or 'Test', for the message.

    Raises
    ------
    MissingFileError
        There is no such file; it is a FileNotFoundError and names the path.
    """
    file = Path(path)
    if not file.is_file():
        found = " is a folder" if file.is_dir() else ""
        raise MissingFileError(f"{role} data file not found: {file}{found}", "an NPZ file", "Check the path.")
    return file
