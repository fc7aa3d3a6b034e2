"""Losses on relative intensities, so that neither their size nor their minimum depends on the counts of a scan.

Arguments of all functions:

- ``amplitude`` (pattern, N, N): measured diffraction amplitude relative to the scan's root mean square;
- ``intensity`` (pattern, N, N): expected intensity relative to the scan's mean intensity per pixel;
- ``canvas``, ``truth`` (group, rows, columns), complex: predicted and known object;
- ``dose`` (group, rows, columns): summed probe intensity.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from ptychopinn.backends.method import DARK
from ptychopinn.backends.tensorflow.group_canvas import as_complex
from ptychopinn.backends.tensorflow.network import GroupObject, PtychoNetwork
from ptychopinn.config.training import TrainingConfig


def relative_deviance(amplitude: Any, intensity: Any) -> Any:
    """Return half the mean Poisson deviance per pixel, divided by the mean counts per pixel."""
    rate, counts = intensity + DARK, tf.square(amplitude)
    return tf.reduce_mean(rate - counts + tf.math.xlogy(counts, (counts + 1e-12) / rate))


def amplitude_error(amplitude: Any, intensity: Any) -> Any:
    """Return the mean absolute difference between measured and expected relative diffraction amplitudes."""
    return tf.reduce_mean(tf.abs(amplitude - tf.sqrt(intensity + DARK)))


def total_variation(canvas: Any, dose: Any) -> Any:
    """Return the mean absolute difference between neighbouring object pixels, weighted by the dose."""
    weight = dose / tf.reduce_max(dose)
    down = tf.abs(canvas[:, 1:] - canvas[:, :-1]) * weight[:, 1:]
    right = tf.abs(canvas[:, :, 1:] - canvas[:, :, :-1]) * weight[:, :, 1:]
    return (tf.reduce_sum(down) + tf.reduce_sum(right)) / tf.reduce_sum(weight)


def object_error(canvas: Any, truth: Any, dose: Any) -> Any:
    """Return the mean modulus of the difference between object and ground truth, weighted by the dose.

    The global phase of each canvas, which patterns do not determine, is first matched to that of the ground truth.
    """
    agreement = tf.reduce_sum(tf.math.conj(canvas) * truth * as_complex(dose), axis=(-2, -1), keepdims=True)
    canvas *= agreement / as_complex(tf.maximum(tf.abs(agreement), 1e-12))
    weight = dose / tf.reduce_max(dose)
    return tf.reduce_sum(tf.abs(canvas - truth) * weight) / tf.reduce_sum(weight)


def training_loss(
    network: PtychoNetwork, result: GroupObject, amplitude: Any, truth: Any, config: TrainingConfig
) -> Any:
    """Return the weighted sum of the losses selected in the settings; here ``amplitude`` is (group, channel, N, N)."""
    total = tf.zeros(())
    if config.model.model_type == "supervised":
        total += object_error(result.canvas, truth, result.layout.dose)
    else:
        n = network.model.N
        measured, expected = tf.reshape(amplitude, (-1, n, n)), network.patterns(result)
        if config.nll_weight > 0:
            total += config.nll_weight * relative_deviance(measured, expected)
        if config.mae_weight > 0:
            total += config.mae_weight * amplitude_error(measured, expected)
        if config.realspace_mae_weight > 0 and truth is not None:
            total += config.realspace_mae_weight * object_error(result.canvas, truth, result.layout.dose)
    if config.realspace_weight > 0:
        total += config.realspace_weight * total_variation(result.canvas, result.layout.dose)
    return total
