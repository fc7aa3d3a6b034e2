"""Metadata inside a data file: one JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ptychopinn.data.npz import header, read_arrays
from ptychopinn.errors import DataError

METADATA_KEY = "_metadata"


def metadata_text(metadata: Mapping[str, Any]) -> str:
    """Return metadata as JSON; paths and other objects become their text."""
    return json.dumps(metadata, default=str)


def parse_metadata(array: Any, source: str) -> dict[str, Any]:
    """Return the metadata of an array of text.

    Raises
    ------
    DataError
        It is not the JSON text of a dictionary.
    """
    try:
        metadata = json.loads(str(np.asarray(array).item()))
    except ValueError as error:
        raise DataError(f"the metadata in {source} are not JSON ({error})", mend="Write the file again.") from error
    if not isinstance(metadata, dict):
        raise DataError(f"the metadata in {source} are a {type(metadata).__name__}", "a dictionary")
    return metadata


def stored_nphotons(path: str | Path) -> float | None:
    """Return the expected counts per pattern that a data file's metadata name, or None."""
    if METADATA_KEY not in header(path):
        return None
    metadata = parse_metadata(read_arrays(path, [METADATA_KEY])[METADATA_KEY], str(path))
    value = metadata.get("physics_parameters", {}).get("nphotons", metadata.get("nphotons"))
    return None if value is None else float(value)
