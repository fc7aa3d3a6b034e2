"""Read scan files of all supported kinds: NPZ, and HDF5 from ptychodus, pty-chi and CXI."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ptychopinn.data import npz
from ptychopinn.data.npz_schema import KNOWN_KEYS
from ptychopinn.data.raw_data import RawData
from ptychopinn.files.npz_members import MAP_ABOVE_BYTES


def is_npz(path: Path) -> bool:
    """Return whether to read a file as NPZ: its suffix is .npz, or it is not HDF5."""
    if path.suffix.lower() == ".npz":
        return True
    # Imports h5py, which only files with another name need.
    from ptychopinn.data.hdf5_layouts import is_hdf5

    return not is_hdf5(path)


def pattern_size(path: str | Path) -> int:
    """Return the width of the patterns of a scan file in pixels, without reading them.

    Raises
    ------
    MissingFileError, DataError
        The file is missing or damaged, or has no patterns.
    """
    file = Path(path)
    if not is_npz(file):
        from ptychopinn.data.hdf5_scan import stack_shape

        return stack_shape(file)[-1]
    specs = npz.header(file)
    if "diff3d" not in specs:
        raise npz.missing_keys_error(file, ["diff3d"], list(specs))
    return int(specs["diff3d"][0][-1])


def read_arrays(
    path: str | Path, keys: Iterable[str] = KNOWN_KEYS, map_above_bytes: int = MAP_ABOVE_BYTES
) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file by schema key, limited to `keys`.

    Raises
    ------
    MissingFileError, DataError
        The file is missing or damaged, or one of its arrays is unreadable.
    """
    arrays = _hdf5(Path(path), map_above_bytes)
    if arrays is None:
        return npz.read_arrays(path, keys, map_above_bytes)
    return npz.in_schema_order({key: arrays[key] for key in keys if key in arrays})


def read(
    path: str | Path, units: str = "auto", map_above_bytes: int = MAP_ABOVE_BYTES, *, needs_probe: bool = True
) -> RawData:
    """Read a scan from a file; see :func:`ptychopinn.data.npz.read` for units and probe.

    Raises
    ------
    MissingFileError
        The file does not exist.
    DataError
        The file is unreadable or incomplete, or its arrays are inconsistent.
    """
    file = Path(path)
    arrays = _hdf5(file, map_above_bytes)
    if arrays is None:
        return npz.read(file, units, map_above_bytes, needs_probe=needs_probe)
    return npz.scan_of(file, arrays, list(arrays), units, needs_probe=needs_probe)


def _hdf5(path: Path, map_above_bytes: int = MAP_ABOVE_BYTES) -> dict[str, NDArray[Any]] | None:
    """Return the arrays of an HDF5 file; None for any other kind."""
    if is_npz(path):
        return None
    from ptychopinn.data.hdf5_scan import read_hdf5

    return read_hdf5(path, map_above_bytes)
