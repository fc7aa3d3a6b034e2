"""Historic module ``ptycho.metadata``: how a data file was made, kept inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ptychopinn.errors import DataError, MissingFileError
from ptychopinn.files.npz_members import write_npz
from ptychopinn.historic.data.npz_metadata import METADATA_KEY, metadata_text, parse_metadata
from ptychopinn.version import __version__


class MetadataManager:
    """Write and read data files with metadata; all methods are static."""

    @staticmethod
    def create_metadata(config: Any, script_name: str, **extra: Any) -> dict[str, Any]:
        """Return metadata of a configuration.

        Parameters
        ----------
        config : TrainingConfig, or another dataclass
            Its fields become ``physics_parameters``, those of a nested model as well.
        script_name : str
        extra
            Further entries.
        """
        fields = asdict(config) if is_dataclass(config) and not isinstance(config, type) else {}
        model = fields.pop("model", {})
        return {
            "schema_version": "1.0",
            "creation_info": {
                "timestamp": datetime.now(UTC).isoformat(),
                "script": script_name,
                "version": __version__,
            },
            "physics_parameters": {**model, **fields},
            **extra,
        }

    @staticmethod
    def save_with_metadata(file_path: str | Path, data_dict: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Write arrays and metadata into an NPZ file, atomically and without pickled objects."""
        write_npz(file_path, {**data_dict, METADATA_KEY: np.array(metadata_text(metadata))}, compressed=True)

    @staticmethod
    def load_with_metadata(file_path: str | Path) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Return the arrays of an NPZ file, and its metadata or None.

        Raises
        ------
        MissingFileError, DataError
            The file is absent, or no NPZ file without pickled objects.
        """
        path = Path(file_path)
        if not path.is_file():
            raise MissingFileError(f"Data file not found: {path}", mend="Check the path.")
        try:
            with np.load(path, allow_pickle=False) as content:
                arrays = {key: content[key] for key in content.files}
        except (OSError, ValueError) as error:
            raise DataError(f"{path} cannot be read ({error})", "an NPZ file", "Choose another file.") from error
        metadata = arrays.pop(METADATA_KEY, None)
        return arrays, None if metadata is None else parse_metadata(metadata, str(path))
