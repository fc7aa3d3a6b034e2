"""Scan NPZ files; reading corrects axis orders and key spellings (API specification, section 4.5)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.npz_schema import KNOWN_KEYS, MEANINGS, REQUIRED_KEYS, look_alike, schema_name
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.scan_arrays import check_scan_arrays, turned_shape
from ptychopinn.errors import DataError
from ptychopinn.files.npz_members import (
    MAP_ABOVE_BYTES,
    ArraySpec,
    member_keys,
    open_npz,
    read_member,
    read_spec,
    write_npz,
)

logger = logging.getLogger(__name__)


def header(path: str | Path) -> dict[str, ArraySpec]:
    """Return the shape and dtype of every array by its key in the file, without loading values.

    Raises
    ------
    MissingFileError, DataError
        The file is missing, damaged, or not an NPZ file.
    """
    file = Path(path)
    with open_npz(file) as archive:
        return {key: read_spec(archive, info, file) for key, info in member_keys(archive).items()}


def read_arrays(
    path: str | Path, keys: Iterable[str] = KNOWN_KEYS, map_above_bytes: int = MAP_ABOVE_BYTES
) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file by schema key, limited to `keys`; see `in_schema_order`.

    Raises
    ------
    MissingFileError, DataError
        The file is missing or damaged, or one of its arrays is unreadable.
    """
    file = Path(path)
    with open_npz(file) as archive:
        members = member_keys(archive)
        names = {schema_name(key, frozenset(members)): key for key in members}
        chosen = {key: members[names[key]] for key in keys if key in names}
        arrays = {key: read_member(archive, info, file, map_above_bytes) for key, info in chosen.items()}
    return in_schema_order(arrays)


def in_schema_order(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return views of the arrays: coordinates as (patterns,), patterns as (patterns, H, W).

    Column or row vectors of coordinates are flattened. Patterns stored as (H, W, patterns) are transposed if only their
    last axis matches the number of positions.
    """
    arrays = dict(arrays)
    for key in ("xcoords", "ycoords", "xcoords_start", "ycoords_start", "scan_index"):
        if key in arrays and arrays[key].ndim == 2 and 1 in arrays[key].shape:
            arrays[key] = arrays[key].reshape(-1)
    patterns, xcoords = arrays.get("diff3d"), arrays.get("xcoords")
    if patterns is not None and xcoords is not None and turned_shape(patterns.shape, xcoords.size):
        arrays["diff3d"] = np.moveaxis(patterns, -1, 0)
    return arrays


def declared_units(arrays: dict[str, NDArray[Any]], units: str | None = "auto") -> str | None:
    """Return the units declared by the caller, else by the file's key `diff3d_units`; None if undeclared."""
    if units not in (None, "auto"):
        return units
    word = arrays.get("diff3d_units")
    if word is None or word.size != 1:
        return None
    value = word.reshape(-1)[0]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def read(
    path: str | Path, units: str = "auto", map_above_bytes: int = MAP_ABOVE_BYTES, *, needs_probe: bool = True
) -> RawData:
    """Read a scan from an NPZ file; large uncompressed arrays are memory-mapped.

    `units` 'amplitude' or 'intensity' overrides the file; 'auto' uses the file's key `diff3d_units` if present, and
    otherwise decides from the values. The decision is logged. If `needs_probe` is False, the file may lack a probe.

    Raises
    ------
    MissingFileError
        The file does not exist.
    DataError
        The file is unreadable or lacks a key, or its arrays are inconsistent.
    """
    file = Path(path)
    arrays = read_arrays(file, map_above_bytes=map_above_bytes)
    present = list(header(file)) if any(key not in arrays for key in REQUIRED_KEYS) else list(arrays)
    return scan_of(file, arrays, present, units, needs_probe=needs_probe)


def scan_of(
    file: Path, arrays: dict[str, NDArray[Any]], present: list[str], units: str = "auto", *, needs_probe: bool = True
) -> RawData:
    """Build a scan from arrays by schema key; `present` holds the file's own keys, for messages.

    Raises
    ------
    DataError
        A key is missing, or the arrays are inconsistent.
    """
    missing = [key for key in REQUIRED_KEYS if key not in arrays and (needs_probe or key != "probeGuess")]
    if missing:
        raise missing_keys_error(file, missing, present)
    check_scan_arrays(arrays, file.name)
    values: dict[str, Any] = {key: arrays.get(key) for key in KNOWN_KEYS}
    raw = RawData(**{**values, "diff3d_units": declared_units(arrays, units)})
    logger.info("%s: %s", file.name, raw.units_reason)
    return raw


def missing_keys_error(file: Path, missing: list[str], present: list[str]) -> DataError:
    """Return an error that describes the missing keys and lists the keys that the file contains."""
    listed = ", ".join(missing)
    hints = [f"{key}, {MEANINGS[key]}" for key in missing]
    alike = [f"rename {other} to {key}" for key in missing if (other := look_alike(key, present))]
    fix = f"Perhaps {' and '.join(alike)}." if alike else f"Add {'them' if len(missing) > 1 else 'it'} to the file."
    if "probeGuess" in missing:
        fix += " To use a probe from another file, pass --probe-file to 'ptychopinn train' or 'ptychopinn reconstruct'."
    problem = f"{file.name} has no {listed} (its keys: {', '.join(present) or 'none'})"
    return DataError(problem, "; ".join(hints), fix)


def write(path: str | Path, raw: RawData) -> None:
    """Write a scan atomically with the schema's keys, uncompressed and without pickle."""
    write_npz(path, {**{key: getattr(raw, key) for key in KNOWN_KEYS}, "diff3d_units": raw.units})
