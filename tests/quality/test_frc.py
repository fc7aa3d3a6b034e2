"""Fourier ring correlation: what it says of equal, noisy and blurred pictures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from ptychopinn.quality.frc import fourier_ring_correlation, resolution_words

SIDE = 96


def picture(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(1, 0.3, (SIDE, SIDE - 7)) * np.exp(1j * rng.normal(0, 0.3, (SIDE, SIDE - 7)))


def mask() -> np.ndarray:
    lit = np.zeros((SIDE, SIDE - 7), bool)
    lit[9:-8, 8:-6] = True
    return lit


@pytest.mark.parametrize("factor", [1, 3.5, np.exp(0.0j)])
def test_equal_images_agree_at_every_frequency(factor: complex) -> None:
    curve = fourier_ring_correlation(picture(), factor * picture(), mask())
    # The mean is taken out, so the innermost ring holds rounding noise.
    assert np.allclose(curve.correlation[1:], 1)
    assert curve.resolution_px() == 1
    assert resolution_words(curve.resolution_px()) == "1 px or finer"
    assert curve.frequency[0] == 0
    assert curve.frequency[-1] <= 0.5


def test_independent_images_do_not_correlate() -> None:
    curve = fourier_ring_correlation(picture(0), picture(1), mask())
    assert abs(curve.correlation[5:]).mean() < 0.2
    assert curve.resolution_px() > 5
    assert resolution_words(curve.resolution_px()) == f"{curve.resolution_px():.2f} px"


def test_pixels_outside_the_mask_do_not_count() -> None:
    other = picture()
    other[~mask()] = 100
    assert np.allclose(fourier_ring_correlation(picture(), other, mask()).correlation[1:], 1)


@pytest.mark.parametrize("sigma_px", [1.0, 2.0, 4.0])
def test_the_resolution_follows_the_blur_before_noise(sigma_px: float) -> None:
    rng = np.random.default_rng(0)
    sharp = rng.normal(0, 1, (SIDE, SIDE - 7))
    halves = []
    for seed in (1, 2):
        noise = np.random.default_rng(seed).normal(0, 0.05, sharp.shape)
        halves.append(ndimage.gaussian_filter(sharp, sigma_px) + noise + 0j)
    found = fourier_ring_correlation(*halves, mask()).resolution_px()
    # Signal and noise are equal where exp(-2 (pi f sigma)^2) is the noise's amplitude.
    frequency = np.sqrt(np.log(1 / 0.05) / 2) / (np.pi * sigma_px)
    assert found == pytest.approx(max(0.5 / frequency, 1), rel=0.35)
