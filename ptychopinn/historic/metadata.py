"""Historic module ``ptycho.metadata``: a record of how a data file was created, saved in the file as JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ptychopinn.data.npz import header, read_arrays
from ptychopinn.errors import DataError, MissingFileError
from ptychopinn.files.npz_members import write_npz
from ptychopinn.version import __version__

_KEY = "_metadata"


class MetadataManager:
    """Writer and reader of data files with metadata; all methods are static."""

    @staticmethod
    def create_metadata(config: Any, script_name: str, **extra: Any) -> dict[str, Any]:
        """Return the metadata of a configuration, with additional entries.

        The fields of the dataclass ``config`` and of a nested model become ``physics_parameters``.
        """
        fields = asdict(config) if is_dataclass(config) and not isinstance(config, type) else {}
        model, now = fields.pop("model", {}), datetime.now(UTC).isoformat()
        return {
            "schema_version": "1.0",
            "creation_info": {"timestamp": now, "script": script_name, "version": __version__},
            "physics_parameters": {**model, **fields},
            **extra,
        }

    @staticmethod
    def save_with_metadata(file_path: str | Path, data_dict: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Write arrays and metadata into an NPZ file, atomically and without pickled objects."""
        write_npz(file_path, {**data_dict, _KEY: np.array(json.dumps(metadata, default=str))}, compressed=True)

    @staticmethod
    def load_with_metadata(file_path: str | Path) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Return the arrays of an NPZ file, and its metadata or None if the file has no metadata.

        Raises
        ------
        MissingFileError, DataError
            The file is missing, is not an NPZ file, or contains pickled objects.
        """
        path = Path(file_path)
        if not path.is_file():
            raise MissingFileError(f"Data file not found: {path}", mend="Check the path.")
        try:
            with np.load(path, allow_pickle=False) as content:
                arrays = {key: content[key] for key in content.files}
        except (OSError, ValueError) as error:
            raise DataError(f"{path} cannot be read ({error})", "an NPZ file", "Choose another file.") from error
        metadata = arrays.pop(_KEY, None)
        return arrays, None if metadata is None else _parsed(metadata, str(path))


def stored_nphotons(path: str | Path) -> float | None:
    """Return the expected counts per pattern from the metadata of a data file, or None if they are not stored."""
    if _KEY not in header(path):
        return None
    metadata = _parsed(read_arrays(path, [_KEY])[_KEY], str(path))
    value = metadata.get("physics_parameters", {}).get("nphotons", metadata.get("nphotons"))
    return None if value is None else float(value)


def _parsed(array: Any, source: str) -> dict[str, Any]:
    try:
        metadata = json.loads(str(np.asarray(array).item()))
    except ValueError as error:
        raise DataError(f"the metadata in {source} is not valid JSON ({error})", mend="Save the file again.") from error
    if not isinstance(metadata, dict):
        raise DataError(f"the metadata in {source} is a {type(metadata).__name__}", "a dictionary")
    return metadata
