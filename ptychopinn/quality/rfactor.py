"""The R-factor: how well object and probe explain the measured patterns, against the noise alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError
from ptychopinn.events import Stop, never
from ptychopinn.physics.exit_wave import model_intensities

# Modelled patterns beyond this much memory are calculated a second time instead of being kept.
_KEPT_BYTES = 1 << 28


@dataclass(frozen=True)
class RFactor:
    """R and its floor.

    Attributes
    ----------
    r : float
        Sum of |A - A_model| over the sum of A, the model scaled to the total counts of the data.
    noise_floor : float
        The R that counting noise alone would give if this model were the truth; a model that has taken up noise has
        a lower one.
    scale : float
        The factor on the modelled amplitude.
    per_position : array (position,), float64
        R of each pattern.
    """

    r: float
    noise_floor: float
    scale: float
    per_position: NDArray[np.float64]


def r_factor(
    data: RawData,
    obj: NDArray[np.complexfloating],
    probe: NDArray[np.complexfloating],
    positions_px: NDArray[np.float64],
    should_stop: Stop = never,
) -> RFactor | None:
    """Compare measured and modelled amplitudes over a scan; None when stopped.

    Parameters
    ----------
    data : RawData
    obj : array (rows, columns), complex
    probe : array (mode, N, N), complex
    positions_px : array (position, 2)
        (y, x) in pixels of ``obj``.

    Raises
    ------
    DataError
        Object or probe are not finite.
    """
    n, side = data.n_patterns, data.pattern_size
    kept = np.empty((min(n, _KEPT_BYTES // (4 * side**2)), side, side), np.float32)
    power = 0.0
    for index, model in enumerate(_amplitudes(obj, probe, positions_px)):
        if should_stop():
            return None
        power += float(np.sum(model.astype(np.float64) ** 2))
        if index < len(kept):
            kept[index] = model
    if not np.isfinite(power):
        raise DataError(
            "the object or the probe has values that are NaN or infinite where the beam was",
            "finite numbers",
            "The iterations or the training diverged: check the probe and the positions, then start again.",
        )
    scale = float(np.sqrt(n * data.mean_counts() / power)) if power > 0 else 1.0
    # Drawn with a seed of its own: the floor is a property of the model, not of the user's seed.
    rng = np.random.default_rng(0)
    error, total = np.empty(n), np.empty(n)
    noise = weight = 0.0
    for index, unscaled in enumerate(chain(kept, _amplitudes(obj, probe, positions_px[len(kept) :]))):
        if should_stop():
            return None
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


def _amplitudes(
    obj: NDArray[np.complexfloating], probe: NDArray[np.complexfloating], positions_px: NDArray[np.float64]
) -> Iterator[NDArray[np.float32]]:
    for intensity in model_intensities(obj, probe, positions_px):
        yield np.sqrt(intensity).astype(np.float32)
