"""Checks of the diffraction patterns: values, bad pixels, centring, units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.checks.pattern_stats import PatternStats
from ptychopinn.data.finding import Finding, named
from ptychopinn.data.units import Units
from ptychopinn.wording import counted

# Intensities that detectors write into pixels that they do not measure.
_MASK_MARKERS = (2.0**16 - 1, 2.0**31 - 1, 2.0**32 - 1, 2.0**32 - 2)

# A hot pixel is this many times brighter than its neighbourhood in nine patterns of ten; real far fields reach 6.
_HOT_RATIO = 20.0
_CENTRE_RADIUS_PX = 2
_LARGEST_CLUSTER = 3
_FLOOR_SHARE = 0.02

_DEAD_OCCUPANCY = 0.5
_DEAD_PATTERNS = 20
_DEAD_AREA = 0.25
_DEAD_AREA_WARNING = 0.005

_CORNER_ERROR, _CORNER_WARNING = 0.7, 0.9
_OFF_CENTRE = 1 / 8
_DARK_SHARE = 0.05
_DOUBTFUL_AMPLITUDE = 1e4
_SET_TO_0 = "Set them to 0"


def pattern_findings(stats: PatternStats, units: Units, reason: str, declared: bool, source: str) -> Iterator[Finding]:
    """Yield findings about the values of diff3d; `declared` is True if the file or the user set the units."""
    name = named("diff3d", source)
    yield from _units(stats, units, reason, declared, name)
    yield from _non_finite(stats, name)
    yield from _negative(stats, units, name)
    yield from _dark(stats, name)
    if stats.mean_counts > 0:
        yield from _bad_pixels(stats, name)
        yield from _centring(stats, name)


def dark_patterns(stats: PatternStats) -> NDArray[np.bool_]:
    """Return a mask (patterns,) of the patterns with hardly any counts."""
    dark: NDArray[np.bool_] = stats.counts < _DARK_SHARE * np.median(stats.counts)
    return dark


def marker_mask(stats: PatternStats) -> NDArray[np.bool_]:
    """Return a mask (N, N) of the pixels that hold a detector's 'not measured' marker in every pattern."""
    constant = stats.lowest == stats.highest
    marks = np.zeros(stats.mean.shape, dtype=bool)
    for marker in _MASK_MARKERS:
        marks |= constant & np.isclose(stats.highest, marker, rtol=1e-6, atol=0)
    return marks


def hot_mask(stats: PatternStats) -> NDArray[np.bool_]:
    """Return a mask (N, N) of isolated pixels that are far brighter than their neighbourhood in nearly all patterns.

    A pixel is compared with the third brightest of its 24 neighbours, so that thin rings, edges and speckles are not
    selected. Pixels near the centre and the corners are excluded: one of them may be the direct beam.
    """
    persistent = np.where(marker_mask(stats), 0, stats.persistent).astype(np.float64)
    floor = _FLOOR_SHARE * float(np.median(stats.counts)) / stats.mean.size
    hot: NDArray[np.bool_] = (persistent > _HOT_RATIO * floor) & ~_beam(stats.mean.shape)
    places = np.nonzero(hot)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(persistent, 2, mode="reflect"), (5, 5))
    neighbours = np.delete(windows[places].reshape(-1, 25), 12, axis=1)
    neighbour = np.partition(neighbours, -_LARGEST_CLUSTER, axis=1)[:, -_LARGEST_CLUSTER]
    hot[places] = persistent[places] > _HOT_RATIO * (neighbour + floor)
    return hot


