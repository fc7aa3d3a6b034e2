"""Checks of the scan positions: range, units, order, repetition, overlap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.finding import Finding, count_of, named
from ptychopinn.data.neighbours import nearest_distances

_SAME_PLACE_PX = 1e-3
_MANY_REPEATS = 0.1
_FEW_POINTS = 20
_GOOD_OVERLAP = 0.5
# An object of more pixels than this, and than so many times those of all patterns, is a mistake, not a scan.
_LARGE_OBJECT_PX = 1e8
_SPARSEST = 1000


def position_findings(positions_px: NDArray[np.float64], gridsize: int, source: str) -> Iterator[Finding]:
    """Findings about (patterns, 2) positions ``[y, x]`` themselves."""
    name = named("xcoords, ycoords", source)
    count = len(positions_px)
    finite = np.isfinite(positions_px).all(axis=1)
    if not finite.all():
        bad = int((~finite).sum())
        yield Finding(
            "error",
            "non_finite_positions",
            f"{name}: {count_of(bad, 'position')} of {count:,} {'is' if bad == 1 else 'are'} NaN or infinite "
            f"(first: number {int(np.argmax(~finite))}); expected a place in pixels for every pattern.",
            "Leave these patterns out.",
            "Leave these patterns out",
        )
    yield from _too_few(count, gridsize, name)
    usable = positions_px[finite]
    if len(usable) < 2:
        return
    extent = usable.max(axis=0) - usable.min(axis=0)
    if extent.max() < 1:
        yield Finding(
            "error",
            "position_units",
            f"{name}: all {count:,} positions lie within {extent[0]:.3g} x {extent[1]:.3g} px (y x x); "
            f"expected object pixels, many of them apart.{' They look like metres.' if extent.any() else ''}",
            "Divide them by the object's pixel size in metres and move the origin to the object's corner."
            if extent.any()
            else "Export the positions again; perhaps the wrong data set was chosen.",
        )
        return
    repeats = int((nearest_distances(usable) < _SAME_PLACE_PX).sum())
    if repeats:
        many = repeats > _MANY_REPEATS * len(usable)
        yield Finding(
            "warning" if many else "info",
            "duplicate_positions",
            f"{name}: {repeats:,} of {count:,} positions coincide with another one"
            + ("; expected different places." if many else "."),
            "Right if points were exposed several times; otherwise check how the positions were exported.",
        )


def extent_findings(positions_px: NDArray[np.float64], size: int, source: str) -> Iterator[Finding]:
    """Finding about positions so far apart that no memory holds their object."""
    usable = positions_px[np.isfinite(positions_px).all(axis=1)]
    if not len(usable):
        return
    height, width = np.ptp(usable, axis=0) + size
    if height * width > max(_LARGE_OBJECT_PX, _SPARSEST * len(usable) * size * size):
        yield Finding(
            "error",
            "positions_far_apart",
            f"{named('xcoords, ycoords', source)}: the positions span {height:.3g} x {width:.3g} px (y x x), more than "
            f"{count_of(len(usable), 'pattern')} of {size} x {size} px can see; expected object pixels.",
            "Check their unit, or leave out the patterns that lie far from the others.",
        )


def outside_findings(
    positions_px: NDArray[np.float64], size: int, object_shape: tuple[int, ...], source: str
) -> Iterator[Finding]:
    """Findings about N x N windows around the positions that leave objectGuess."""
    usable = positions_px[np.isfinite(positions_px).all(axis=1)]
    beyond = _beyond(usable, size, object_shape)
    outside = int((beyond > 0).sum())
    if not outside:
        return
    name, shape = named("xcoords, ycoords", source), object_shape[-2:]
    fits_exchanged = not (_beyond(usable[:, ::-1], size, object_shape) > 0).any()
    if shape[0] != shape[1] and outside > len(usable) / 4 and fits_exchanged:
        yield Finding(
            "warning",
            "positions_swapped",
            f"{name}: {outside:,} of {len(usable):,} probe windows leave objectGuess {shape} (height, "
            "width), but none would with x and y exchanged; expected x along the width.",
            "Exchange xcoords and ycoords.",
            "Exchange x and y",
        )
        return
    half = size // 2
    room = f"y from {half} to {shape[0] - half} and x from {half} to {shape[1] - half}"
    yield Finding(
        "warning",
        "outside_object",
        f"{name}: {outside:,} of {len(usable):,} probe windows ({size} x {size} px) reach up to "
        f"{beyond.max():.0f} px beyond objectGuess, shape {shape}; expected "
        f"{room if min(shape) >= size else 'an object larger than the patterns'}.",
        "Make objectGuess larger or leave it out. If many are outside, check unit and origin.",
    )


def overlap_findings(step_px: float, diameter_px: float, size: int, source: str) -> Iterator[Finding]:
    """Finding about too little overlap of neighbouring probe places."""
    overlap = overlap_of(step_px, diameter_px)
    if overlap >= _GOOD_OVERLAP:
        return
    other_unit = " Are the positions in object pixels?" if step_px > size else ""
    yield Finding(
        "warning",
        "low_overlap",
        f"{named('xcoords, ycoords', source)}: neighbouring positions are {step_px:.3g} px apart (median) "
        f"and the probe is {diameter_px:.3g} px wide, an overlap of {overlap:.0%}; expected "
        f"{_GOOD_OVERLAP:.0%} or more.",
        f"Scan with steps below {diameter_px * (1 - _GOOD_OVERLAP):.3g} px or a wider probe.{other_unit}",
    )


def overlap_of(step_px: float, diameter_px: float) -> float:
    """Linear overlap of neighbouring probe places, 0 to 1."""
    return float(np.clip(1 - step_px / diameter_px, 0, 1))


def median_step(positions_px: NDArray[np.float64]) -> float | None:
    """Median distance to the nearest other place, repeated places left out; None without two places."""
    usable = positions_px[np.isfinite(positions_px).all(axis=1)]
    distances = nearest_distances(usable)
    apart = distances[distances >= _SAME_PLACE_PX]
    return float(np.median(apart)) if len(apart) else None


def _beyond(positions_px: NDArray[np.float64], size: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """How many pixels each window reaches beyond the object, (positions,), zero inside."""
    start = np.rint(positions_px) - size // 2
    limits = np.array(shape[-2:], dtype=np.float64)
    reach = np.maximum(-start, start + size - limits)
    beyond: NDArray[np.float64] = np.maximum(reach.max(axis=1, initial=0), 0)
    return beyond


def _too_few(count: int, gridsize: int, name: str) -> Iterator[Finding]:
    if count < gridsize * gridsize:
        yield Finding(
            "error",
            "too_few_points",
            f"{name}: the scan has {count_of(count, 'position')}; expected at least {gridsize * gridsize} "
            f"for gridsize {gridsize}.",
            "Use gridsize 1 or a larger scan.",
        )
    elif count < _FEW_POINTS:
        yield Finding(
            "warning",
            "too_few_points",
            f"{name}: the scan has only {count_of(count, 'position')}; expected {_FEW_POINTS} or more to train.",
            "Use a larger scan, or reconstruct with a model trained on another one.",
        )
