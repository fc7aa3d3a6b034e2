"""Checks of the shapes and dtypes of a scan's arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.finding import Finding, named, raise_errors
from ptychopinn.files.npz_members import ArraySpec
from ptychopinn.wording import counted

_PER_PATTERN = ("xcoords", "ycoords", "xcoords_start", "ycoords_start", "scan_index")
# Kinds of dtypes.
_REAL, _COMPLEX = "biuf", "biufc"


def check_scan_arrays(arrays: Mapping[str, NDArray[Any]], source: str = "") -> None:
    """Check the shapes and dtypes of a scan's arrays.

    Raises
    ------
    DataError
        The shapes or dtypes are wrong or inconsistent; one message lists all faults and names the file `source`.
    """
    specs = {key: (np.shape(value), np.asarray(value).dtype) for key, value in arrays.items()}
    raise_errors(layout_findings(specs, source))


def layout_findings(specs: Mapping[str, ArraySpec], source: str = "") -> list[Finding]:
    """Return findings about the shapes and dtypes of a scan's arrays; `specs` is keyed by schema key."""
    findings = [*_pickled(specs, source)]
    readable = {key: spec for key, spec in specs.items() if not spec[1].hasobject}
    if "diff3d" in readable:
        findings += _patterns(readable["diff3d"], named("diff3d", source))
    findings += _per_pattern(readable, source)
    if "probeGuess" in readable:
        findings += _probe(readable["probeGuess"], _pattern_size(readable), named("probeGuess", source))
    if "objectGuess" in readable:
        findings += _object(readable["objectGuess"], named("objectGuess", source))
    return findings


def turned_shape(shape: tuple[int, ...], n_positions: int) -> bool:
    """Return whether patterns of this shape are stored as (H, W, patterns) and must be transposed."""
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


def _bad_dtype(name: str, spec: ArraySpec, kinds: str, expected: str, fix: str) -> list[Finding]:
    sentence = f"{name} has dtype {spec[1]}; expected {expected}."
    return [] if spec[1].kind in kinds else [Finding("error", "bad_dtype", sentence, fix)]


def _bad_shape(name: str, spec: ArraySpec, expected: str, fix: str, code: str = "bad_shape") -> Finding:
    return Finding("error", code, f"{name} has shape {spec[0]}; expected {expected}.", fix)


def _patterns(spec: ArraySpec, name: str) -> Iterator[Finding]:
    shape = spec[0]
    fix = "Save the modulus of the far field or the measured counts."
    yield from _bad_dtype(name, spec, _REAL, "real numbers (amplitudes or counts)", fix)
    if len(shape) != 3:
        yield _bad_shape(name, spec, "three axes (patterns, N, N)", "Stack the patterns along the first axis.")
    elif 0 in shape:
        sentence = f"{name} is empty (shape {shape}); expected at least one pattern, shape (patterns, N, N)."
        yield Finding("error", "bad_shape", sentence, "Export the scan again.")
    elif shape[1] != shape[2]:
        fix = "Crop or pad the patterns to a square around the beam centre."
        yield _bad_shape(name, spec, "square patterns (patterns, N, N)", fix, "not_square")


def _per_pattern(specs: Mapping[str, ArraySpec], source: str) -> Iterator[Finding]:
    pattern_shape = specs["diff3d"][0] if "diff3d" in specs else ()
    count = pattern_shape[0] if len(pattern_shape) == 3 else None
    for key in _PER_PATTERN:
        if key not in specs:
            continue
        name, shape = named(key, source), specs[key][0]
        fix = "Save it as an array of real numbers."
        yield from _bad_dtype(name, specs[key], _REAL, "real numbers, one per pattern", fix)
        if len(shape) != 1:
            yield _bad_shape(name, specs[key], "one axis, (patterns,)", "Flatten it to one value per pattern.")
        elif count is not None and shape[0] != count:
            yield Finding(
                "error",
                "count_mismatch",
                f"{name} has {counted(shape[0], 'value')} but diff3d has {counted(count, 'pattern')} (shape "
                f"{pattern_shape}); expected one value per pattern.",
                "Drop the patterns without a position, or the positions without a pattern, and save again.",
            )


def _probe(spec: ArraySpec, size: int | None, name: str) -> Iterator[Finding]:
    shape = spec[0]
    yield from _bad_dtype(name, spec, _COMPLEX, "complex numbers", "Save the probe as complex64 or complex128.")
    if len(shape) not in (2, 3) or 0 in shape:
        fix = "Save one probe, or a stack of modes with the modes along the first axis."
        yield _bad_shape(name, spec, "(N, N) or (modes, N, N)", fix)
    elif shape[-1] != shape[-2] or (size is not None and shape[-1] != size):
        expected = f"{size} x {size} pixels, the size of the patterns" if size else "a square probe"
        yield _bad_shape(
            name, spec, expected, "Crop or pad the probe, or use the patterns measured with this probe.", "probe_size"
        )


def _object(spec: ArraySpec, name: str) -> Iterator[Finding]:
    fix = "Save the object as complex64 or complex128, or omit it."
    yield from _bad_dtype(name, spec, _COMPLEX, "complex numbers", fix)
    if len(spec[0]) not in (2, 3) or 0 in spec[0]:
        expected = "(height, width) or (layers, height, width)"
        yield _bad_shape(name, spec, expected, "Save one complex object, or omit it.")


def _pattern_size(specs: Mapping[str, ArraySpec]) -> int | None:
    shape = specs["diff3d"][0] if "diff3d" in specs else ()
    return shape[1] if len(shape) == 3 and shape[1] == shape[2] and 0 not in shape else None
