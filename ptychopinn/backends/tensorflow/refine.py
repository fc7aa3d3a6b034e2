"""Iterative refinement of a whole object by rPIE sweeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ptychopinn.backends.refine_schedule import ALPHA, refine_batches
from ptychopinn.backends.tensorflow.group_canvas import GroupCanvas, as_complex
from ptychopinn.backends.tensorflow.sweeps import fit_modulus, to_corner
from ptychopinn.data.raw_data import RawData
from ptychopinn.workflow.events import Report, Stop, ignore, never


def refine_object(
    obj: NDArray[np.complex64],
    probe: NDArray[np.complex64],
    data: RawData,
    positions_px: NDArray[np.float64],
    sweeps: int,
    *,
    seed: int = 0,
    device: str = "/CPU:0",
    report: Report = ignore,
    should_stop: Stop = never,
) -> NDArray[np.complex64]:
    """Improve an object on its patterns; every pattern is used once in each sweep.

    Parameters
    ----------
    obj : array (rows, columns), complex64
    probe : array (mode, N, N), complex64
        In square roots of counts; stays as it is.
    data : RawData
    positions_px : array (position, 2), float64
        (y, x) in pixels of ``obj``.
    sweeps : int
    seed : int
        Of the random order of the patterns.

    Returns
    -------
    array (rows, columns), complex64

    Notes
    -----
    Maiden, Johnson and Li, Optica 4, 736 (2017), eq. 10; the updates of a batch are added and divided
    by their summed illumination.
    """
    rows, columns = obj.shape
    # Patches may stick out at the border of the object, and the canvas is a square: the margin takes both.
    margin = data.pattern_size
    side = max(rows, columns) + 2 * margin
    padded = np.ones((side, side), np.complex64)
    padded[margin : margin + rows, margin : margin + columns] = obj
    centre = side // 2 - margin
    update = tf.function(_update, reduce_retracing=True, autograph=False)
    with tf.device(device):
        canvas, modes = tf.constant(padded[None]), tf.constant(probe)
        for chosen in refine_batches(data.n_patterns, sweeps, seed, report, should_stop):
            offsets = (positions_px[chosen] - centre).astype(np.float32)
            canvas = update(canvas, modes, tf.constant(data.amplitude(chosen)), tf.constant(offsets[None]))
    return canvas.numpy()[0, margin : margin + rows, margin : margin + columns]


def _update(canvas: Any, modes: Any, amplitude: Any, offsets: Any) -> Any:
    layout = GroupCanvas.build(offsets, modes, canvas.shape[1])
    exit_wave = layout.probe * layout.extract(canvas)[:, None]
    difference = fit_modulus(to_corner(amplitude), exit_wave) - exit_wave
    change = tf.reduce_sum(tf.math.conj(layout.probe) * difference, axis=1)
    weight = (1 - ALPHA) * layout.dose + ALPHA * tf.reduce_max(layout.dose)
    return canvas + layout.place(change) / as_complex(weight)
