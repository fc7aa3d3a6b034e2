"""Decide whether diffraction data is amplitude or intensity (counts)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import DataError

Units = Literal["amplitude", "intensity"]

UNITS: tuple[Units, ...] = ("amplitude", "intensity")

# Large enough that the loop costs nothing, small enough to stay in the processor cache.
_CHUNK_VALUES = 1 << 20


def decide_units(diffraction: NDArray[Any], declared: str | None = None) -> tuple[Units, str]:
    """Units of diffraction data and one sentence that says why.

    A declaration wins. Otherwise data whose values are all whole numbers with a maximum above 1 are
    counts, hence intensity, whatever their dtype; everything else is amplitude. Non-finite values are
    left out of the decision. The answer is exact: the first chunk with a fraction ends the search, and
    only whole-number data is read to the end.

    Parameters
    ----------
    diffraction : (patterns, N, N) array, any real dtype
    declared : 'amplitude', 'intensity', or None / 'auto' to decide from the values

    Raises
    ------
    DataError
        `declared` is another word.

    Source: API specification, section 4.5; the amplitude requirement is met by taking the root of counts.
    """
    if declared is not None and declared != "auto":
        units = checked_units(declared)
        return units, f"diff3d is declared to be {units}."
    if diffraction.dtype.kind == "b":
        return "amplitude", "diff3d holds only True and False, so it is taken as amplitude."
    if diffraction.dtype.kind in "iu":
        return _units_of_integers(diffraction)
    return _units_of_floats(diffraction)


def checked_units(word: str) -> Units:
    """`word` as units.

    Raises
    ------
    DataError
        `word` is neither 'amplitude' nor 'intensity'.
    """
    if word not in UNITS:
        raise DataError(
            f"diff3d_units is {word!r}",
            "'amplitude' or 'intensity'",
            "Correct the key diff3d_units in the file, or choose the units by hand.",
        )
    return "amplitude" if word == "amplitude" else "intensity"


def _units_of_integers(diffraction: NDArray[Any]) -> tuple[Units, str]:
    if any(bool((chunk > 1).any()) for chunk in _chunks(diffraction)):
        kind = f"whole numbers ({diffraction.dtype})"
        return "intensity", f"diff3d holds {kind}, so it is taken as counts (intensity)."
    return "amplitude", "diff3d holds no value above 1, so it is taken as amplitude."


def _units_of_floats(diffraction: NDArray[Any]) -> tuple[Units, str]:
    maximum = -np.inf
    for chunk in _chunks(diffraction):
        finite = np.isfinite(chunk)
        values = chunk if finite.all() else chunk[finite]
        if (values != np.rint(values)).any():
            return "amplitude", "diff3d holds fractional values, so it is taken as amplitude."
        maximum = max(maximum, float(values.max(initial=-np.inf)))
    if maximum > 1:
        kind = (
            f"only whole numbers up to {maximum:.0f}" if maximum < 1e12 else f"only whole numbers up to {maximum:.3g}"
        )
        return "intensity", f"diff3d holds {kind}, so it is taken as counts (intensity)."
    return "amplitude", "diff3d holds no value above 1, so it is taken as amplitude."


def _chunks(diffraction: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Runs of whole patterns, the first run one pattern long so that fractions are found at once."""
    if diffraction.ndim == 0 or diffraction.size == 0:
        return
    per_pattern = max(1, diffraction[0].size)
    step = max(1, _CHUNK_VALUES // per_pattern)
    yield diffraction[:1]
    for start in range(1, diffraction.shape[0], step):
        yield diffraction[start : start + step]
