"""The R-factor: how well object and probe explain the measured patterns, against the noise alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.physics.exit_wave import model_intensities
from ptychopinn.workflow.events import Stop, never


@dataclass(frozen=True)
class RFactor:
    """R and its floor.

    Attributes
    ----------
    r : float
        Sum of |A - A_model| over the sum of A, after the best common scale of the model.
    noise_floor : float
        The R that counting noise alone would give a perfect model.
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
    """
    models = np.empty((data.n_patterns, data.pattern_size, data.pattern_size), np.float32)
    for index, intensity in enumerate(model_intensities(obj, probe, positions_px)):
        if should_stop():
            return None
        models[index] = np.sqrt(intensity)
    measured = data.amplitude()
    power = float(np.sum(models.astype(np.float64) ** 2))
    scale = float(np.sqrt(np.sum(measured.astype(np.float64) ** 2) / power)) if power > 0 else 1.0
    models *= np.float32(scale)
    error = np.abs(measured - models).sum(axis=(1, 2), dtype=np.float64)
    total = measured.sum(axis=(1, 2), dtype=np.float64)
    # Drawn with a seed of its own: the floor is a property of the model, not of the user's seed.
    rng = np.random.default_rng(0)
    noise = weight = 0.0
    for model in models:
        rate = model.astype(np.float64) ** 2
        noisy = np.sqrt(rng.poisson(np.minimum(rate, 1e15)))
        noise += float(np.abs(noisy - model).sum())
        weight += float(noisy.sum())
    return RFactor(
        float(error.sum() / max(total.sum(), 1e-300)),
        noise / max(weight, 1e-300),
        scale,
        error / np.maximum(total, 1e-300),
    )
