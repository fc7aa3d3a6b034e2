"""Checks of the scan positions: range, units, order, repeats, overlap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.finding import Finding, named
from ptychopinn.data.neighbours import nearest_distances
from ptychopinn.wording import counted

_SAME_PLACE_PX = 1e-3
_MANY_REPEATS = 0.1
_FEW_POINTS = 20
_GOOD_OVERLAP = 0.5
# An object larger than this, and than so many times the pixels of all patterns, is a mistake, not a scan.
_LARGE_OBJECT_PX = 1e8
_SPARSEST = 1000


def position_findings(positions_px: NDArray[np.float64], gridsize: int, source: str) -> Iterator[Finding]:
    """Yield findings about the values of the positions (patterns, 2), ``[y, x]``."""
    name = named("xcoords, ycoords", source)
    count = len(positions_px)
    finite = np.isfinite(positions_px).all(axis=1)
    if not finite.all():
        sentence = (
            f"{name}: NaN or infinite values at {int((~finite).sum()):,} of {counted(count, 'position')} (first: "
            f"number {int(np.argmax(~finite))}); expected a position in pixels for every pattern."
        )
        yield Finding("error", "non_finite_positions", sentence, "Remove these patterns.", "Remove these patterns")
    yield from _too_few(count, gridsize, name)
    usable = positions_px[finite]
    if len(usable) < 2:
        return
    extent = usable.max(axis=0) - usable.min(axis=0)
    if extent.max() < 1:
        guess, fix = "", "Export the positions again from the correct data set."
        if extent.any():
            guess = " They look like metres."
            fix = "Divide them by the object's pixel size in metres and move the origin to the object's corner."
        sentence = f"{name}: all {count:,} positions lie within {extent[0]:.3g} x {extent[1]:.3g} px (height x width)"
        yield Finding("error", "position_units", f"{sentence}; expected a scan in object pixels.{guess}", fix)
        return
    repeats = int((nearest_distances(usable) < _SAME_PLACE_PX).sum())
    if repeats:
        many = repeats > _MANY_REPEATS * len(usable)
        sentence = f"{name}: {repeats:,} of {count:,} positions coincide with another position"
        fix = "This is fine if points were exposed several times; otherwise check how the positions were exported."
        expected = "; expected distinct positions." if many else "."
        yield Finding("warning" if many else "info", "duplicate_positions", sentence + expected, fix)


def extent_findings(positions_px: NDArray[np.float64], size: int, source: str) -> Iterator[Finding]:
    """Yield a finding if the positions are so far apart that the object would not fit in memory."""
    usable = positions_px[np.isfinite(positions_px).all(axis=1)]
    if not len(usable):
        return
    height, width = np.ptp(usable, axis=0) + size
    if height * width > max(_LARGE_OBJECT_PX, _SPARSEST * len(usable) * size * size):
        sentence = (
            f"{named('xcoords, ycoords', source)}: the positions span {height:.3g} x {width:.3g} px (height x width), "
            f"more than {counted(len(usable), 'pattern')} of {size} x {size} px can cover; "
            "expected positions in object pixels."
        )
        fix = "Check the unit of the positions, or remove the patterns that are far from the others."
        yield Finding("error", "positions_far_apart", sentence, fix)


def outside_findings(
    positions_px: NDArray[np.float64], size: int, object_shape: tuple[int, ...], source: str
) -> Iterator[Finding]:
    """Yield a finding if N x N windows around the positions extend beyond objectGuess."""
    usable = positions_px[np.isfinite(positions_px).all(axis=1)]
    beyond = _beyond(usable, size, object_shape)
    outside = int((beyond > 0).sum())
    if not outside:
        return
    shape, half = object_shape[-2:], size // 2
    subject = f"{named('xcoords, ycoords', source)}: {outside:,} of {len(usable):,} probe windows"
    fits_exchanged = not (_beyond(usable[:, ::-1], size, object_shape) > 0).any()
    if shape[0] != shape[1] and outside > len(usable) / 4 and fits_exchanged:
        sentence = (
            f"{subject} reach outside objectGuess {shape} (height, width), but none would with x and y swapped; "
            "expected x along the width."
        )
        yield Finding("warning", "positions_swapped", sentence, "Swap xcoords and ycoords.", "Swap x and y")
        return
    expected = f"y from {half} to {shape[0] - half} and x from {half} to {shape[1] - half}"
    expected = expected if min(shape) >= size else "an object larger than the patterns"
    sentence = f"{subject} ({size} x {size} px) reach up to {beyond.max():.0f} px outside objectGuess, shape {shape}"
    fix = "Enlarge objectGuess or omit it. If many windows lie outside, check the unit and origin of the positions."
    yield Finding("warning", "outside_object", f"{sentence}; expected {expected}.", fix)


def overlap_findings(step_px: float, diameter_px: float, size: int, source: str) -> Iterator[Finding]:
    """Yield a finding if neighbouring illuminated areas overlap too little."""
    overlap = overlap_of(step_px, diameter_px)
    if overlap >= _GOOD_OVERLAP:
        return
    sentence = (
        f"{named('xcoords, ycoords', source)}: neighbouring positions are {step_px:.3g} px apart (median) and the "
        f"probe is {diameter_px:.3g} px wide, an overlap of {overlap:.0%}; expected {_GOOD_OVERLAP:.0%} or more."
    )
    other_unit = " Are the positions in object pixels?" if step_px > size else ""
    fix = f"Scan with steps below {diameter_px * (1 - _GOOD_OVERLAP):.3g} px, or use a wider probe.{other_unit}"
    yield Finding("warning", "low_overlap", sentence, fix)


def overlap_of(step_px: float, diameter_px: float) -> float:
    """Return the linear overlap of neighbouring illuminated areas, 0 to 1."""
    return float(np.clip(1 - step_px / diameter_px, 0, 1))


def median_step(positions_px: NDArray[np.float64]) -> float | None:
    """Return the median distance to the nearest neighbour, ignoring repeated positions; None if no distance remains."""
    usable = positions_px[np.isfinite(positions_px).all(axis=1)]
    distances = nearest_distances(usable)
    apart = distances[distances >= _SAME_PLACE_PX]
    return float(np.median(apart)) if len(apart) else None


def _beyond(positions_px: NDArray[np.float64], size: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return how many pixels each window extends beyond the object, (positions,); zero for windows inside it."""
    start = np.rint(positions_px) - size // 2
    limits = np.array(shape[-2:], dtype=np.float64)
    reach = np.maximum(-start, start + size - limits)
    beyond: NDArray[np.float64] = np.maximum(reach.max(axis=1, initial=0), 0)
    return beyond


def _too_few(count: int, gridsize: int, name: str) -> Iterator[Finding]:
    if count < gridsize * gridsize:
        expected = f"at least {gridsize * gridsize} for grid size {gridsize}"
        sentence = f"{name}: the scan has {counted(count, 'position')}; expected {expected}."
        yield Finding("error", "too_few_points", sentence, "Use grid size 1 or a larger scan.")
    elif count < _FEW_POINTS:
        sentence = (
            f"{name}: the scan has only {counted(count, 'position')}; expected at least {_FEW_POINTS} for training."
        )
        fix = "Use a larger scan, or reconstruct with a model trained on another scan."
        yield Finding("warning", "too_few_points", sentence, fix)
