"""Decide whether diffraction data are amplitude or intensity (counts)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import DataError

Units = Literal["amplitude", "intensity"]

UNITS: tuple[Units, ...] = ("amplitude", "intensity")

_NOTHING_ABOVE_1 = "diff3d contains no value above 1, so it is read as amplitude."

# Large enough for a cheap loop, small enough for the processor cache.
_CHUNK_VALUES = 1 << 20


def decide_units(diffraction: NDArray[Any], declared: str | None = None) -> tuple[Units, str]:
    """Return the units of diffraction data and one sentence with the reason.

    A declaration takes precedence. Otherwise whole-number data with a maximum above 1 are counts, hence intensity, for
    any dtype; all other data are amplitudes. Non-finite values are ignored. The decision is exact: the first chunk with
    a fractional value ends the search, and only whole-number data are read completely.

    Parameters
    ----------
    diffraction : (patterns, N, N) array, any real dtype
    declared : 'amplitude', 'intensity', or None / 'auto' to decide from the values

    Raises
    ------
    DataError
        `declared` has another value.

    Source: API specification, section 4.5, which requires amplitudes, that is, square roots of counts.
    """
    if declared is not None and declared != "auto":
        units = checked_units(declared)
        return units, f"diff3d is declared to be {units}."
    if diffraction.dtype.kind == "b":
        return "amplitude", "diff3d contains only True and False, so it is read as amplitude."
    if diffraction.dtype.kind in "iu":
        return _units_of_integers(diffraction)
    return _units_of_floats(diffraction)


def checked_units(word: str) -> Units:
    """Check that `word` names valid units, and return it.

    Raises
    ------
    DataError
        `word` is neither 'amplitude' nor 'intensity'.
    """
    if word not in UNITS:
        raise DataError(
            f"diff3d_units is {word!r}",
            "'amplitude' or 'intensity'",
            "Correct the key diff3d_units in the file, or set the units by hand.",
        )
    return "amplitude" if word == "amplitude" else "intensity"


def _units_of_integers(diffraction: NDArray[Any]) -> tuple[Units, str]:
    if any(bool((chunk > 1).any()) for chunk in _chunks(diffraction)):
        kind = f"whole numbers ({diffraction.dtype})"
        return "intensity", f"diff3d contains {kind}, so it is read as counts (intensity)."
    return "amplitude", _NOTHING_ABOVE_1


def _units_of_floats(diffraction: NDArray[Any]) -> tuple[Units, str]:
    maximum = -np.inf
    for chunk in _chunks(diffraction):
        finite = np.isfinite(chunk)
        values = chunk if finite.all() else chunk[finite]
        if (values != np.rint(values)).any():
            return "amplitude", "diff3d contains fractional values, so it is read as amplitude."
        maximum = max(maximum, float(values.max(initial=-np.inf)))
    if maximum > 1:
        most = f"{maximum:.0f}" if maximum < 1e12 else f"{maximum:.3g}"
        return "intensity", f"diff3d contains only whole numbers up to {most}, so it is read as counts (intensity)."
    return "amplitude", _NOTHING_ABOVE_1


def _chunks(diffraction: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield chunks of whole patterns; the first is a single pattern, to find fractional values immediately."""
    if diffraction.ndim == 0 or diffraction.size == 0:
        return
    per_pattern = max(1, diffraction[0].size)
    step = max(1, _CHUNK_VALUES // per_pattern)
    yield diffraction[:1]
    for start in range(1, diffraction.shape[0], step):
        yield diffraction[start : start + step]
