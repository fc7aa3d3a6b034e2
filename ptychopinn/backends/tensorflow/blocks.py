"""Building blocks of the networks."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import tensorflow as tf

# Power of the first weights times the number of inputs; PyTorch's own, so that both backends start alike. So is the
# spread of the bias: from zero, the networks leave more light in dark pixels.
_PLAIN = 1 / 3


class ConfiguredLayer(keras.layers.Layer):  # type: ignore[misc]
    """A float32 layer that stores each constructor argument in an attribute of the same name, so Keras can save it."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**{"dtype": "float32", **keywords})

    def arguments(self) -> dict[str, Any]:
        """Return the constructor arguments, without those of the Keras base class."""
        _, *parameters = inspect.signature(type(self).__init__).parameters.values()
        return {each.name: getattr(self, each.name) for each in parameters if each.kind is not each.VAR_KEYWORD}

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments, including those of the Keras base class."""
        return {**super().get_config(), **self.arguments()}


def convolution(
    inputs: int, outputs: int, size: int, precision: str, *, power: float = _PLAIN, relu: bool = False
) -> Any:
    """Return a built, same-padded convolution for features (batch, rows, columns, channel).

    ``power`` is the mean square of the initial weights times the fan-in. The bias starts at zero unless
    ``power`` is the default.
    """
    bound = (inputs * size**2) ** -0.5
    options = {
        "kernel_initializer": keras.initializers.VarianceScaling(power, "fan_in", "uniform") if power else "zeros",
        "bias_initializer": keras.initializers.RandomUniform(-bound, bound) if power == _PLAIN else "zeros",
        "activation": "relu" if relu else None,
    }
    layer = keras.layers.Conv2D(outputs, size, padding="same", dtype=precision, **options)
    layer.build((None, None, None, inputs))
    return layer


def double_convolution(inputs: int, outputs: int, precision: str, power: float = _PLAIN) -> list[Any]:
    """Return two 3 x 3 same-padded convolutions with ReLU."""
    return [convolution(each, outputs, 3, precision, power=power, relu=True) for each in (inputs, outputs)]


def apply(layers: list[Any], features: Any) -> Any:
    """Pass features through the layers in order."""
    for layer in layers:
        features = layer(features)
    return features


def halve(features: Any) -> Any:
    """Halve the rows and columns of features (batch, rows, columns, channel) by max-pooling."""
    return tf.nn.max_pool2d(features, 2, 2, "VALID")


def upsample(features: Any) -> Any:
    """Double the rows and columns of features (batch, rows, columns, channel)."""
    return tf.repeat(tf.repeat(features, 2, axis=1), 2, axis=2)


def activate_amplitude(logit: Any, name: str) -> Any:
    """Convert a network output to an amplitude >= 0 with the named activation (for swish, its absolute value)."""
    activations = {"sigmoid": tf.sigmoid, "softplus": tf.nn.softplus, "relu": tf.nn.relu}
    return activations[name](logit) if name in activations else tf.abs(tf.nn.silu(logit))
