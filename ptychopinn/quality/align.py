"""Remove the ambiguities of ptychography: a complex factor, a linear phase ramp, a translation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage, optimize

from ptychopinn.events import Stop, never, stop_if_asked

_MAX_SHIFT_PX = 16


def align(
    obj: NDArray[np.complexfloating],
    reference: NDArray[np.complexfloating],
    mask: NDArray[np.bool_],
    should_stop: Stop = never,
) -> tuple[NDArray[np.complex128], dict[str, float]]:
    """Align an object with a reference; return the aligned object and the transform.

    Parameters
    ----------
    obj, reference : arrays (rows, columns), complex
    mask : array (rows, columns), bool
        Pixels to compare.

    Returns
    -------
    aligned : array (rows, columns), complex128
    info : dict
        ``shift_y_px``, ``shift_x_px``, ``ramp_y_rad_per_px``, ``ramp_x_rad_per_px``.

    Raises
    ------
    JobCancelled
        ``should_stop`` returned True.
    """
    reference = np.asarray(reference, np.complex128)
    # Values outside the mask would ring into it under a Fourier shift.
    work = _soften(np.asarray(obj, np.complex128), mask)
    coarse = _coarse_shift(work, reference, mask)
    work = np.roll(work, coarse, (0, 1))
    slope = _coarse_ramp(work, reference, mask)
    unit = np.array([1.0, 1.0, 1.0 / reference.shape[0], 1.0 / reference.shape[1]])
    moved = _Shifted(work, mask)
    target = np.where(mask, reference, 0)
    power = float(np.vdot(target, target).real)

    def cost(values: NDArray[np.float64]) -> float:
        stop_if_asked(should_stop, "comparison")
        p = values * unit
        # Least squares over the complex factor: the remaining power of the reference.
        image, strength = moved(p[:2])
        overlap = np.vdot(image, target * np.conj(_ramp(reference.shape, slope + p[2:])))
        return float(1 - np.abs(overlap) ** 2 / max(strength * power, 1e-300))

    best = optimize.minimize(cost, np.zeros(4), method="Powell", options={"xtol": 1e-4, "ftol": 1e-9}).x * unit
    image = moved(best[:2])[0] * _ramp(reference.shape, slope + best[2:])
    lit = image[mask]
    factor = np.vdot(lit, reference[mask]) / max(float(np.vdot(lit, lit).real), 1e-300)
    return np.asarray(image * factor), {
        "shift_y_px": float(coarse[0] + best[0]),
        "shift_x_px": float(coarse[1] + best[1]),
        "ramp_y_rad_per_px": float(slope[0] + best[2]),
        "ramp_x_rad_per_px": float(slope[1] + best[3]),
    }


def _soften(obj: NDArray[np.complex128], mask: NDArray[np.bool_], width_px: float = 6.0) -> NDArray[np.complex128]:
    distance = np.asarray(ndimage.distance_transform_edt(~mask))
    weight = np.clip(1.0 - (distance - width_px) / width_px, 0.0, 1.0)
    return np.asarray(weight * obj + (1.0 - weight) * obj[mask].mean())


def _coarse_shift(
    obj: NDArray[np.complexfloating], reference: NDArray[np.complexfloating], mask: NDArray[np.bool_]
) -> tuple[int, int]:
    """Find the integer shift from products of neighbouring pixels, in which a phase ramp is only a constant factor."""
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
    rows, columns = (np.arange(side) - side // 2 for side in shape)
    return np.asarray(np.exp(1j * slope[0] * rows)[:, None] * np.exp(1j * slope[1] * columns))


class _Shifted:
    """Shifts an image by Fourier ramps; the result of the last shift is cached."""

    def __init__(self, image: NDArray[np.complex128], mask: NDArray[np.bool_]) -> None:
        self._spectrum, self._mask = fft.fft2(image, workers=-1), mask
        self._last: tuple[NDArray[np.float64], tuple[NDArray[np.complex128], float]] | None = None

    def __call__(self, shift_px: NDArray[np.float64]) -> tuple[NDArray[np.complex128], float]:
        """Return the shifted image and its power inside the mask."""
        if self._last is None or not np.array_equal(self._last[0], shift_px):
            turns = [np.fft.fftfreq(side) * way for side, way in zip(self._mask.shape, shift_px, strict=True)]
            ramp = np.exp(-2j * np.pi * turns[0])[:, None] * np.exp(-2j * np.pi * turns[1])
            image = fft.ifft2(self._spectrum * ramp, workers=-1)
            self._last = shift_px.copy(), (image, float(np.sum(np.abs(image[self._mask]) ** 2)))
        return self._last[1]
