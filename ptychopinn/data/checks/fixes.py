"""Automatic fixes for scans; they work on copies."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.checks.inspection import inspect
from ptychopinn.data.checks.pattern_stats import gather
from ptychopinn.data.checks.patterns import dark_patterns, hot_mask, marker_mask
from ptychopinn.data.raw_data import PER_PATTERN, RawData
from ptychopinn.errors import DataError


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


# Values become finite before anything averages over them; axes come last.
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
"""Codes of all automatic fixes."""


def apply_fixes(raw: RawData, codes: Iterable[str]) -> RawData:
    """Return a copy of a scan with the automatic fixes in `codes` applied in a safe order.

    The units are determined first, so that a fix never turns counts into amplitudes.

    Raises
    ------
    DataError
        A code has no automatic fix.
    """
    codes = set(codes)
    if unknown := sorted(codes - set(_FIXES)):
        problem, expected = f"Unknown automatic fix: {', '.join(unknown)}", f"some of {', '.join(_FIXES)}"
        raise DataError(problem, expected, "Follow the advice in the finding.")
    fixed = _copy(raw)
    for code, fix in _FIXES.items():
        fixed = fix(fixed) if code in codes else fixed
    return fixed


def fix_scan(raw: RawData, codes: Collection[str] = FIX_CODES, gridsize: int = 1) -> tuple[RawData, dict[str, str]]:
    """Apply the fixes in `codes` that the scan needs according to its findings.

    Unneeded fixes, such as an axis swap, would harm the scan. The scan is checked again after each round, since one
    fault can hide another. A sound scan is returned unchanged.

    Parameters
    ----------
    codes : collection of str
        Codes from :data:`ptychopinn.data.checks.FIX_CODES`.
    gridsize : int
        Grid size for which the scan must have enough patterns.

    Returns
    -------
    RawData, dict
        The fixed scan, and the labels of the applied fixes by code.

    Raises
    ------
    DataError
        A code has no automatic fix.
    """
    done: dict[str, str] = {}
    while True:
        findings = inspect(raw, raw.units, gridsize).findings
        offered = {finding.code: finding.fix for finding in findings if finding.fix}
        pending = [code for code in codes if code not in done and (code in offered or code not in FIX_CODES)]
        if not pending:
            return raw, done
        raw = apply_fixes(raw, pending)
        done |= {code: offered[code] for code in pending}


def _copy(raw: RawData) -> RawData:
    """Return a copy of a scan whose patterns and positions may be changed; everything else is shared."""
    copied = copy.copy(raw)
    for key in PER_PATTERN:
        setattr(copied, key, np.array(getattr(raw, key)))
    copied.diff3d_units = raw.units
    return copied
