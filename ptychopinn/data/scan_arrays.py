"""Which shapes and dtypes the arrays of a scan must have to fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.finding import Finding, count_of, named, raise_errors
from ptychopinn.files.npz_members import ArraySpec

_PER_PATTERN = ("xcoords", "ycoords", "xcoords_start", "ycoords_start", "scan_index")


def check_scan_arrays(arrays: Mapping[str, NDArray[Any]], source: str = "") -> None:
    """Refuse arrays that do not fit together.

    Raises
    ------
    DataError
        One message with all faults; `source` is the file name to put into it.
    """
    specs = {key: (np.shape(value), np.asarray(value).dtype) for key, value in arrays.items()}
    raise_errors(layout_findings(specs, source))


def layout_findings(specs: Mapping[str, ArraySpec], source: str = "") -> list[Finding]:
    """Faults in shapes and dtypes of the arrays that are there, by schema key."""
    findings = [*_pickled(specs, source)]
    readable = {key: spec for key, spec in specs.items() if not spec[1].hasobject}
    if "diff3d" in readable:
        findings += _patterns(readable["diff3d"], source)
    findings += _per_pattern(readable, source)
    if "probeGuess" in readable:
        findings += _probe(readable["probeGuess"], _pattern_size(readable), source)
    if "objectGuess" in readable:
        findings += _object(readable["objectGuess"], source)
    return findings


def turned_shape(shape: tuple[int, ...], n_positions: int) -> bool:
    """Whether patterns of this shape are (H, W, patterns), so that the last axis must come first."""
    return len(shape) == 3 and shape[0] != n_positions and shape[2] == n_positions


def _pickled(specs: Mapping[str, ArraySpec], source: str) -> Iterator[Finding]:
    for key, (_, dtype) in specs.items():
        if dtype.hasobject:
            yield Finding(
                "error",
                "pickled",
                f"{named(key, source)} is a pickled Python object; expected a plain array of numbers. "
                "Pickles can run code when they are opened, so they are never read.",
                "Convert it with numpy.asarray(value, dtype=float or complex) and save the file again.",
            )


def _patterns(spec: ArraySpec, source: str) -> Iterator[Finding]:
    shape, dtype = spec
    name = named("diff3d", source)
    if dtype.kind not in "biuf":
        yield Finding(
            "error",
            "bad_dtype",
            f"{name} has dtype {dtype}; expected real numbers, amplitude or counts.",
            "Save the modulus of the far field or the measured counts.",
        )
    if len(shape) != 3:
        yield Finding(
            "error",
            "bad_shape",
            f"{name} has shape {shape}; expected three axes (patterns, N, N).",
            "Stack the patterns along the first axis.",
        )
    elif 0 in shape:
        yield Finding(
            "error",
            "bad_shape",
            f"{name} is empty, its shape is {shape}; expected at least one pattern (patterns, N, N).",
            "Export the scan again.",
        )
    elif shape[1] != shape[2]:
        yield Finding(
            "error",
            "not_square",
            f"{name} has shape {shape}; expected square patterns (patterns, N, N).",
            "Crop or pad the patterns to a square around the beam centre.",
        )


def _per_pattern(specs: Mapping[str, ArraySpec], source: str) -> Iterator[Finding]:
    pattern_shape = specs["diff3d"][0] if "diff3d" in specs else ()
    count = pattern_shape[0] if len(pattern_shape) == 3 else None
    for key in _PER_PATTERN:
        if key not in specs:
            continue
        shape, dtype = specs[key]
        if dtype.kind not in "biuf":
            yield Finding(
                "error",
                "bad_dtype",
                f"{named(key, source)} has dtype {dtype}; expected real numbers, one per pattern.",
                "Save it as an array of numbers.",
            )
        if len(shape) != 1:
            yield Finding(
                "error",
                "bad_shape",
                f"{named(key, source)} has shape {shape}; expected one axis, (patterns,).",
                "Flatten it to one value per pattern.",
            )
        elif count is not None and shape[0] != count:
            yield Finding(
                "error",
                "count_mismatch",
                f"{named(key, source)} has {count_of(shape[0], 'value')} but diff3d has "
                f"{count_of(count, 'pattern')} (shape {pattern_shape}); expected one value per pattern.",
                "Drop the patterns without a position, or the positions without a pattern, and save again.",
            )


def _probe(spec: ArraySpec, size: int | None, source: str) -> Iterator[Finding]:
    shape, dtype = spec
    name = named("probeGuess", source)
    if dtype.kind not in "biufc":
        yield Finding(
            "error",
            "bad_dtype",
            f"{name} has dtype {dtype}; expected complex numbers.",
            "Save the probe as complex64 or complex128.",
        )
    if len(shape) not in (2, 3) or 0 in shape:
        yield Finding(
            "error",
            "bad_shape",
            f"{name} has shape {shape}; expected (N, N) or (modes, N, N).",
            "Save one probe, or a stack of modes with the mode as first axis.",
        )
    elif shape[-1] != shape[-2] or (size is not None and shape[-1] != size):
        expected = f"{size} x {size} pixels, the size of the patterns" if size else "a square probe"
        yield Finding(
            "error",
            "probe_size",
            f"{name} has shape {shape}; expected {expected}.",
            "Crop or pad the probe, or take the patterns that it belongs to.",
        )


def _object(spec: ArraySpec, source: str) -> Iterator[Finding]:
    shape, dtype = spec
    name = named("objectGuess", source)
    if dtype.kind not in "biufc":
        yield Finding(
            "error",
            "bad_dtype",
            f"{name} has dtype {dtype}; expected complex numbers.",
            "Save the object as complex64 or complex128, or leave it out.",
        )
    if len(shape) not in (2, 3) or 0 in shape:
        yield Finding(
            "error",
            "bad_shape",
            f"{name} has shape {shape}; expected (height, width) or (layers, height, width).",
            "Save one complex object, or leave it out.",
        )


def _pattern_size(specs: Mapping[str, ArraySpec]) -> int | None:
    shape = specs["diff3d"][0] if "diff3d" in specs else ()
    return shape[1] if len(shape) == 3 and shape[1] == shape[2] and 0 not in shape else None
