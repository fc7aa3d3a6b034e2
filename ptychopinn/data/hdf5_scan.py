"""Read HDF5 scans (ptychodus products with patterns, pty-chi pairs, CXI) into the arrays of an NPZ scan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.hdf5_layouts import (
    cxi_arrays,
    find_stack,
    has_parameters,
    is_cxi,
    is_hdf5,
    parameter_arrays,
    patterns_of,
)
from ptychopinn.data.scan_names import partner_names
from ptychopinn.errors import DataError, PtychoError
from ptychopinn.files.names import HDF5_SUFFIXES

_MOST_LOOKED_AT = 200
# Errors of numpy and h5py for text, scalars or groups instead of arrays, and for different lengths.
_UNFIT = (ValueError, TypeError, LookupError, AttributeError)


def read_hdf5(path: Path, map_above_bytes: int) -> dict[str, NDArray[Any]]:
    """Return the arrays of a scan by schema key; the patterns are counts.

    A file with only the patterns or only the parameters is completed by its partner in the same folder.

    Raises
    ------
    DataError
        The file is damaged or has another layout, or its folder contains no partner or several possible partners.
    """
    with opened(path) as file:
        stack, parameters = find_stack(file), has_parameters(file)
        if stack is not None and is_cxi(file) and not parameters:
            arrays = cxi_arrays(file, stack.shape[-1], path.name)
            return _counts(arrays, patterns_of(stack, path, map_above_bytes))
        if stack is not None and parameters:
            return _counts(parameter_arrays(file), patterns_of(stack, path, map_above_bytes))
        if stack is None and not parameters:
            raise _foreign(path, file)
        number = len(file["probe_position_y_m"]) if stack is None else len(stack)
    partner = find_partner(path, number, wants_patterns=stack is None)
    pattern_file, parameter_file = (partner, path) if stack is None else (path, partner)
    with opened(parameter_file) as file:
        arrays = parameter_arrays(file)
        with opened(pattern_file) as other:
            pattern_stack = find_stack(other)
            assert pattern_stack is not None
            patterns = patterns_of(pattern_stack, pattern_file, map_above_bytes)
            arrays, patterns = _in_one_order(file, other, arrays, patterns, pattern_file.name)
    return _counts(arrays, patterns)


def stack_shape(path: Path) -> tuple[int, ...]:
    """Return the shape (patterns, H, W) of the patterns of a scan, in the file or in its partner.

    Raises
    ------
    DataError
        The file is damaged, or no patterns were found.
    """
    with opened(path) as file:
        stack = find_stack(file)
        if stack is not None:
            return tuple(stack.shape)
        if not has_parameters(file):
            raise _foreign(path, file)
        number = len(file["probe_position_y_m"])
    with opened(find_partner(path, number, wants_patterns=True)) as file:
        stack = find_stack(file)
        assert stack is not None
        return tuple(stack.shape)


def find_partner(path: Path, number: int, *, wants_patterns: bool) -> Path:
    """Return the file next to `path` that completes a scan of `number` positions.

    That file holds the patterns if `wants_patterns` is True, otherwise the positions and the probe.

    Raises
    ------
    DataError
        There is no such file, or several files are candidates.
    """
    for name in partner_names(path):
        candidate = path.with_name(name)
        if candidate.is_file() and _fits(candidate, number, wants_patterns, by_name=True):
            return candidate
    others = sorted(each for each in path.parent.iterdir() if each.suffix.lower() in HDF5_SUFFIXES and each != path)
    candidates = [each for each in others[:_MOST_LOOKED_AT] if _fits(each, number, wants_patterns, by_name=False)]
    if len(candidates) == 1:
        return candidates[0]
    what, names = "positions or probe", "a ptychodus product"
    if wants_patterns:
        what, names = "patterns", "a data set named patterns or dp"
    if candidates:
        listed = ", ".join(each.name for each in candidates[:5])
        raise DataError(
            f"{path.name} has no {what}, and several files in the same folder may belong to it: {listed}",
            "one matching file",
            "Move the two files of the scan into a separate folder, or name them as ptychodus or pty-chi do.",
        )
    raise DataError(
        f"{path.name} has no {what}, and no file in {path.parent} provides them for {number} scan points",
        f"a file with {names}, from the same scan and in the same folder",
        "Move both files of the scan into one folder without renaming them.",
    )


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open a file for reading; errors caused by its content inside the ``with`` block are raised as DataError.

    Raises
    ------
    DataError
        The file is damaged or truncated, or uses an unknown compression, or its arrays have wrong dtypes or shapes.
    """
    try:
        with h5py.File(path, "r") as file:
            yield file
    except PtychoError:
        raise
    except _UNFIT as error:
        raise DataError(
            f"{path.name} has the data sets of a scan, but one of them cannot be used ({error})",
            "numeric arrays in the layout of ptychodus, pty-chi or CXI",
            "Save the scan again, or convert it to NPZ.",
        ) from error
    except (OSError, RuntimeError) as error:
        raise DataError(
            f"{path.name} cannot be read ({error})",
            "a complete HDF5 file",
            "Copy the file again, or save it without compression filters.",
        ) from error


