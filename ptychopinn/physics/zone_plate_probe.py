"""The probe of a defocused zone plate with a central stop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptychopinn.physics.far_field import back_propagate


def zone_plate_probe(
    n: int, *, outer: float = 0.16, stop: float = 0.4, diameter: float = 0.55, rng: np.random.Generator
) -> NDArray[np.complex64]:
    """Return a probe (N, N), complex64, with unit total power.

    Parameters
    ----------
    n : int
        Side of the probe in pixels.
    outer : float
        Radius of the pupil in cycles per pixel.
    stop : float
        Radius of the central stop as a fraction of the pupil radius.
    diameter : float
        Diameter of the defocused beam as a fraction of the field of view.
    rng : Generator
        Used to draw slight astigmatism and coma, so that no symmetry hides an orientation error.

    Notes
    -----
    Defocus is a quadratic phase on the pupil; its gradient at the rim of the pupil sets the beam radius.
    """
    frequency = (np.arange(n) - n // 2) / n
    fy, fx = frequency[:, None], frequency[None, :]
    radius, angle = np.hypot(fy, fx), np.arctan2(fy, fx)
    edge = 1.5 / n
    pupil = np.clip((outer - radius) / edge + 0.5, 0, 1) * np.clip((radius - stop * outer) / edge + 0.5, 0, 1)
    rho = radius / outer
    beam_radius_px = diameter * n / 2
    defocus = np.pi * beam_radius_px * outer * rho**2
    lean = rng.uniform(0, 2 * np.pi, 2)
    aberration = 0.12 * defocus * np.cos(2 * (angle - lean[0])) + 0.8 * rho**3 * np.cos(angle - lean[1])
    field = np.fft.fftshift(back_propagate(pupil * np.exp(1j * (defocus + aberration))))
    return (field / np.sqrt(np.sum(np.abs(field) ** 2))).astype(np.complex64)
