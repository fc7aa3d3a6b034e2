"""Statistics of the diffraction patterns for the checks, computed in one pass."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.units import Units

# Some megabytes: sums of a chunk are in single precision, sums over chunks in double.
_CHUNK_VALUES = 1 << 19
_MOST_THREADS = 8
# Amplitudes whose squares, summed over a pattern, stay within single precision.
_SQUARES_FIT = 1e15
_SAMPLE_PATTERNS = 64


@dataclass(frozen=True)
class PatternStats:
    """Sums and extremes of the intensity, with non-finite and negative values counted as zero.

    Attributes
    ----------
    n_patterns : number of patterns
    bad_values, bad_patterns : number of non-finite values, and of patterns that contain any
    first_bad : index of the first pattern with a non-finite value; -1 if there is none
    negative_values, most_negative : number of values below zero, and the lowest of them, in the file's units
    largest : largest finite value, in the file's units
    counts : (patterns,) float64, summed intensity of each pattern
    mean, lowest, highest : (N, N) float64, mean and extremes of each pixel's intensity over all patterns
    persistent : (N, N) float32, intensity that a pixel exceeds in nine of ten sampled patterns
    occupancy : (N, N) float32, fraction of the sampled patterns in which a pixel is above zero
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
        """Return the mean of the patterns' summed intensities."""
        return float(self.counts.mean())


def gather(diffraction: NDArray[Any], units: Units) -> PatternStats:
    """Return the statistics of (patterns, N, N) data in `units`; chunks are processed in parallel."""
    n_patterns = len(diffraction)
    counts = np.zeros(n_patterns)
    bounds = np.linspace(0, n_patterns, _threads(diffraction) + 1).astype(int)
    spans = [(int(first), int(last)) for first, last in pairwise(bounds) if last > first]
    # numpy releases the interpreter lock in its loops, so threads share the work.
    with ThreadPoolExecutor(len(spans) or 1) as pool:
        parts = list(pool.map(lambda span: _gather_part(diffraction, units, span[0], span[1], counts), spans))
    persistent, occupancy = _sampled(diffraction, units)
    return PatternStats(
        n_patterns=n_patterns,
        bad_values=sum(part.bad_values for part in parts),
        bad_patterns=sum(part.bad_patterns for part in parts),
        first_bad=next((part.first_bad for part in parts if part.first_bad >= 0), -1),
        negative_values=sum(part.negative_values for part in parts),
        most_negative=min(part.most_negative for part in parts),
        largest=max(part.largest for part in parts),
        counts=counts,
        mean=np.sum([part.total for part in parts], axis=0) / n_patterns,
        lowest=np.min([part.lowest for part in parts], axis=0),
        highest=np.max([part.highest for part in parts], axis=0),
        persistent=persistent,
        occupancy=occupancy,
    )


@dataclass
class _Part:
    """Statistics of some of the patterns; `total`, `lowest` and `highest` are the sum and extremes per pixel."""

    total: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    bad_values: int = 0
    bad_patterns: int = 0
    first_bad: int = -1
    negative_values: int = 0
    most_negative: float = 0.0
    largest: float = 0.0

    def without_bad(self, values: NDArray[np.float32], start: int) -> NDArray[np.float32]:
        """Return a copy with non-finite values set to zero, and count them; `start` is the first pattern's index."""
        bad = ~np.isfinite(values)
        per_pattern = bad.sum(axis=(1, 2))
        self.first_bad = start + int(np.argmax(per_pattern > 0)) if self.first_bad < 0 else self.first_bad
        self.bad_values += int(per_pattern.sum())
        self.bad_patterns += int((per_pattern > 0).sum())
        return np.where(bad, np.float32(0), values)


def _threads(diffraction: NDArray[Any]) -> int:
    return min(_MOST_THREADS, os.cpu_count() or 1, max(1, diffraction.size // (8 * _CHUNK_VALUES)))


def _gather_part(diffraction: NDArray[Any], units: Units, first: int, last: int, counts: NDArray[np.float64]) -> _Part:
    """Return the statistics of patterns `first` to `last` - 1; write their summed intensities to `counts`."""
    shape = diffraction.shape[1:]
    part = _Part(np.zeros(shape), np.full(shape, np.inf), np.zeros(shape))
    step = max(1, _CHUNK_VALUES // (shape[0] * shape[1]))
    for start in range(first, last, step):
        stop = min(start + step, last)
        values = _single(diffraction[start:stop])
        lowest, highest = values.min(axis=0), values.max(axis=0)
        # Both propagate non-finite values, which saves a test of every value.
        if not (np.isfinite(lowest).all() and np.isfinite(highest).all()):
            values = part.without_bad(values, start)
            lowest, highest = values.min(axis=0), values.max(axis=0)
        part.largest = max(part.largest, float(highest.max()))
        if float(lowest.min()) < 0:
            part.negative_values += int((values < 0).sum())
            part.most_negative = min(part.most_negative, float(lowest.min()))
            values = np.maximum(values, 0)
            lowest, highest = np.maximum(lowest, 0), np.maximum(highest, 0)
        np.maximum(part.highest, _as_intensity(highest, units), out=part.highest)
        np.minimum(part.lowest, _as_intensity(lowest, units), out=part.lowest)
        if units == "amplitude" and part.largest <= _SQUARES_FIT:
            # Squares are summed at once and need no memory.
            flat = values.reshape(stop - start, -1)
            counts[start:stop] = np.einsum("pi,pi->p", flat, flat)
            part.total += np.einsum("pi,pi->i", flat, flat).reshape(shape)
        else:
            intensity = _as_intensity(values, units)
            counts[start:stop] = intensity.reshape(stop - start, -1).sum(axis=1)
            part.total += intensity.sum(axis=0)
    return part


def _single(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return values in single precision; values that are too large become infinite."""
    with np.errstate(over="ignore"):
        return np.asarray(values, dtype=np.float32)


def _as_intensity(values: NDArray[np.float32], units: Units) -> NDArray[Any]:
    """Return the intensity of non-negative values; squares are float64 only if float32 would overflow."""
    if units == "intensity":
        return values
    wide = values.astype(np.float64) if values.max(initial=0) > _SQUARES_FIT else values
    return np.square(wide)


def _sampled(diffraction: NDArray[Any], units: Units) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    n_patterns = diffraction.shape[0]
    n_sample = min(n_patterns, _SAMPLE_PATTERNS)
    chosen = np.linspace(0, n_patterns - 1, n_sample).round().astype(np.int64)
    # Indexing with an array makes a copy, which may be changed.
    values = _single(diffraction[chosen])
    values[~np.isfinite(values)] = 0
    np.maximum(values, 0, out=values)
    rank = n_sample // 10
    persistent = np.partition(values, rank, axis=0)[rank]
    occupancy = (values > 0).mean(axis=0, dtype=np.float32)
    return _as_intensity(persistent, units).astype(np.float32), occupancy
