"""The R-factor: how well object and probe explain the measured patterns, and its noise floor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError
from ptychopinn.events import Stop, never, stop_if_asked
from ptychopinn.physics.exit_wave import model_intensities

# Modelled patterns beyond this much memory are calculated twice instead of being stored.
_KEPT_BYTES = 1 << 28


@dataclass(frozen=True)
class RFactor:
    """R-factor and its noise floor.

    Attributes
    ----------
    r : float
        Sum of |A - A_model| over the sum of A, with the model scaled to the total counts of the data.
    noise_floor : float
        R from counting noise alone if this model were the ground truth; a model that fits the noise has a lower R.
    scale : float
        Factor applied to the modelled amplitude.
    per_position : array (position,), float64
        R of each pattern.
    """

    r: float
    noise_floor: float
    scale: float
    per_position: NDArray[np.float64]


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
        raise DataError(
            "the object or the probe is NaN or infinite in the illuminated area",
            "finite numbers",
            "The iterations or the training diverged: check the probe and the positions, then start again.",
        )
    n = data.n_patterns
    scale = float(np.sqrt(n * data.mean_counts() / power)) if power > 0 else 1.0
    # A fixed seed: the floor is a property of the model, not of the user's seed.
    rng = np.random.default_rng(0)
    error, total = np.empty(n), np.empty(n)
    noise = weight = 0.0
    for index, unscaled in enumerate(modelled):
        stop_if_asked(should_stop, "comparison")
        model = unscaled * np.float32(scale)
        measured = data.amplitude(slice(index, index + 1))[0]
        error[index] = np.abs(measured - model).sum(dtype=np.float64)
        total[index] = measured.sum(dtype=np.float64)
        noisy = np.sqrt(rng.poisson(np.minimum(model.astype(np.float64) ** 2, 1e15)))
        noise += float(np.abs(noisy - model).sum())
        weight += float(noisy.sum())
    return RFactor(
        float(error.sum() / max(total.sum(), 1e-300)),
        noise / max(weight, 1e-300),
        scale,
        error / np.maximum(total, 1e-300),
    )
