"""Read and write the arrays of NPZ files without pickle."""

from __future__ import annotations

import math
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from ptychopinn.errors import DataError, MissingFileError
from ptychopinn.files.atomic import atomic_path
from ptychopinn.files.names import HDF5_SIGNATURE, HDF5_SUFFIXES
from ptychopinn.files.zip_damage import ZIP_DAMAGE

ArraySpec = tuple[tuple[int, ...], np.dtype[Any]]
"""Shape and dtype of an array, without its values."""

MAP_ABOVE_BYTES = 64 << 20
"""Uncompressed arrays of this size or more are memory-mapped; a mapped file must not be overwritten."""

_LOCAL_HEADER = struct.Struct("<26xHH")
_ENCRYPTED = 0x1
_SAVE_AGAIN = "Export or copy the file again."


@contextmanager
def open_npz(path: str | Path) -> Iterator[zipfile.ZipFile]:
    """Open `path` as a zip file of arrays.

    Raises
    ------
    MissingFileError
        The file does not exist.
    DataError
        `path` is a folder, or the file cannot be opened, is empty or truncated, or is not an NPZ file.
    """
    file = Path(path)
    if not file.exists():
        raise MissingFileError(f"File not found: {file}", mend="Check the path.")
    if file.is_dir():
        raise DataError(f"{file} is a folder", "a scan file (.npz)", "Choose a file in this folder.")
    try:
        archive = zipfile.ZipFile(file)
    except PermissionError as error:
        raise DataError(f"{file} cannot be opened ({error.strerror})", mend="Check its permissions.") from error
    except ZIP_DAMAGE as error:
        raise _not_an_npz(file) from error
    with archive:
        yield archive