def dead_mask(stats: PatternStats) -> NDArray[np.bool_]:
    """Return a mask (N, N) of small connected areas that are always zero and whose border is mostly lit."""
    dead = np.zeros(stats.mean.shape, dtype=bool)
    dark = stats.highest == 0
    bright = np.pad(stats.occupancy >= _DEAD_OCCUPANCY, 1)
    next_to_bright = np.lib.stride_tricks.sliding_window_view(bright, (3, 3)).any(axis=(2, 3))
    if stats.n_patterns < _DEAD_PATTERNS or not (dark & next_to_bright).any():
        return dead
    # Imported here: it takes longer than the check of a small scan.
    from scipy import ndimage

    labels, _ = ndimage.label(dark)
    for index, box in enumerate(ndimage.find_objects(labels), start=1):
        wide = tuple(slice(max(edge.start - 1, 0), edge.stop + 1) for edge in box)
        patch = labels[wide] == index
        rim = ndimage.binary_dilation(patch, np.ones((3, 3), bool)) & ~dark[wide]
        small = patch.sum() <= _DEAD_AREA * dark.size
        if small and rim.any() and stats.occupancy[wide][rim].mean() >= _DEAD_OCCUPANCY:
            dead[wide] |= patch
    return dead


def _beam(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    height, width = shape
    y, x = np.ogrid[:height, :width]
    centre = np.maximum(abs(y - height // 2), abs(x - width // 2))
    corner = np.maximum(np.minimum(y, height - y), np.minimum(x, width - x))
    near: NDArray[np.bool_] = np.minimum(centre, corner) <= _CENTRE_RADIUS_PX
    return near


def _units(stats: PatternStats, units: Units, reason: str, declared: bool, name: str) -> Iterator[Finding]:
    root = " The square root is taken before use." if units == "intensity" else ""
    sentence = (
        f"{reason.replace('diff3d', name, 1)}{root} A pattern has {_number(stats.mean_counts)} counts on average."
    )
    yield Finding("info", "units", sentence, "" if declared else "Set the units by hand if this is wrong.")
    if units == "amplitude" and stats.largest > _DOUBTFUL_AMPLITUDE:
        yield Finding(
            "warning",
            "units_doubtful",
            f"{name} is read as amplitude, but its largest value {_number(stats.largest)} would then "
            f"mean {_number(stats.largest**2)} counts in one pixel; expected fewer.",
            "If these are intensities, set the units to 'intensity' (key diff3d_units).",
        )


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= value < 1e9 else f"{value:.3g}"


def _non_finite(stats: PatternStats, name: str) -> Iterator[Finding]:
    if stats.bad_values:
        sentence = (
            f"{name}, shape {_shape(stats)}, has {counted(stats.bad_values, 'non-finite value')} "
            f"(NaN, infinite or beyond 3e38) in {counted(stats.bad_patterns, 'pattern')} "
            f"(first: number {stats.first_bad}); expected finite numbers."
        )
        yield Finding("error", "non_finite", sentence, "Set them to 0, or remove these patterns.", _SET_TO_0)


def _negative(stats: PatternStats, units: Units, name: str) -> Iterator[Finding]:
    if not stats.negative_values:
        return
    values = f"{counted(stats.negative_values, 'value')} below zero (down to {stats.most_negative:.4g})"
    subject = f"{name}, shape {_shape(stats)}: {values}"
    if units == "intensity":
        # Pilatus and Eiger readers write -1 and -2 into gaps and masked pixels.
        marks = stats.most_negative in (-1, -2)
        origin = "written by the detector into unmeasured pixels" if marks else "caused by background subtraction"
        sentence = f"{subject}, probably {origin}; they are treated as 0."
        yield Finding("warning", "negative", sentence, "Set them to 0 to make this explicit.", _SET_TO_0)
    else:
        fix = "For background-corrected intensities, set the units to 'intensity'; otherwise set negative values to 0."
        yield Finding("error", "negative", f"{subject}; an amplitude cannot be negative.", fix, _SET_TO_0)


def _dark(stats: PatternStats, name: str) -> Iterator[Finding]:
    if stats.mean_counts == 0:
        fix = "Export the scan again from the correct data set."
        yield Finding("error", "dark_patterns", f"{name} is zero everywhere; expected diffraction patterns.", fix)
        return
    dark = dark_patterns(stats)
    if dark.any():
        sentence = (
            f"{name}: the counts are below {_DARK_SHARE:.0%} of the median in "
            f"{int(dark.sum()):,} of {counted(stats.n_patterns, 'pattern')} (first: number {int(np.argmax(dark))}), "
            "as if the beam had been lost."
        )
        yield Finding("warning", "dark_patterns", sentence, "Remove these patterns.", "Remove these patterns")


def _bad_pixels(stats: PatternStats, name: str) -> Iterator[Finding]:
    marked, hot, dead = marker_mask(stats), hot_mask(stats), dead_mask(stats)

    def pixels(mask: NDArray[np.bool_], noun: str = "pixel") -> str:
        return f"{counted(int(mask.sum()), noun)} of {stats.mean.shape}"

    if marked.any():
        marker = _marker_near(stats.highest[marked].max())
        sentence = (
            f"{name}: every pattern has {marker:,.0f} counts at {pixels(marked)}, a value that detectors write into "
            "unmeasured pixels; expected measured counts."
        )
        yield Finding("error", "masked_marker", sentence, "Set these pixels to 0.", _SET_TO_0)
    if hot.any():
        sentence = (
            f"{name}: {pixels(hot, 'hot pixel')}, more than {_HOT_RATIO:.0f} times brighter than the surroundings in "
            f"nearly all patterns ({_places(hot)})."
        )
        fix = "Replace them with the median of their neighbours."
        yield Finding("warning", "hot_pixels", sentence, fix, "Replace with the local median")
    if dead.any():
        yield Finding(
            "warning" if dead.sum() > _DEAD_AREA_WARNING * dead.size else "info",
            "dead_pixels",
            f"{name}: every pattern is 0 at {pixels(dead)} in bright surroundings ({_places(dead)}): dead pixels, a "
            "detector gap or a beam stop. The reconstruction treats them as true zeros.",
            "If the reconstruction has artefacts, interpolate over these pixels and export the scan again.",
        )


def _marker_near(value: float) -> float:
    """Return the exact marker value nearest to a float32 value; float32 rounds 4,294,967,295 to 4,294,967,296."""
    return min(_MASK_MARKERS, key=lambda marker: abs(marker - value))


def _places(mask: NDArray[np.bool_], most: int = 3) -> str:
    points = np.argwhere(mask)
    listed = ", ".join(f"({y}, {x})" for y, x in points[:most])
    return f"at (y, x) = {listed}{' ...' if len(points) > most else ''}"


def _centring(stats: PatternStats, name: str) -> Iterator[Finding]:
    usual = np.where(marker_mask(stats) | hot_mask(stats), 0, stats.mean)
    weight = usual.sum()
    if weight == 0:
        return
    to_centre, to_corner, centroid = 0.0, 0.0, []
    for axis in (0, 1):
        profile = usual.sum(axis=1 - axis) / weight
        index = np.arange(len(profile), dtype=np.float64)
        middle = len(profile) // 2
        to_centre += float(profile @ (index - middle) ** 2)
        to_corner += float(profile @ np.minimum(index, len(profile) - index) ** 2)
        centroid.append(float(profile @ index) - middle)
    ratio = float(np.sqrt(to_corner / to_centre)) if to_centre > 0 else np.inf
    size = stats.mean.shape[0]
    centre = f"(y, x) = ({size // 2}, {size // 2})"
    if ratio < _CORNER_WARNING:
        yield Finding(
            "error" if ratio < _CORNER_ERROR else "warning",
            "dc_not_centred",
            f"{name}: the mean pattern is brightest in the corners; expected the zero frequency (the direct beam) in "
            f"the centre, at {centre}.",
            "Shift the patterns with numpy.fft.fftshift over the last two axes.",
            "Shift the direct beam to the centre",
        )
    elif max(abs(centroid[0]), abs(centroid[1])) > _OFF_CENTRE * size:
        sentence = (
            f"{name}: the mean pattern's centre of mass is {centroid[0]:+.1f} px in y and {centroid[1]:+.1f} px in x "
            f"away from the centre {centre}; expected at most {_OFF_CENTRE * size:.0f} px."
        )
        fix = "Crop the patterns around the direct beam and export them again."
        yield Finding("warning", "beam_off_centre", sentence, fix)


def _shape(stats: PatternStats) -> tuple[int, ...]:
    return (stats.n_patterns, *stats.mean.shape)
