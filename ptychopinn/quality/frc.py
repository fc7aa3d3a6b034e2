"""Fourier ring correlation: agreement of two images of one object at each spatial frequency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# Width of a ring in frequency steps of the window.
_RING = 1.0
# The edge of the mask is softened over this fraction of the window to suppress its own spectrum.
_SOFT = 0.05


@dataclass(frozen=True)
class Frc:
    """Correlation of two images in each Fourier ring.

    Attributes
    ----------
    frequency : array (ring,), float64
        In cycles per pixel, up to 0.5.
    correlation : array (ring,), float64
        1 for full agreement, 0 for none.
    half_bit : array (ring,), float64
        The half-bit criterion (van Heel and Schatz, J. Struct. Biol. 151, 250 (2005), eq. 17).
    """

    frequency: NDArray[np.float64]
    correlation: NDArray[np.float64]
    half_bit: NDArray[np.float64]

    def resolution_px(self, threshold: float | None = None) -> float:
        """Return half the period, in pixels, at which the correlation first drops below a threshold.

        The result is 1 pixel if the correlation never drops below the threshold.

        Parameters
        ----------
        threshold : float or None
            None selects the half-bit criterion.
        """
        limit = self.half_bit if threshold is None else np.full_like(self.correlation, threshold)
        # The innermost rings hold too few points. NaN counts as no agreement.
        below = np.flatnonzero(~(self.correlation >= limit) & (self.frequency > 0.02))
        if not below.size:
            return 1.0
        return float(0.5 / max(self.frequency[below[0]], 1e-6))


def resolution_words(half_period_px: float) -> str:
    """Return a result of :meth:`Frc.resolution_px` as text; 1 pixel becomes '1 px or finer'."""
    return f"{half_period_px:.2f} px" if half_period_px > 1 else "1 px or finer"


def fourier_ring_correlation(
    a: NDArray[np.complexfloating], b: NDArray[np.complexfloating], mask: NDArray[np.bool_]
) -> Frc:
    """Correlate two aligned complex images.

    Parameters
    ----------
    a, b : arrays (rows, columns), complex
        Aligned, see :func:`ptychopinn.quality.align.align`.
    mask : array (rows, columns), bool
        Pixels to compare; its edge is softened.

    Notes
    -----
    van Heel and Schatz, J. Struct. Biol. 151, 250 (2005).
    """
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    inside = mask[window]
    distance = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
    soft = np.clip(distance / max(_SOFT * min(inside.shape), 1.0), 0, 1)
    soft = 0.5 - 0.5 * np.cos(np.pi * soft)
    spectra = []
    for picture in (a[window], b[window]):
        mean = np.average(picture, weights=soft)
        spectra.append(np.fft.fft2((picture - mean) * soft))
    side = min(inside.shape)
    fy, fx = (np.fft.fftfreq(length) for length in inside.shape)
    ring = np.rint(np.hypot(fy[:, None], fx[None, :]) * side / _RING).astype(int)
    count = side // 2 + 1

    def ring_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(ring.ravel(), weights=values.ravel(), minlength=count)[:count], np.float64)

    common = ring_sum((spectra[0] * np.conj(spectra[1])).real)
    power = np.sqrt(ring_sum(np.abs(spectra[0]) ** 2) * ring_sum(np.abs(spectra[1]) ** 2))
    # A soft mask correlates neighbouring frequencies: fewer points of a ring are independent.
    points = np.sqrt(np.maximum(ring_sum(np.ones(inside.shape)) * float(np.mean(soft**2)), 1.0))
    half_bit = (0.2071 + 1.9102 / points) / (1.2071 + 0.9102 / points)
    return Frc(np.arange(count) * _RING / side, common / np.maximum(power, 1e-300), half_bit)
