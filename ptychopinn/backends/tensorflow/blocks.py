"""Convolution blocks that the networks are made of."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def convolution(inputs: int, outputs: int, size: int, precision: str, *, zero: bool = False, relu: bool = False) -> Any:
    """Return a built, same-padded convolution on (batch, rows, columns, channel)."""
    # The spread of PyTorch's default, so that both backends start alike.
    spread = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")
    layer = keras.layers.Conv2D(
        outputs,
        size,
        padding="same",
        activation="relu" if relu else None,
        kernel_initializer="zeros" if zero else spread,
        dtype=precision,
    )
    layer.build((None, None, None, inputs))
    return layer


def double_convolution(inputs: int, outputs: int, precision: str) -> list[Any]:
    """Return two 3 x 3 same-padded convolutions with ReLU."""
    return [
        convolution(inputs, outputs, 3, precision, relu=True),
        convolution(outputs, outputs, 3, precision, relu=True),
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
