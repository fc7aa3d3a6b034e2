"""Convolution blocks that the networks are made of."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

# Power of the first weights times the number of inputs; PyTorch's own, so that both backends start alike. So is the
# spread of the bias: from zero, the networks leave more light in dark pixels.
_PLAIN = 1 / 3


def convolution(
    inputs: int, outputs: int, size: int, precision: str, *, power: float = _PLAIN, relu: bool = False
) -> Any:
    """Return a built, same-padded convolution on (batch, rows, columns, channel).

    At zero ``power`` it starts at 0; only at the plain one does it start with a bias.
    """
    spread = keras.initializers.VarianceScaling(power, "fan_in", "uniform") if power else "zeros"
    bound = (inputs * size**2) ** -0.5
    bias = keras.initializers.RandomUniform(-bound, bound) if power == _PLAIN else "zeros"
    layer = keras.layers.Conv2D(
        outputs,
        size,
        padding="same",
        activation="relu" if relu else None,
        kernel_initializer=spread,
        bias_initializer=bias,
        dtype=precision,
    )
    layer.build((None, None, None, inputs))
    return layer


def double_convolution(inputs: int, outputs: int, precision: str, power: float = _PLAIN) -> list[Any]:
    """Return two 3 x 3 same-padded convolutions with ReLU."""
    return [
        convolution(inputs, outputs, 3, precision, power=power, relu=True),
        convolution(outputs, outputs, 3, precision, power=power, relu=True),
    ]


def apply(layers: list[Any], features: Any) -> Any:
    """Send features through layers in their order."""
    for layer in layers:
        features = layer(features)
    return features


def halve(features: Any) -> Any:
    """Max-pool (batch, rows, columns, channel) to half the rows and columns."""
    return tf.nn.max_pool2d(features, 2, 2, "VALID")


def upsample(features: Any) -> Any:
    """Double the rows and columns of (batch, rows, columns, channel)."""
    return tf.repeat(tf.repeat(features, 2, axis=1), 2, axis=2)


def activate_amplitude(logit: Any, name: str) -> Any:
    """Turn a network output into an amplitude >= 0 by ``amp_activation``; swish is taken by magnitude."""
    if name == "sigmoid":
        return tf.sigmoid(logit)
    if name == "softplus":
        return tf.nn.softplus(logit)
    if name == "relu":
        return tf.nn.relu(logit)
    return tf.abs(tf.nn.silu(logit))
