"""Far-field propagation on tensors; the counterpart of :mod:`ptychopinn.physics.far_field`."""

from __future__ import annotations

import math
from typing import Any

import tensorflow as tf


def fft2(field: Any) -> Any:
    """Return the unitary Fourier transform of fields (..., N, N), with the zero frequency at [0, 0]."""
    return tf.signal.fft2d(field) * _unitary(field)


def ifft2(field: Any) -> Any:
    """Return the inverse transform of :func:`fft2`."""
    return tf.signal.ifft2d(field) / _unitary(field)


def power(field: Any) -> Any:
    """Return the squared modulus of a complex field, float32."""
    return tf.square(tf.math.real(field)) + tf.square(tf.math.imag(field))


def intensity(exit_wave: Any) -> Any:
    """Return the far-field intensity (pattern, N, N) of exit waves (pattern, mode, N, N), summed over the modes.

    The zero frequency is at ``[N//2, N//2]``.
    """
    return tf.reduce_sum(power(tf.signal.fftshift(fft2(exit_wave), axes=(-2, -1))), axis=-3)


def phase_factor(angle: Any) -> Any:
    """Return exp(i angle), complex64."""
    return tf.complex(tf.cos(angle), tf.sin(angle))


def fourier_shift(image: Any, shift_px: Any) -> Any:
    """Translate images by subpixel amounts.

    Parameters
    ----------
    image : tensor (mode, N, N), complex64
    shift_px : tensor (pattern, 2), float32
        Translation (y, x) of the content towards larger indices.

    Returns
    -------
    tensor (pattern, mode, N, N), complex64
    """
    rows, columns = image.shape[-2:]
    turns = shift_px[:, 0, None, None] * frequencies(rows)[None, :, None]
    turns += shift_px[:, 1, None, None] * frequencies(columns)[None, None, :]
    return tf.signal.ifft2d(tf.signal.fft2d(image)[None] * phase_factor(-2 * math.pi * turns)[:, None])


def frequencies(n: int) -> Any:
    """Return the frequencies of an FFT of ``n`` pixels in cycles per pixel, (n,), float32."""
    steps = tf.range(n)
    return tf.cast(tf.where(steps < (n + 1) // 2, steps, steps - n), tf.float32) / n


def _unitary(field: Any) -> Any:
    rows, columns = field.shape[-2:]
    return tf.cast(1 / math.sqrt(rows * columns), field.dtype)