def _foreign(path: Path, file: h5py.File) -> DataError:
    listed = ", ".join(sorted(file)[:8]) or "nothing"
    return DataError(
        f"{path.name} contains neither patterns nor a ptychodus product (it contains: {listed})",
        "a ptychodus product or pattern file, a pair of pty-chi files, or a CXI file",
        "Choose another file, or convert the scan to NPZ.",
    )


def _fits(path: Path, number: int, wants_patterns: bool, *, by_name: bool) -> bool:
    """Return whether a file can be the partner of a scan of `number` positions.

    A file with a different number of patterns or positions is accepted only if it was found `by_name` and contains
    scan point numbers.
    """
    if not is_hdf5(path):
        return False
    try:
        with opened(path) as file:
            stack = find_stack(file)
            if wants_patterns:
                return stack is not None and (len(stack) == number or (by_name and "indexes" in file))
            same = has_parameters(file) and len(file["probe_position_y_m"]) == number
            return same or (by_name and has_parameters(file) and "probe_position_indexes" in file)
    except DataError:
        return False


def _in_one_order(
    parameters: h5py.File, patterns: h5py.File, arrays: dict[str, NDArray[Any]], stack: NDArray[Any], name: str
) -> tuple[dict[str, NDArray[Any]], NDArray[Any]]:
    """Match positions and patterns by their scan point numbers if both files have them.

    Raises
    ------
    DataError
        The positions and the patterns do not match.
    """
    ours, theirs = parameters.get("probe_position_indexes"), patterns.get("indexes")
    count = len(arrays["ycoords"])
    if isinstance(ours, h5py.Dataset) and isinstance(theirs, h5py.Dataset):
        points, stored = np.asarray(ours[()]), np.asarray(theirs[()])
        if np.array_equal(points, stored):
            return arrays, stack
        # Rows that were never filled are numbered -1.
        places = {int(index): place for place, index in enumerate(stored) if index >= 0}
        common = [row for row, index in enumerate(points) if int(index) in places]
        if common:
            order = [places[int(points[row])] for row in common]
            chosen = {key: arrays[key][common] for key in ("ycoords", "xcoords")}
            return {**arrays, **chosen}, stack[order]
    if len(stack) != count:
        raise DataError(
            f"{name} has {len(stack)} patterns for {count} positions, and the scan point numbers do not match",
            "equal numbers of patterns and positions",
            "Save both files again from the same scan.",
        )
    # Numbers of different origin do not identify scan points; usually both files have the same order.
    return arrays, stack


def _counts(arrays: dict[str, NDArray[Any]], patterns: NDArray[Any]) -> dict[str, NDArray[Any]]:
    return {**arrays, "diff3d": patterns, "diff3d_units": np.array("intensity")}
