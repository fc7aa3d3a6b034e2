"""The ``cnn`` architecture: an encoder, and one decoder each for amplitude and phase."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from ptychopinn.backends.method import BLOCK_POWER, HEAD_POWER, START_LOGIT, cnn_widths, decoder_plan
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
from ptychopinn.backends.tensorflow.group_canvas import as_complex


@keras.saving.register_keras_serializable("ptychopinn")
class Decoder(ConfiguredLayer):
    """Blocks of two convolutions and up-sampling, followed by heads for the centre and the outer region.

    Parameters
    ----------
    channels : int
        Object patches per group.
    widths : list of int
        Number of features of each encoder block.
    pad_object, probe_big : bool
    precision : str
        Keras dtype policy of the convolutions.
    """

    def __init__(
        self, channels: int, widths: list[int], pad_object: bool, probe_big: bool, precision: str, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.channels, self.widths, self.precision = channels, list(widths), precision
        self.pad_object, self.probe_big = pad_object, probe_big
        plan = decoder_plan(widths, pad_object)
        self.blocks = [double_convolution(*each, precision, BLOCK_POWER) for each in plan]
        self.centre = convolution(widths[0], channels, 3, precision, power=HEAD_POWER)
        outer = pad_object and probe_big
        self.outer = convolution(widths[0], channels, 3, precision, power=HEAD_POWER) if outer else None
        self.built = True

    def call(self, bottleneck: Any) -> tuple[Any, Any]:
        """Return the centre at full resolution, and the full field at half resolution (None if not used)."""
        features = bottleneck
        for number, block in enumerate(self.blocks):
            features = apply(block, features if number == 0 else upsample(features))
        centre = tf.cast(self.centre(features), tf.float32)
        return centre, None if self.outer is None else tf.cast(self.outer(features), tf.float32)


@keras.saving.register_keras_serializable("ptychopinn")
class CnnNetwork(ConfiguredLayer):
    """Predict object patches from the patterns of a group: one per pattern, or one per group.

    Parameters
    ----------
    n : int
        Side of the patterns in pixels.
    inputs, outputs : int
        Patterns per group, and object patches per group.
    n_filters_scale : int
    amp_activation : str
    pad_object, probe_big : bool
    precision : str
        Keras dtype policy of the convolutions.
    """

    def __init__(
        self,
        n: int,
        inputs: int,
        outputs: int,
        n_filters_scale: int,
        amp_activation: str,
        pad_object: bool,
        probe_big: bool,
        precision: str,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.n, self.inputs, self.outputs = n, inputs, outputs
        self.n_filters_scale, self.amp_activation, self.precision = n_filters_scale, amp_activation, precision
        self.pad_object, self.probe_big = pad_object, probe_big
        widths = cnn_widths(n, n_filters_scale)
        plan = zip([inputs, *widths[:-1]], widths, strict=True)
        self.encoder = [double_convolution(*each, precision, BLOCK_POWER) for each in plan]
        self.amplitude = Decoder(outputs, widths, pad_object, probe_big, precision)
        self.phase = Decoder(outputs, widths, pad_object, probe_big, precision)
        self.built = True

    def call(self, amplitude: Any) -> Any:
        """Map relative amplitude (group, channel, N, N) to object patches (group, patch, N, N), complex64."""
        bottleneck = tf.transpose(amplitude, (0, 2, 3, 1))
        for block in self.encoder:
            bottleneck = halve(apply(block, bottleneck))

        def activate(logit: Any) -> Any:
            return activate_amplitude(logit + START_LOGIT[self.amp_activation], self.amp_activation)

        def turn(logit: Any) -> Any:
            return math.pi * tf.tanh(logit)

        modulus = self._assemble(self.amplitude(bottleneck), activate)
        phase = self._assemble(self.phase(bottleneck), turn)
        return tf.transpose(as_complex(modulus) * phase_factor(phase), (0, 3, 1, 2))

    def _assemble(self, parts: tuple[Any, Any], activate: Callable[[Any], Any]) -> Any:
        """Place the centre in the full field, surrounded by the outer region or zeros."""
        centre, outer = activate(parts[0]), parts[1]
        if not self.pad_object:
            return centre
        side = self.n // 2
        low = (self.n - side) // 2
        border = [[0, 0], [low, self.n - side - low], [low, self.n - side - low], [0, 0]]
        padded = tf.pad(centre, border)
        if outer is None:
            return padded
        field = tf.image.resize(activate(outer), (self.n, self.n), "bilinear")
        return tf.where(tf.pad(tf.ones_like(centre), border) > 0, padded, field)
