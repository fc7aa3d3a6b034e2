"""One pass over the diffraction patterns that gathers what the checks ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.units import Units

_CHUNK_VALUES = 1 << 21
_SAMPLE_PATTERNS = 64


@dataclass(frozen=True)
class PatternStats:
    """Sums and extremes of the intensity; non-finite and negative values count as zero in them.

    Attributes
    ----------
    n_patterns : number of patterns
    bad_values, bad_patterns, first_bad : non-finite values, patterns with any, index of the first such
    negative_values, most_negative : count and lowest of the values below zero, in the file's units
    largest : largest finite value, in the file's units
    counts : (patterns,) float64, summed intensity of each pattern
    mean, lowest, highest : (N, N) float64, intensity of each pixel over all patterns
    persistent : (N, N) float32, intensity that a pixel exceeds in nine of ten sampled patterns
    occupancy : (N, N) float32, share of the sampled patterns in which a pixel is above zero
    """

    n_patterns: int
    bad_values: int
    bad_patterns: int
    first_bad: int
    negative_values: int
    most_negative: float
    largest: float
    counts: NDArray[np.float64]
    mean: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    persistent: NDArray[np.float32]
    occupancy: NDArray[np.float32]

    @property
    def mean_counts(self) -> float:
        """Mean over the patterns of the summed intensity."""
        return float(self.counts.mean())


def gather(diffraction: NDArray[Any], units: Units) -> PatternStats:
    """Statistics of (patterns, N, N) data in `units`, read chunk by chunk."""
    n_patterns, height, width = diffraction.shape
    counts = np.zeros(n_patterns)
    total, highest = np.zeros((height, width)), np.zeros((height, width))
    lowest = np.full((height, width), np.inf)
    bad_values = bad_patterns = negative_values = 0
    first_bad, most_negative, largest = -1, 0.0, 0.0
    step = max(1, _CHUNK_VALUES // (height * width))
    for start in range(0, n_patterns, step):
        values = np.array(diffraction[start : start + step], dtype=np.float32)
        finite = np.isfinite(values)
        if not finite.all():
            per_pattern = (~finite).sum(axis=(1, 2))
            first_bad = start + int(np.argmax(per_pattern > 0)) if first_bad < 0 else first_bad
            bad_values += int(per_pattern.sum())
            bad_patterns += int((per_pattern > 0).sum())
            values[~finite] = 0
        below, above = float(values.min()), float(values.max())
        largest = max(largest, above)
        if below < 0:
            negative_values += int((values < 0).sum())
            most_negative = min(most_negative, below)
            np.maximum(values, 0, out=values)
        intensity = _as_intensity(values, units)
        counts[start : start + step] = intensity.sum(axis=(1, 2), dtype=np.float64)
        total += intensity.sum(axis=0, dtype=np.float64)
        np.maximum(highest, intensity.max(axis=0), out=highest)
        np.minimum(lowest, intensity.min(axis=0), out=lowest)
    persistent, occupancy = _sampled(diffraction, units)
    return PatternStats(
        n_patterns=n_patterns,
        bad_values=bad_values,
        bad_patterns=bad_patterns,
        first_bad=first_bad,
        negative_values=negative_values,
        most_negative=most_negative,
        largest=largest,
        counts=counts,
        mean=total / n_patterns,
        lowest=lowest,
        highest=highest,
        persistent=persistent,
        occupancy=occupancy,
    )


def _as_intensity(values: NDArray[np.float32], units: Units) -> NDArray[Any]:
    """Intensity of non-negative values; squares in float64 only where float32 would overflow."""
    if units == "intensity":
        return values
    wide = values.astype(np.float64) if values.max(initial=0) > 1e18 else values
    return np.square(wide)


def _sampled(diffraction: NDArray[Any], units: Units) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    n_patterns = diffraction.shape[0]
    n_sample = min(n_patterns, _SAMPLE_PATTERNS)
    chosen = np.linspace(0, n_patterns - 1, n_sample).round().astype(np.int64)
    values = np.array(diffraction[chosen], dtype=np.float32)
    values[~np.isfinite(values)] = 0
    np.maximum(values, 0, out=values)
    rank = n_sample // 10
    persistent = np.partition(values, rank, axis=0)[rank]
    occupancy = (values > 0).mean(axis=0, dtype=np.float32)
    return _as_intensity(persistent, units).astype(np.float32), occupancy