def member_keys(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the zip members by array name, in file order."""
    infos = archive.infolist()
    return {info.filename.removesuffix(".npy"): info for info in infos if info.filename.endswith(".npy")}


def read_spec(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: Path) -> ArraySpec:
    """Return the shape and dtype of a member without reading its values.

    Raises
    ------
    DataError
        The member is damaged or encrypted.
    """
    with _open_member(archive, info, file) as stream:
        shape, _, dtype = _read_npy_header(stream)
    return shape, dtype


def read_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: Path, map_above_bytes: int = MAP_ABOVE_BYTES
) -> NDArray[Any]:
    """Return the values of a member, memory-mapped read-only if it is large and uncompressed.

    Raises
    ------
    DataError
        The member is damaged, truncated, encrypted, a pickled object, or larger than the available memory.
    """
    key = info.filename.removesuffix(".npy")
    with _open_member(archive, info, file) as stream:
        shape, fortran, dtype = _read_npy_header(stream)
        header_bytes = stream.tell()
        if dtype.hasobject:
            fix = "Convert it to a numeric dtype with numpy.asarray and save the file again; pickles are never read."
            raise DataError(f"{key} in {file.name} is a pickled Python object", "a plain array of numbers", fix)
        n_bytes = dtype.itemsize * math.prod(shape)
        if n_bytes != info.file_size - header_bytes:
            raise DataError(
                f"{key} in {file.name} is truncated: shape {shape} of {dtype} needs {n_bytes:,} bytes, "
                f"but the file contains {info.file_size - header_bytes:,}",
                mend=_SAVE_AGAIN,
            )
        order: Literal["C", "F"] = "F" if fortran else "C"
        if info.compress_type == zipfile.ZIP_STORED and n_bytes >= max(map_above_bytes, 1):
            offset = _data_offset(file, info) + header_bytes
            return np.memmap(file, dtype=dtype, mode="r", offset=offset, shape=shape, order=order)
        values = _allocate(shape, dtype, order, f"{key} in {file.name}")
        _fill(stream, values.reshape(-1, order=order).view(np.uint8) if n_bytes else np.empty(0, np.uint8))
        return values


def read_array(path: str | Path, key: str) -> NDArray[Any]:
    """Read one array from an NPZ file, even if other arrays are damaged.

    Raises
    ------
    MissingFileError, DataError
        The file is missing or unreadable, or has no such key.
    """
    file = Path(path)
    with open_npz(file) as archive:
        members = member_keys(archive)
        if key not in members:
            raise DataError(f"{file} has no {key}", f"a file with the key {key}", "Choose another file.")
        return np.asarray(read_member(archive, members[key], file))


def write_npz(path: str | Path, arrays: Mapping[str, Any], *, compressed: bool = False) -> None:
    """Write arrays by key to an NPZ file, completely or not at all; values that are None are skipped.

    Raises
    ------
    ValueError
        A value would have to be pickled.
    """
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", kind) as archive:
        for key, value in arrays.items():
            if value is not None:
                with archive.open(f"{key}.npy", "w", force_zip64=True) as stream:
                    npy_format.write_array(stream, np.asanyarray(value), allow_pickle=False)


def _allocate(shape: tuple[int, ...], dtype: np.dtype[Any], order: Literal["C", "F"], name: str) -> NDArray[Any]:
    try:
        return np.empty(shape, dtype=dtype, order=order)
    except MemoryError as error:
        gibibytes = dtype.itemsize * math.prod(shape) / 2**30
        raise DataError(
            f"{name} needs {gibibytes:.1f} GiB of memory, which is more than is free",
            mend="Save the file uncompressed (numpy.savez), so that it can be read in pieces.",
        ) from error


@contextmanager
def _open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: Path) -> Iterator[IO[bytes]]:
    """Open a member; turn any failure to read it into a DataError."""
    key = info.filename.removesuffix(".npy")
    if info.flag_bits & _ENCRYPTED:
        raise DataError(f"{key} in {file.name} is encrypted", mend="Save the file without a password.")
    try:
        with archive.open(info) as stream:
            yield stream
    except DataError:
        raise
    except ZIP_DAMAGE as error:
        problem = f"{key} in {file.name} is damaged and cannot be read ({error})"
        raise DataError(problem, mend=_SAVE_AGAIN) from error


def _read_npy_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy_format.read_magic(stream)
    if version == (1, 0):
        return npy_format.read_array_header_1_0(stream)
    if version == (2, 0):
        return npy_format.read_array_header_2_0(stream)
    raise ValueError(f"unknown array format version {version}")


def _fill(stream: IO[bytes], flat: NDArray[np.uint8]) -> None:
    view, done = flat.data, 0
    while done < len(flat):
        block = stream.read(min(1 << 22, len(flat) - done))
        if not block:
            raise EOFError("the data end too early")
        view[done : done + len(block)] = block
        done += len(block)
    # Reading past the end makes zipfile compare the checksum.
    stream.read(1)


def _data_offset(file: Path, info: zipfile.ZipInfo) -> int:
    """Return the byte offset of a member's data; the local header may differ in length from the central one."""
    with file.open("rb") as stream:
        stream.seek(info.header_offset)
        name_length, extra_length = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
    return int(info.header_offset + _LOCAL_HEADER.size + name_length + extra_length)


def _not_an_npz(file: Path) -> DataError:
    with file.open("rb") as stream:
        start = stream.read(8)
    expected = "a scan file written by numpy.savez (.npz)"
    if not start:
        return DataError(f"{file} is empty (0 bytes)", expected, _SAVE_AGAIN)
    if start.startswith(b"PK"):
        problem = f"{file} is damaged or truncated, perhaps by an interrupted copy: its table of contents is unreadable"
        return DataError(problem, mend=_SAVE_AGAIN)
    if start == HDF5_SIGNATURE:
        return DataError(f"{file} is an HDF5 file", expected, "Export the scan as NPZ.")
    if start.startswith(b"\x93NUMPY"):
        mend = "Save patterns, positions and probe together with numpy.savez."
        return DataError(f"{file} contains a single array (.npy)", expected, mend)
    if file.suffix.lower() in HDF5_SUFFIXES:
        return DataError(f"{file} is not an HDF5 file, despite its name", "HDF5 or NPZ", _SAVE_AGAIN)
    return DataError(f"{file} is not an NPZ file", expected, "Choose another file.")
