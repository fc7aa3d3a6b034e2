"""Removing what ptychography cannot know: a complex factor, a linear phase ramp, a translation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize

from ptychopinn.physics.exit_wave import fourier_shift

_MAX_SHIFT_PX = 16


def align(
    obj: NDArray[np.complexfloating], reference: NDArray[np.complexfloating], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.complex128], dict[str, float]]:
    """Return an object brought onto a reference, and what it took.

    Parameters
    ----------
    obj, reference : arrays (rows, columns), complex
    mask : array (rows, columns), bool
        Pixels that count.

    Returns
    -------
    aligned : array (rows, columns), complex128
    info : dict
        ``shift_y_px``, ``shift_x_px``, ``ramp_y_rad_per_px``, ``ramp_x_rad_per_px``.
    """
    reference = np.asarray(reference, np.complex128)
    # Junk in unlit areas would ring into the mask under a Fourier shift.
    work = _soften(np.asarray(obj, np.complex128), mask)
    coarse = _coarse_shift(work, reference, mask)
    work = np.roll(work, coarse, (0, 1))
    slope = _coarse_ramp(work, reference, mask)
    unit = np.array([1.0, 1.0, 1.0 / reference.shape[0], 1.0 / reference.shape[1]])

    def moved(values: NDArray[np.float64]) -> NDArray[np.complex128]:
        p = values * unit
        image = fourier_shift(work, p[:2]) * _ramp(reference.shape, slope + p[2:])
        lit = image[mask]
        return np.asarray(image * (np.vdot(lit, reference[mask]) / max(float(np.vdot(lit, lit).real), 1e-300)))

    power = float(np.sum(np.abs(reference[mask]) ** 2))

    def cost(values: NDArray[np.float64]) -> float:
        return float(np.sum(np.abs(moved(values)[mask] - reference[mask]) ** 2) / power)

    best = optimize.minimize(cost, np.zeros(4), method="Powell", options={"xtol": 1e-4, "ftol": 1e-9}).x
    found = best * unit
    return moved(best), {
        "shift_y_px": float(coarse[0] + found[0]),
        "shift_x_px": float(coarse[1] + found[1]),
        "ramp_y_rad_per_px": float(slope[0] + found[2]),
        "ramp_x_rad_per_px": float(slope[1] + found[3]),
    }


def _soften(obj: NDArray[np.complex128], mask: NDArray[np.bool_], width_px: float = 6.0) -> NDArray[np.complex128]:
    distance = np.asarray(ndimage.distance_transform_edt(~mask))
    weight = np.clip(1.0 - (distance - width_px) / width_px, 0.0, 1.0)
    return np.asarray(weight * obj + (1.0 - weight) * obj[mask].mean())


def _coarse_shift(
    obj: NDArray[np.complexfloating], reference: NDArray[np.complexfloating], mask: NDArray[np.bool_]
) -> tuple[int, int]:
    """Find the integer shift from products of neighbours, to which factor and ramp are one constant."""
    weight = ndimage.gaussian_filter(mask.astype(float), 2)
    score = np.zeros(mask.shape)
    for axis in (0, 1):
        pair = [image * np.conj(np.roll(image, -1, axis)) for image in (reference, obj)]
        a, b = (np.fft.fft2(weight * (image - image[mask].mean())) for image in pair)
        score += np.abs(np.fft.ifft2(a * np.conj(b))) ** 2
    rows, columns = (np.fft.fftfreq(side, 1.0 / side) for side in mask.shape)
    score[(np.abs(rows)[:, None] > _MAX_SHIFT_PX) | (np.abs(columns)[None, :] > _MAX_SHIFT_PX)] = -1
    row, column = np.unravel_index(int(np.argmax(score)), score.shape)
    return int(rows[row]), int(columns[column])


def _coarse_ramp(
    obj: NDArray[np.complexfloating], reference: NDArray[np.complexfloating], mask: NDArray[np.bool_]
) -> NDArray[np.float64]:
    size = [2 * side for side in mask.shape]
    spectrum = np.abs(np.fft.fft2(np.where(mask, reference * np.conj(obj), 0), size))
    row, column = np.unravel_index(int(np.argmax(spectrum)), spectrum.shape)
    return 2 * np.pi * np.array([np.fft.fftfreq(size[0])[row], np.fft.fftfreq(size[1])[column]])


def _ramp(shape: tuple[int, ...], slope: NDArray[np.float64]) -> NDArray[np.complex128]:
    rows = np.arange(shape[0])[:, None] - shape[0] // 2
    columns = np.arange(shape[1])[None, :] - shape[1] // 2
    return np.asarray(np.exp(1j * (slope[0] * rows + slope[1] * columns)))
