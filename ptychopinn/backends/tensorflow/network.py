"""The complete model: the network, followed by illumination and far-field propagation."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ptychopinn.backends.method import START_SCALE
from ptychopinn.backends.tensorflow.blocks import ConfiguredLayer
from ptychopinn.backends.tensorflow.cnn import CnnNetwork
from ptychopinn.backends.tensorflow.far_field import frequencies, intensity
from ptychopinn.backends.tensorflow.group_canvas import GroupCanvas, as_complex
from ptychopinn.backends.tensorflow.unrolled import UnrolledNetwork
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig


class GroupObject(NamedTuple):
    """Objects of a batch of groups: canvases (group, rows, columns), complex, and the layout of the patches."""

    canvas: Any
    layout: GroupCanvas


@keras.saving.register_keras_serializable("ptychopinn")
class PtychoNetwork(ConfiguredLayer):
    """Predict objects from groups of patterns, and patterns from objects.

    All values are relative: amplitudes are divided by the scan's root mean square per pixel, so that
    the mean intensity per pixel is 1. The probe has a total power of N * N.

    Parameters
    ----------
    config : dict
        Fields of :class:`ptychopinn.config.model.ModelConfig`.
    modes : int
        Number of incoherent probe modes.
    side : int
        Minimum rows and columns of the canvas when the network is called as a layer.
    probe_trainable, scale_trainable : bool
    mixed : bool
        Whether the convolutions run in bfloat16.
    """

    def __init__(
        self,
        config: dict[str, Any],
        modes: int,
        side: int,
        probe_trainable: bool = False,
        scale_trainable: bool = True,
        mixed: bool = False,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.config, self.modes, self.side, self.mixed = dict(config), modes, side, mixed
        self.probe_trainable, self.scale_trainable = probe_trainable, scale_trainable
        self.model = ModelConfig(**config)
        n = self.model.N
        self.network = _architecture(self.model, "mixed_bfloat16" if mixed else "float32")
        self.probe_parts = self.add_weight(
            shape=(modes, n, n, 2), initializer="zeros", trainable=probe_trainable, name="probe_parts"
        )
        start = math.log(START_SCALE[self.model.amp_activation])
        self.log_scale = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(start), trainable=scale_trainable, name="log_scale"
        )
        self.built = True

    @classmethod
    def untrained(cls, config: TrainingConfig, modes: int, side: int, mixed: bool = False) -> PtychoNetwork:
        """Return a new network with random weights and without a probe."""
        trainable = config.probe_trainable, config.intensity_scale_trainable
        return cls(asdict(config.model), modes, side, *trainable, mixed, name="ptychography")

    def with_precision(self, mixed: bool) -> PtychoNetwork:
        """Return a copy whose convolutions run in bfloat16 if ``mixed``, otherwise in float32."""
        copy = PtychoNetwork(**{**self.arguments(), "mixed": mixed}, name=self.name)
        copy.set_weights(self.get_weights())
        return copy

    def set_probe(self, probe: NDArray[np.complexfloating]) -> None:
        """Set the probe (mode, N, N); its power is scaled to N * N."""
        relative = relative_probe(probe)
        self.probe_parts.assign(np.stack([relative.real, relative.imag], axis=-1))

    def take_weights(self, other: PtychoNetwork) -> None:
        """Copy all weights except the probe from another network with the same settings."""
        for mine, learned in zip(self.weights, other.weights, strict=True):
            if mine is not self.probe_parts:
                mine.assign(learned)

    @property
    def probe(self) -> Any:
        """The relative probe (mode, N, N), complex64, after masking."""
        parts = tf.convert_to_tensor(self.probe_parts)
        return self.masked(tf.complex(parts[..., 0], parts[..., 1]))

    def masked(self, probe: Any) -> Any:
        """Return a probe (mode, N, N), limited to a disk of radius N/4 if ``probe_mask`` is set."""
        if not self.model.probe_mask:
            return probe
        axis = tf.range(self.model.N, dtype=tf.float32) - self.model.N // 2
        disk = tf.square(axis)[:, None] + tf.square(axis) <= (self.model.N / 4) ** 2
        return probe * tf.cast(disk, probe.dtype)

    def predict_groups(
        self, amplitude: Any, offsets_px: Any, side: Any, probe: Any = None, *, training: bool = False
    ) -> GroupObject:
        """Predict the objects of a batch of groups.

        Parameters
        ----------
        amplitude : tensor (group, channel, N, N), float32
            Relative diffraction amplitude.
        offsets_px : tensor (group, channel, 2), float32
            Scan positions (y, x) relative to the group's origin.
        side : int or tensor ()
            Canvas rows and columns.
        probe : tensor (mode, N, N), complex64, or None
            Relative probe; None uses the probe of the network.
        training : bool
            Whether the architecture runs only the reduced number of sweeps used for training.
        """
        probe = self.probe if probe is None else self.masked(probe)
        scale, n = tf.exp(tf.convert_to_tensor(self.log_scale)), self.model.N
        unrolled, shared = isinstance(self.network, UnrolledNetwork), self.model.object_big
        alone = unrolled and not shared
        layout = GroupCanvas.build(tf.reshape(offsets_px, (-1, 1, 2)) if alone else offsets_px, probe, side)
        if unrolled:
            canvas = self.network(tf.reshape(amplitude, (-1, n, n)), layout, scale, training=training)
        else:
            patches = tf.reshape(self.network(amplitude), (-1, n, n))
            target = layout if shared else GroupCanvas.build(tf.zeros_like(offsets_px[:, :1]), probe, side)
            canvas = target.merge(patches) if shared else target.place(patches)
        return GroupObject(as_complex(scale) * canvas, layout)

    def patterns(self, result: GroupObject) -> Any:
        """Return the expected relative intensities (group * channel, N, N) of predicted groups."""
        exit_wave = result.layout.probe * result.layout.extract(result.canvas)[:, None]
        sigma = self.model.gaussian_smoothing_sigma
        return intensity(smooth(exit_wave, sigma) if sigma > 0 else exit_wave)

    def call(self, amplitude: Any, offsets_px: Any) -> tuple[Any, Any]:
        """Return one canvas per group, (group, rows, columns), and the expected intensities (group, channel, N, N)."""
        # Groups that reach further than those of the training get a larger canvas.
        n = self.model.N
        reach = tf.cast(tf.reduce_max(tf.abs(offsets_px)) + 1.5, tf.int32)
        side = tf.maximum(self.side, (n + 2 * reach + 7) // 8 * 8)
        result = self.predict_groups(amplitude, offsets_px, side)
        channels = self.model.gridsize**2
        canvas = result.canvas
        if isinstance(self.network, UnrolledNetwork) and not self.model.object_big:
            shape = (-1, channels, side, side)
            dose = as_complex(tf.reshape(result.layout.dose, shape))
            shared = tf.reduce_sum(dose * tf.reshape(canvas, shape), axis=1)
            canvas = shared / as_complex(tf.maximum(tf.math.real(tf.reduce_sum(dose, axis=1)), 1e-12))
        return canvas, tf.reshape(self.patterns(result), (-1, channels, n, n))

    def compute_output_spec(self, amplitude: Any, offsets_px: Any) -> tuple[Any, Any]:
        """Return the shapes and dtypes of the results of :meth:`call`."""
        n, channels = self.model.N, self.model.gridsize**2
        canvas = keras.KerasTensor((amplitude.shape[0], None, None), dtype="complex64")
        return canvas, keras.KerasTensor((amplitude.shape[0], channels, n, n), dtype="float32")


def relative_probe(probe: NDArray[np.complexfloating]) -> NDArray[np.complex64]:
    """Scale a probe (mode, N, N) to a total power of N * N."""
    power = float(np.sum(np.abs(probe) ** 2))
    return np.asarray(probe, np.complex64) * np.float32(probe.shape[-1] / math.sqrt(power))


def _architecture(config: ModelConfig, precision: str) -> Any:
    if config.architecture == "unrolled":
        return UnrolledNetwork(config.n_filters_scale, config.amp_activation, precision)
    inputs = config.gridsize**2
    outputs, options = inputs if config.object_big else 1, (config.pad_object, config.probe_big)
    return CnnNetwork(config.N, inputs, outputs, config.n_filters_scale, config.amp_activation, *options, precision)


def smooth(field: Any, sigma_px: float) -> Any:
    """Convolve complex fields (..., N, N) with a periodic Gaussian of standard deviation ``sigma_px``."""
    fy, fx = (frequencies(n) for n in field.shape[-2:])
    envelope = tf.exp(-2 * (math.pi * sigma_px) ** 2 * (tf.square(fy)[:, None] + tf.square(fx)))
    return tf.signal.ifft2d(tf.signal.fft2d(field) * as_complex(envelope))
