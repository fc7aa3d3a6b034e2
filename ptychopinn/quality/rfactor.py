"""The R-factor: how well object and probe explain the measured patterns, and its noise floor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError
from ptychopinn.events import Stop, never, stop_if_asked
from ptychopinn.physics.exit_wave import model_intensities

# Modelled patterns beyond this much memory are calculated twice instead of being stored.
_KEPT_BYTES = 1 << 28
# Amplitudes at which the effect of counting noise is tabulated: a step, and the largest.
NOISE_STEP, NOISE_END = 1 / 512, 16.0


@dataclass(frozen=True)
class RFactor:
    """R-factor and its noise floor.

    Attributes
    ----------
    r : float
        Sum of |A - A_model| over the sum of A, with the model scaled to the total counts of the data.
    noise_floor : float
        R that counting noise alone would cause, on average, if this model were the ground truth; a model that fits the
        noise has a lower R.
    scale : float
        Factor applied to the modelled amplitude.
    per_position : array (position,), float64
        R of each pattern; NaN for a pattern without counts.
    """

    r: float
    noise_floor: float
    scale: float
    per_position: NDArray[np.float64]


# Measures R; the arguments are those of :func:`r_factor`.
MeasureR = Callable[
    [RawData, NDArray[np.complexfloating], NDArray[np.complexfloating], NDArray[np.float64], Stop], RFactor
]


@cache
def noise_table() -> NDArray[np.float64]:
    """Return the effect of counting noise on amplitudes from 0 to ``NOISE_END``, (2, amplitude).

    The rows are the means of |sqrt(n) - a| and of sqrt(n) - a, where a is the amplitude and n a Poisson-distributed
    count of mean a**2.
    """
    amplitude = np.arange(0, NOISE_END + NOISE_STEP, NOISE_STEP)
    counts = np.arange(int((NOISE_END + 6) ** 2), dtype=float)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(counts[1:]))])
    log_mean = 2 * np.log(np.maximum(amplitude, 1e-150))[:, None]
    chance = np.exp(counts * log_mean - amplitude[:, None] ** 2 - log_factorial)
    difference = np.sqrt(counts) - amplitude[:, None]
    return np.stack([(chance * np.abs(difference)).sum(axis=1), (chance * difference).sum(axis=1)])


def counting_noise(amplitude: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the means of |sqrt(n) - a| and of sqrt(n) for amplitudes a, where n is a Poisson count of mean a**2."""
    grid = np.arange(0, NOISE_END + NOISE_STEP, NOISE_STEP)
    # Beyond the table, the first mean is constant and the second falls with 1 / a: both are small there.
    error, excess = (np.interp(amplitude, grid, row) for row in noise_table())
    return error, amplitude + excess


class _Amplitudes:
    """Iterable over the modelled amplitudes (N, N) of all patterns; it caches as many as fit in memory."""

    def __init__(
        self, obj: NDArray[np.complexfloating], probe: NDArray[np.complexfloating], positions_px: NDArray[np.float64]
    ) -> None:
        self._obj, self._probe, self._positions = obj, probe, positions_px
        self._kept: list[NDArray[np.float32]] = []
        self._most = _KEPT_BYTES // (4 * probe.shape[-1] ** 2)

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        yield from self._kept
        for intensity in model_intensities(self._obj, self._probe, self._positions[len(self._kept) :]):
            amplitude = np.sqrt(intensity).astype(np.float32)
            if len(self._kept) < self._most:
                self._kept.append(amplitude)
            yield amplitude


def r_factor(
    data: RawData,
    obj: NDArray[np.complexfloating],
    probe: NDArray[np.complexfloating],
    positions_px: NDArray[np.float64],
    should_stop: Stop = never,
) -> RFactor:
    """Compare measured and modelled amplitudes over a scan.

    Parameters
    ----------
    obj : array (rows, columns), complex
    probe : array (mode, N, N), complex
    positions_px : array (position, 2)
        (y, x) in pixels of ``obj``.

    Raises
    ------
    DataError
        The object or the probe is not finite.
    JobCancelled
        ``should_stop`` returned True.
    """
    modelled = _Amplitudes(obj, probe, positions_px)
    power = 0.0
    for model in modelled:
        stop_if_asked(should_stop, "comparison")
        power += float(np.sum(model.astype(np.float64) ** 2))
    if not np.isfinite(power):
        raise not_finite()
    n = data.n_patterns
    scale = float(np.sqrt(n * data.mean_counts() / power)) if power > 0 else 1.0
    error, total = np.empty(n), np.empty(n)
    noise = weight = 0.0
    for index, unscaled in enumerate(modelled):
        stop_if_asked(should_stop, "comparison")
        model = unscaled * np.float32(scale)
        measured = data.amplitude(slice(index, index + 1))[0]
        error[index] = np.abs(measured - model).sum(dtype=np.float64)
        total[index] = measured.sum(dtype=np.float64)
        deviation, mean = counting_noise(model)
        noise += float(deviation.sum())
        weight += float(mean.sum())
    return rated(error, total, noise, weight, scale)


def rated(error: NDArray[np.float64], total: NDArray[np.float64], noise: float, weight: float, scale: float) -> RFactor:
    """Compute R from sums over each pattern, and the noise floor from sums over the scan.

    Parameters
    ----------
    error, total : arrays (position,), float64
        Sums of |A - A_model| and of A.
    noise, weight : float
        Sums over the scan of the two results of :func:`counting_noise`.
    """
    return RFactor(
        float(error.sum() / max(total.sum(), 1e-300)),
        noise / max(weight, 1e-300),
        scale,
        np.where(total > 0, error / np.where(total > 0, total, 1), np.nan),
    )


def not_finite() -> DataError:
    """Return the error about an object or a probe with NaN or infinite values."""
    return DataError(
        "the object or the probe is NaN or infinite in the illuminated area",
        "finite numbers",
        "The iterations or the training diverged: check the probe and the positions, then start again.",
    )
