"""PSNR and SSIM of a reconstruction against a ground truth inside a mask, after alignment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ptychopinn.events import Stop, never
from ptychopinn.quality.align import align

_SSIM_SIGMA = 1.5


def compare(
    obj: NDArray[np.complexfloating],
    truth: NDArray[np.complexfloating],
    mask: NDArray[np.bool_],
    should_stop: Stop = never,
) -> dict[str, float]:
    """Return PSNR (dB) and SSIM of amplitude and phase; the data range is that of the ground truth inside the mask.

    Parameters
    ----------
    obj, truth : arrays (rows, columns), complex
    mask : array (rows, columns), bool

    Returns
    -------
    dict
        ``amplitude_psnr_db``, ``amplitude_ssim``, ``phase_psnr_db``, ``phase_ssim`` and the alignment.

    Raises
    ------
    JobCancelled
        ``should_stop`` returned True.
    """
    aligned, info = align(obj, truth, mask, should_stop)
    return {**info, **figures_of(aligned, truth, mask)}


def figures_of(
    aligned: NDArray[np.complexfloating], truth: NDArray[np.complexfloating], mask: NDArray[np.bool_]
) -> dict[str, float]:
    """Return the PSNR and SSIM of :func:`compare` for an object (rows, columns) that is already aligned."""
    origin = np.exp(-1j * np.angle(truth[mask].mean()))
    phase_truth = np.angle(truth * origin)
    # The difference modulo 2 pi, so that a phase wrap is not an error.
    phase = phase_truth + np.angle(aligned * np.conj(truth))
    out = {}
    for name, image, reference in (("amplitude", np.abs(aligned), np.abs(truth)), ("phase", phase, phase_truth)):
        low, high = np.percentile(reference[mask], [0.1, 99.9])
        span = max(float(high - low), 1e-12)
        error = float(np.mean((image[mask] - reference[mask]) ** 2))
        # Not Python's min and max, which treat NaN as a perfect match.
        out[f"{name}_psnr_db"] = float(np.minimum(200.0, 10 * np.log10(span**2 / np.maximum(error, 1e-300))))
        out[f"{name}_ssim"] = ssim(image, reference, mask, span)
    return out


def ssim(a: NDArray[np.floating], b: NDArray[np.floating], mask: NDArray[np.bool_], data_range: float) -> float:
    """Return the mean structural similarity inside a mask (Wang et al., IEEE Trans. Image Process. 13, 600 (2004))."""

    def blur(image: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.asarray(ndimage.gaussian_filter(np.asarray(image, float), _SSIM_SIGMA, truncate=3.5))

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    index = top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    inner = ndimage.binary_erosion(mask, iterations=5)
    return float(index[inner if inner.any() else mask].mean())
