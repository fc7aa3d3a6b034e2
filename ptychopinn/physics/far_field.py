"""Far-field propagation with the zero frequency at the centre of the array."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def propagate(exit_wave: ArrayLike) -> NDArray[np.complex128]:
    """Propagate exit waves to the detector by a unitary, centred Fourier transform.

    Parameters
    ----------
    exit_wave : array (..., N, N), complex
        Fields directly behind the object; index [0, 0] is a corner of the field.

    Returns
    -------
    array (..., N, N), complex128
        Detector fields with the zero frequency at ``[N//2, N//2]``; the energy equals that of the input.

    Notes
    -----
    Fraunhofer propagation; see Goodman, Introduction to Fourier Optics, section 4.3.
    """
    field = np.fft.fft2(np.asarray(exit_wave, np.complex128), norm="ortho")
    return np.fft.fftshift(field, axes=(-2, -1))


def back_propagate(detector_field: ArrayLike) -> NDArray[np.complex128]:
    """Propagate detector fields back to exit waves: the inverse (and adjoint) of :func:`propagate`.

    Parameters
    ----------
    detector_field : array (..., N, N), complex
        Fields with the zero frequency at ``[N//2, N//2]``.
    """
    field = np.fft.ifftshift(np.asarray(detector_field, np.complex128), axes=(-2, -1))
    return np.fft.ifft2(field, norm="ortho")
