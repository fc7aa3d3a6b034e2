"""Exit waves (probe times object patch at a subpixel scan position) and their diffraction patterns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ptychopinn.physics.far_field import propagate


def as_modes(probe: ArrayLike) -> NDArray[np.complex128]:
    """Return a probe (N, N) or (mode, N, N) as incoherent modes (mode, N, N)."""
    probe = np.asarray(probe, np.complex128)
    return probe.reshape(-1, *probe.shape[-2:])


def fourier_shift(image: ArrayLike, shift_px: ArrayLike) -> NDArray[np.complex128]:
    """Translate the content of images periodically by ``shift_px`` (rows, columns), which may be fractional.

    Parameters
    ----------
    image : array (..., rows, columns), complex or real
    shift_px : array (2,)
        Translation towards larger indices, in pixels.
    """
    image = np.asarray(image, np.complex128)
    rows, columns = image.shape[-2:]
    dy, dx = np.asarray(shift_px, float)
    ramp = np.exp(-2j * np.pi * (np.fft.fftfreq(rows)[:, None] * dy + np.fft.fftfreq(columns)[None, :] * dx))
    return np.fft.ifft2(np.fft.fft2(image) * ramp)


def patch_corner(position_px: ArrayLike, n: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Split scan positions into the integer corners of their N x N patches and fractions in [-0.5, 0.5).

    Parameters
    ----------
    position_px : array (..., 2)
        Scan positions (y, x): the object pixel under probe index ``[N//2, N//2]``.
    n : int
        Side of the patch in pixels.
    """
    position = np.asarray(position_px, float)
    whole = np.floor(position + 0.5)
    return (whole - n // 2).astype(np.int64), position - whole


def cut_patch(obj: ArrayLike, corner: ArrayLike, n: int, outside: complex = 1.0) -> NDArray[np.complex128]:
    """Cut the N x N patch whose first pixel is ``corner``; pixels beyond the object have the value ``outside``."""
    obj = np.asarray(obj)
    patch = np.full((n, n), outside, np.complex128)
    row, column = (int(c) for c in np.asarray(corner))
    top, left = max(row, 0), max(column, 0)
    bottom, right = min(row + n, obj.shape[0]), min(column + n, obj.shape[1])
    if top < bottom and left < right:
        patch[top - row : bottom - row, left - column : right - column] = obj[top:bottom, left:right]
    return patch


def model_intensities(obj: ArrayLike, probe: ArrayLike, positions_px: ArrayLike) -> Iterator[NDArray[np.float64]]:
    """Yield the expected counts at each scan position.

    The fractional part of a position shifts the probe (by Fourier interpolation), so the object is never
    interpolated. The intensities of the probe modes add.

    Parameters
    ----------
    obj : array (rows, columns), complex
    probe : array (N, N) or (mode, N, N), complex, in square roots of counts
    positions_px : array (position, 2)
        Scan positions (y, x): the object pixel under probe index ``[N//2, N//2]``.

    Yields
    ------
    array (N, N), float64
        Expected counts, with the zero frequency at ``[N//2, N//2]``.

    Notes
    -----
    Thibault and Menzel, Nature 494, 68 (2013), eq. 1, for the incoherent sum.
    """
    modes = as_modes(probe)
    n = modes.shape[-1]
    for position in np.asarray(positions_px, float):
        corner, fraction = patch_corner(position, n)
        field = propagate(fourier_shift(modes, fraction) * cut_patch(obj, corner, n))
        yield np.sum(np.abs(field) ** 2, axis=0)
