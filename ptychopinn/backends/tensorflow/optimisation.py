"""One step of the optimiser, and the loss without one."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from ptychopinn.backends.batches import BatchArrays
from ptychopinn.backends.tensorflow.losses import training_loss
from ptychopinn.backends.tensorflow.network import PtychoNetwork
from ptychopinn.config.training import TrainingConfig

_GRADIENT_CLIP = 1.0
# The value of PyTorch; Keras' own 1e-7 holds small gradients back, and the same epochs end with a worse model.
_ADAM_EPSILON = 1e-8


class Optimisation:
    """Adam on the losses of the configuration, with clipped gradients.

    Parameters
    ----------
    network : PtychoNetwork
    config : TrainingConfig
    side : int
        Canvas rows and columns.
    device : str
        TensorFlow's name.
    clip : float or None
        Largest norm of the gradient; None is 1.
    accumulate : int
        Batches whose gradients are averaged before a step.
    has_truth, has_truth_in_validation : bool
        Whether the batches that train, and those that judge, have the true object.
    """

    def __init__(
        self,
        network: PtychoNetwork,
        config: TrainingConfig,
        side: int,
        device: str,
        clip: float | None = None,
        accumulate: int = 1,
        has_truth: bool = False,
        has_truth_in_validation: bool = False,
    ) -> None:
        self.network, self.config, self.side, self.device = network, config, side, device
        self.clip, self.accumulate = _GRADIENT_CLIP if clip is None else clip, accumulate
        with tf.device(device):
            self.optimizer = keras.optimizers.Adam(epsilon=_ADAM_EPSILON)
            self.optimizer.build(network.trainable_variables)
        self.has_truth = has_truth
        self._kept: list[Any] = []
        n, channels = network.model.N, network.model.gridsize**2
        signature = (
            tf.TensorSpec((None, channels, n, n), tf.float32),
            tf.TensorSpec((None, channels, 2), tf.float32),
            tf.TensorSpec((None, None, None), tf.complex64),
        )
        self._gradients = tf.function(self._loss_and_gradients, input_signature=signature, autograph=False)
        judge = partial(self._loss_of, has_truth=has_truth_in_validation)
        self._loss = tf.function(judge, input_signature=signature, autograph=False)
        self._apply = tf.function(self._clipped_step, autograph=False)

    def step(self, batch: BatchArrays, learning_rate: float, last: bool) -> Any:
        """Learn from a batch and return its loss; ``last`` says that no other batch follows in the epoch."""
        with tf.device(self.device):
            loss, gradients = self._gradients(*batch)
            self._kept.append(gradients)
            if len(self._kept) >= self.accumulate or last:
                self.optimizer.learning_rate.assign(learning_rate)
                count = len(self._kept)
                self._apply([sum(parts) / count for parts in zip(*self._kept, strict=True)] if count > 1 else gradients)
                self._kept.clear()
        return loss

    def loss(self, batch: BatchArrays) -> float:
        """Return the loss of a batch."""
        with tf.device(self.device):
            return float(self._loss(*batch))

    def _loss_of(self, amplitude: Any, offsets_px: Any, truth: Any, has_truth: bool, training: bool = False) -> Any:
        result = self.network.predict_groups(amplitude, offsets_px, self.side, training=training)
        return training_loss(self.network, result, amplitude, truth if has_truth else None, self.config)

    def _loss_and_gradients(self, amplitude: Any, offsets_px: Any, truth: Any) -> tuple[Any, list[Any]]:
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape:
            loss = self._loss_of(amplitude, offsets_px, truth, self.has_truth, training=True)
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        return loss, [
            tf.zeros_like(variable.value) if gradient is None else tf.convert_to_tensor(gradient)
            for gradient, variable in zip(gradients, variables, strict=True)
        ]

    def _clipped_step(self, gradients: list[Any]) -> None:
        if self.clip > 0:
            gradients, _ = tf.clip_by_global_norm(gradients, self.clip)
        self.optimizer.apply(gradients)
