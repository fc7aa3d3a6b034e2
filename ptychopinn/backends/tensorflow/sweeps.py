"""Iterative sweeps over all patterns of a group simultaneously."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from ptychopinn.backends.method import ALPHA, LAST_FLOOR, MOMENTUM
from ptychopinn.backends.tensorflow.far_field import fft2, ifft2, power
from ptychopinn.backends.tensorflow.group_canvas import GroupCanvas, as_complex


def to_corner(amplitude: Any) -> Any:
    """Move the zero frequency of patterns (..., N, N) from the centre to index [0, 0], where an FFT expects it."""
    return tf.signal.ifftshift(amplitude, axes=(-2, -1))


def fit_modulus(corner_amplitude: Any, exit_wave: Any, floor: Any = 1e-12) -> Any:
    """Return the nearest exit waves that agree with the measured patterns.

    Parameters
    ----------
    corner_amplitude : tensor (pattern, N, N)
        Measured diffraction amplitude in the unit of ``exit_wave``, shifted by :func:`to_corner`.
    exit_wave : tensor (pattern, mode, N, N), complex64
    floor : float or tensor ()
        Modelled intensity below which the measured amplitude is not fully imposed, because the phase of a dark pixel
        is rounding noise.
    """
    field = fft2(exit_wave)
    modelled = tf.sqrt(tf.reduce_sum(power(field), axis=1) + floor)
    return ifft2(field * as_complex(corner_amplitude / modelled)[:, None])


def sweep_groups(amplitude: Any, layout: GroupCanvas, sweeps: int) -> tuple[Any, Any]:
    """Reconstruct each group on its canvas by a few sweeps of parallel rPIE, starting from a flat object.

    Parameters
    ----------
    amplitude : tensor (group * channel, N, N)
        Relative diffraction amplitude.
    layout : GroupCanvas
    sweeps : int

    Returns
    -------
    two tensors (group, side, side), complex64
        Objects after the first and after the last sweep.

    Notes
    -----
    Maiden, Johnson and Li, Optica 4, 736 (2017), eqs. 10 and 19. For the floor of the modelled intensity, see
    :mod:`ptychopinn.backends.method`.
    """
    conjugate = tf.math.conj(layout.probe)
    brightest = tf.reduce_max(layout.dose, axis=(-2, -1), keepdims=True)
    weight = as_complex((1 - ALPHA) * layout.dose + ALPHA * brightest)
    corner_amplitude = to_corner(amplitude)

    def sweep(canvas: Any, velocity: Any, floor: Any) -> tuple[Any, Any]:
        exit_wave = layout.probe * layout.extract(canvas)[:, None]
        change = tf.reduce_sum(conjugate * (fit_modulus(corner_amplitude, exit_wave, floor) - exit_wave), axis=1)
        velocity = MOMENTUM * velocity + layout.place(change) / weight
        return canvas + velocity, velocity

    start = tf.ones_like(weight)
    first, velocity = sweep(start, tf.zeros_like(start), 1.0)
    floors = tf.constant([10.0 ** (LAST_FLOOR * number / max(sweeps - 1, 1)) for number in range(sweeps)])
    # A loop in the graph is traced once; an unrolled loop would be traced in every sweep.
    _, last, _ = tf.while_loop(
        lambda number, canvas, velocity: number < sweeps,
        lambda number, canvas, velocity: (number + 1, *sweep(canvas, velocity, floors[number])),
        (1, first, velocity),
        parallel_iterations=1,
    )
    return first, last
