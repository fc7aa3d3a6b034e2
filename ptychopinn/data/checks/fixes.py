"""Mend what can be mended without asking the beamline: copies, the original scan stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.checks.pattern_stats import gather
from ptychopinn.data.checks.patterns import dark_patterns, hot_mask, marker_mask
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError


def apply_fixes(raw: RawData, codes: Iterable[str]) -> RawData:
    """Scan with the automatic fixes `codes` applied, in an order that makes sense.

    The units are those decided before: a fix never turns counts into amplitudes.

    Raises
    ------
    DataError
        A code has no automatic fix.
    """
    wanted = set(codes)
    unknown = sorted(wanted - set(_FIXES))
    if unknown:
        raise DataError(
            f"There is no automatic fix {', '.join(unknown)}",
            f"some of {', '.join(_FIXES)}",
            "The finding's sentence says what to do by hand.",
        )
    mended = _copy(raw)
    for code, fix in _FIXES.items():
        if code in wanted:
            mended = fix(mended)
    return mended


def _copy(raw: RawData) -> RawData:
    """Scan whose patterns and positions may be written to; the rest is shared."""
    return RawData(
        np.array(raw.xcoords),
        np.array(raw.ycoords),
        np.array(raw.xcoords_start),
        np.array(raw.ycoords_start),
        np.array(raw.diff3d),
        raw.probeGuess,
        raw.scan_index,
        raw.objectGuess,
        raw.Y,
        raw.norm_Y_I,
        raw.metadata,
        diff3d_units=raw.units,
    )


def _drop_dark(raw: RawData) -> RawData:
    lit = np.flatnonzero(~dark_patterns(gather(raw.diff3d, raw.units))).astype(np.int64)
    return raw.take(lit)


def _zero_markers(raw: RawData) -> RawData:
    raw.diff3d[:, marker_mask(gather(raw.diff3d, raw.units))] = 0
    return raw


def _zero_non_finite(raw: RawData) -> RawData:
    raw.diff3d[~np.isfinite(raw.diff3d)] = 0
    return raw


def _zero_negative(raw: RawData) -> RawData:
    np.maximum(raw.diff3d, 0, out=raw.diff3d)
    return raw


def _replace_hot(raw: RawData) -> RawData:
    hot = hot_mask(gather(raw.diff3d, raw.units))
    height, width = hot.shape
    for y, x in np.argwhere(hot):
        box = (slice(max(y - 2, 0), min(y + 3, height)), slice(max(x - 2, 0), min(x + 3, width)))
        neighbours: NDArray[Any] = raw.diff3d[(slice(None), *box)][:, ~hot[box]]
        median = np.median(neighbours, axis=1)
        whole = raw.diff3d.dtype.kind in "iu"
        raw.diff3d[:, y, x] = np.rint(median) if whole else median
    return raw


def _shift_to_centre(raw: RawData) -> RawData:
    raw.diff3d = np.fft.fftshift(raw.diff3d, axes=(1, 2))
    return raw


def _exchange_axes(raw: RawData) -> RawData:
    raw.xcoords, raw.ycoords = raw.ycoords, raw.xcoords
    raw.xcoords_start, raw.ycoords_start = raw.ycoords_start, raw.xcoords_start
    return raw


def _drop_unplaced(raw: RawData) -> RawData:
    placed = np.flatnonzero(np.isfinite(raw.positions_px).all(axis=1)).astype(np.int64)
    if len(placed) == 0:
        raise DataError("No pattern has a finite position", "positions in pixels", "Export the scan again.")
    return raw.take(placed)


# Values are made finite before anything averages over them; axes come last.
_FIXES: dict[str, Callable[[RawData], RawData]] = {
    "non_finite_positions": _drop_unplaced,
    "masked_marker": _zero_markers,
    "non_finite": _zero_non_finite,
    "negative": _zero_negative,
    "dark_patterns": _drop_dark,
    "hot_pixels": _replace_hot,
    "dc_not_centred": _shift_to_centre,
    "positions_swapped": _exchange_axes,
}

FIX_CODES: tuple[str, ...] = tuple(_FIXES)
"""Codes that `apply_fixes` knows."""
