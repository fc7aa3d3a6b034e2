"""The two Keras models built from a network (API specification, section 4.4.1)."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from ptychopinn.backends.tensorflow.blocks import ConfiguredLayer
from ptychopinn.backends.tensorflow.network import PtychoNetwork

AUTOENCODER, DIFFRACTION_TO_OBJ = "autoencoder", "diffraction_to_obj"
# The mean summed intensity of normalised input is (N/2) squared, that of relative amplitude N squared.
_RELATIVE = 2.0


@keras.saving.register_keras_serializable("ptychopinn")
class IntensityScaler(ConfiguredLayer):
    """Multiply patterns by a constant and reorder their axes.

    Parameters
    ----------
    factor : float
    """

    def __init__(self, factor: float, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.factor = float(factor)

    def call(self, patterns: Any) -> Any:
        """Map (group, N, N, channel) to (group, channel, N, N)."""
        return tf.transpose(patterns, (0, 3, 1, 2)) * self.factor


@keras.saving.register_keras_serializable("ptychopinn")
class GroupOffsets(keras.layers.Layer):  # type: ignore[misc]
    """Convert the relative positions defined in the API specification to offsets."""

    def call(self, positions: Any) -> Any:
        """Map positions [x, y], shape (group, 1, 2, channel), to offsets (y, x), shape (group, channel, 2).

        The positions are vectors from scan points to the group's centre; the offsets point the other way.
        """
        return -tf.transpose(positions[:, 0, ::-1, :], (0, 2, 1))


@keras.saving.register_keras_serializable("ptychopinn")
class TrimObject(ConfiguredLayer):
    """Cut the central patch out of a canvas.

    Parameters
    ----------
    n : int
        Side of the patch in pixels.
    brightness : float
        Factor by which the object is divided; see ``probe_scale``.
    """

    def __init__(self, n: int, brightness: float, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.n, self.brightness = n, float(brightness)

    def call(self, canvas: Any) -> Any:
        """Map canvases (group, rows, columns), complex64, to patches (group, N, N, 1)."""
        low = tf.shape(canvas)[1] // 2 - self.n // 2
        patch = canvas[:, low : low + self.n, low : low + self.n, None]
        patch = tf.ensure_shape(patch, (None, self.n, self.n, 1))
        return patch / tf.cast(self.brightness, tf.complex64)

    def compute_output_spec(self, canvas: Any) -> Any:
        """Return the shape and dtype of the patches."""
        return keras.KerasTensor((canvas.shape[0], self.n, self.n, 1), dtype="complex64")


@keras.saving.register_keras_serializable("ptychopinn")
class PatternsLast(ConfiguredLayer):
    """Convert relative intensities to the scale and axis order of the model's input.

    Parameters
    ----------
    scale : float
        Ratio of the amplitude in the input's unit to the relative amplitude.
    root : bool
        Whether to return amplitude instead of intensity.
    """

    def __init__(self, scale: float, root: bool, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.scale, self.root = float(scale), root

    def call(self, intensity: Any) -> Any:
        """Map (group, channel, N, N) to (group, N, N, channel)."""
        last = tf.transpose(intensity, (0, 2, 3, 1))
        return self.scale * tf.sqrt(last) if self.root else self.scale**2 * last


def build_models(network: PtychoNetwork, intensity_scale: float) -> dict[str, Any]:
    """Return the float32 models ``autoencoder`` and ``diffraction_to_obj``, which share a copy of the network.

    Parameters
    ----------
    network : PtychoNetwork
    intensity_scale : float
        Factor that converts normalised amplitude to the unit of the caller's input (API specification, section 4.4).

    Returns
    -------
    dict of keras.Model
        Inputs ``input`` (group, N, N, channel) and ``input_positions`` (group, 1, 2, channel), float32.
        Output ``trimmed_obj`` (group, N, N, 1), complex64; the autoencoder adds ``pred_amplitude``, in the unit of
        the input, and ``pred_intensity``, its square, both (group, N, N, channel).
    """
    config = network.model
    n, channels = config.N, config.gridsize**2
    # Graph and eager calls round bfloat16 differently; callers compare them.
    exact = network.with_precision(mixed=False)
    patterns = keras.Input((n, n, channels), name="input", dtype="float32")
    positions = keras.Input((1, 2, channels), name="input_positions", dtype="float32")
    relative = IntensityScaler(_RELATIVE / intensity_scale, name="intensity_scaler")(patterns)
    canvas, intensity = exact(relative, GroupOffsets(name="group_offsets", dtype="float32")(positions))
    obj = TrimObject(n, config.probe_scale / 4.0, name="trimmed_obj")(canvas)
    unit = intensity_scale / _RELATIVE
    amplitude = PatternsLast(unit, True, name="pred_amplitude")(intensity)
    counts = PatternsLast(unit, False, name="pred_intensity")(intensity)
    inputs = [patterns, positions]
    return {
        AUTOENCODER: keras.Model(inputs, [obj, amplitude, counts], name=AUTOENCODER),
        DIFFRACTION_TO_OBJ: keras.Model(inputs, obj, name=DIFFRACTION_TO_OBJ),
    }


def network_of(model: Any) -> PtychoNetwork:
    """Return the network inside a model built by :func:`build_models`."""
    return next(layer for layer in model.layers if isinstance(layer, PtychoNetwork))
