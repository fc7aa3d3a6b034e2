"""The ``unrolled`` architecture: a few physics sweeps per group, then a U-Net on the group's canvas."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

from ptychopinn.backends.method import LEVELS, PREDICTION_SWEEPS, TRAINING_SWEEPS, unet_plan
from ptychopinn.backends.tensorflow.blocks import (
    ConfiguredLayer,
    activate_amplitude,
    apply,
    convolution,
    double_convolution,
    halve,
    upsample,
)
from ptychopinn.backends.tensorflow.far_field import phase_factor
from ptychopinn.backends.tensorflow.group_canvas import GroupCanvas, as_complex
from ptychopinn.backends.tensorflow.sweeps import sweep_groups


@keras.saving.register_keras_serializable("ptychopinn")
class UnrolledNetwork(ConfiguredLayer):
    """Convert the patterns of a group to an object canvas.

    Physics sweeps, through which no gradient flows, bring the patterns into real space, where neighbouring patterns
    overlap and a convolution applies equally at every pixel. A U-Net learns the remaining correction.

    Parameters
    ----------
    n_filters_scale : int
    amp_activation : str
    precision : str
        Keras dtype policy of the convolutions.
    """

    def __init__(self, n_filters_scale: int, amp_activation: str, precision: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.n_filters_scale, self.amp_activation, self.precision = n_filters_scale, amp_activation, precision
        encoder, decoder = unet_plan(n_filters_scale)
        self.encoder = [double_convolution(*widths, precision) for widths in encoder]
        self.decoder = [double_convolution(*widths, precision) for widths in decoder]
        self.head = convolution(decoder[0][1], 2, 1, precision, power=0.0)
        self.trust = self.add_weight(shape=(2,), initializer="ones", name="trust")
        self.built = True

    def call(self, amplitude: Any, layout: GroupCanvas, scale: Any, training: bool = False) -> Any:
        """Predict the object canvases of a batch.

        Parameters
        ----------
        amplitude : tensor (group * channel, N, N), float32
            Relative diffraction amplitude.
        layout : GroupCanvas
        scale : tensor ()
            Factor by which the caller multiplies the result.
        training : bool
            Whether to run only the reduced number of sweeps used for training.

        Returns
        -------
        tensor (group, rows, columns), complex64
        """
        sweeps = TRAINING_SWEEPS if training else PREDICTION_SWEEPS
        first, last = (tf.stop_gradient(canvas) for canvas in sweep_groups(amplitude, layout, sweeps))
        dose = tf.stop_gradient(layout.dose / tf.reduce_max(layout.dose, axis=(-2, -1), keepdims=True))
        parts = [tf.math.real(first) - 1, tf.math.imag(first), tf.math.real(last) - 1, tf.math.imag(last)]
        features = tf.stack([*parts, tf.sqrt(dose), 20 * dose / (20 * dose + 1)], axis=-1)
        amplitude_logit = inverse_activation(tf.abs(last) / tf.stop_gradient(scale), self.amp_activation)
        # Unlit pixels keep the flat start, because their phase would be noise.
        phase_logit = tf.math.angle(last) / math.pi * (dose / (dose + 0.02))
        correction = tf.cast(self._unet(features), tf.float32)
        modulus = activate_amplitude(correction[..., 0] + self.trust[0] * amplitude_logit, self.amp_activation)
        phase = math.pi * tf.tanh(correction[..., 1] + self.trust[1] * phase_logit)
        return as_complex(modulus) * phase_factor(phase)

    def _unet(self, features: Any) -> Any:
        skipped = []
        for level, encode in enumerate(self.encoder):
            features = apply(encode, features if level == 0 else halve(features))
            skipped.append(features)
        for level in reversed(range(LEVELS)):
            features = apply(self.decoder[level], tf.concat([upsample(features), skipped[level]], axis=-1))
        return self.head(features)


def inverse_activation(modulus: Any, name: str) -> Any:
    """Invert the amplitude activation; ``modulus`` is clipped to the range where gradients flow."""
    if name == "sigmoid":
        clipped = tf.clip_by_value(modulus, 0.02, 0.98)
        return tf.math.log(clipped / (1 - clipped))
    modulus = tf.maximum(modulus, 0.02)
    if name == "softplus":
        return tf.math.log(tf.math.expm1(modulus))
    if name == "relu":
        return modulus
    logit = modulus
    for _ in range(8):  # Newton's method on x * sigmoid(x); monotonic where the result is positive
        gate = tf.sigmoid(logit)
        logit = tf.maximum(logit - (logit * gate - modulus) / (gate * (1 + logit * (1 - gate))), 0.0)
    return logit
