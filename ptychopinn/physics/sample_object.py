"""A synthetic sample with sharp, periodic and smooth features, to test every spatial frequency."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage


def sample_object(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.complex64]:
    """Return a random complex object (rows, columns), complex64, amplitude 0.4 to 1.05.

    It contains a star with random spokes, rings, gratings, discs and a smooth texture. It is never symmetric, so that a
    mirrored reconstruction is noticeable.
    """
    rows, columns = shape
    y, x = np.mgrid[0:rows, 0:columns].astype(float)
    phase = 0.3 * _texture(shape, rng, 12.0)
    absorption = 0.05 * (1 + _texture(shape, rng, 20.0))
    for build in (_star, _rings, _gratings, _discs):
        pattern = build(y, x, rng)
        phase -= rng.uniform(0.5, 0.9) * pattern
        absorption += rng.uniform(0.1, 0.25) * pattern
    amplitude = np.clip(1.0 - absorption, 0.4, 1.05)
    return (amplitude * np.exp(1j * np.clip(phase, -2.4, 0.9))).astype(np.complex64)


def _texture(shape: tuple[int, int], rng: np.random.Generator, sigma: float) -> NDArray[np.float64]:
    field = ndimage.gaussian_filter(rng.standard_normal(shape), sigma, mode="reflect")
    return np.asarray(field / max(float(np.abs(field).max()), 1e-12))


def _soft(distance_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert a signed distance (positive inside) to a mask whose edge is one pixel wide."""
    return np.clip(distance_px + 0.5, 0.0, 1.0)


def _star(y: NDArray[np.float64], x: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    side = min(y.shape)
    cy, cx = (rng.uniform(0.35, 0.65) * s for s in y.shape)
    radius = np.hypot(y - cy, x - cx)
    spokes = int(rng.integers(9, 18))
    wave = np.sin(spokes * np.arctan2(y - cy, x - cx) + rng.uniform(0, 6))
    edge = wave * np.maximum(radius, 1.0) / spokes
    return _soft(edge) * _soft(0.30 * side - radius) * _soft(radius - 0.03 * side)


def _rings(y: NDArray[np.float64], x: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    side = min(y.shape)
    out = np.zeros(y.shape)
    for _ in range(3):
        cy, cx = (rng.uniform(0.1, 0.9) * s for s in y.shape)
        radius = rng.uniform(0.06, 0.2) * side
        out = np.maximum(out, _soft(rng.uniform(1.0, 2.5) - np.abs(np.hypot(y - cy, x - cx) - radius)))
    return out


def _gratings(y: NDArray[np.float64], x: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    side = min(y.shape)
    out = np.zeros(y.shape)
    for half_period in (1.5, 2.0, 3.0, 5.0):
        cy, cx = (rng.uniform(0.12, 0.88) * s for s in y.shape)
        angle = rng.uniform(0, np.pi)
        u = (y - cy) * np.cos(angle) + (x - cx) * np.sin(angle)
        v = (x - cx) * np.cos(angle) - (y - cy) * np.sin(angle)
        box = _soft(0.08 * side - np.abs(u)) * _soft(0.06 * side - np.abs(v))
        bars = _soft(np.cos(np.pi * u / half_period) * half_period / 2)
        out = np.maximum(out, box * bars)
    return out


def _discs(y: NDArray[np.float64], x: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    side = min(y.shape)
    out = np.zeros(y.shape)
    for _ in range(8):
        cy, cx = (rng.uniform(0.05, 0.95) * s for s in y.shape)
        stretch = rng.uniform(0.6, 1.6)
        out = np.maximum(out, _soft(rng.uniform(0.015, 0.05) * side - np.hypot(y - cy, (x - cx) * stretch)))
    return out
