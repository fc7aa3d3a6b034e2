"""Optimiser steps and validation loss."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from ptychopinn.backends.method import GRADIENT_CLIP
from ptychopinn.backends.tensorflow.inference import group_signature
from ptychopinn.backends.tensorflow.losses import training_loss
from ptychopinn.backends.tensorflow.network import PtychoNetwork
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.batches import BatchArrays

# The value of PyTorch; Keras' default 1e-7 slows small gradients, and the same epochs give a worse model.
_ADAM_EPSILON = 1e-8


class Optimisation:
    """Adam optimiser for the configured losses, with gradient clipping.

    Parameters
    ----------
    network : PtychoNetwork
    config : TrainingConfig
    side : int
        Canvas rows and columns.
    device : str
        TensorFlow's device name.
    execution : PyTorchExecutionConfig
        Provides the maximum gradient norm and the number of batches per step.
    truths : (bool, bool)
        Whether training and validation batches, respectively, contain the ground-truth object.
    """

    def __init__(
        self,
        network: PtychoNetwork,
        config: TrainingConfig,
        side: int,
        device: str,
        execution: PyTorchExecutionConfig,
        truths: tuple[bool, bool] = (False, False),
    ) -> None:
        self.network, self.config, self.side, self.device = network, config, side, device
        clip, self.accumulate = execution.gradient_clip_val, execution.accum_steps
        self.clip = GRADIENT_CLIP if clip is None else clip
        with tf.device(device):
            self.optimizer = keras.optimizers.Adam(epsilon=_ADAM_EPSILON)
            self.optimizer.build(network.trainable_variables)
        self._kept: list[Any] = []
        signature = (*group_signature(network.model), tf.TensorSpec((None, None, None), tf.complex64))
        learn, judge = partial(self._loss_and_gradients, truths[0]), partial(self._loss_of, truths[1])
        self._gradients = tf.function(learn, input_signature=signature, autograph=False)
        self._loss = tf.function(judge, input_signature=signature, autograph=False)
        self._apply = tf.function(self._clipped_step, autograph=False)

    def step(self, batch: BatchArrays, learning_rate: float, last: bool) -> Any:
        """Train on a batch and return its loss; ``last`` marks the last batch of the epoch."""
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

    def _loss_of(self, has_truth: bool, amplitude: Any, offsets_px: Any, truth: Any, *, training: bool = False) -> Any:
        result = self.network.predict_groups(amplitude, offsets_px, self.side, training=training)
        return training_loss(self.network, result, amplitude, truth if has_truth else None, self.config)

    def _loss_and_gradients(self, has_truth: bool, *batch: Any) -> tuple[Any, list[Any]]:
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape:
            loss = self._loss_of(has_truth, *batch, training=True)
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        return loss, [
            tf.zeros_like(variable.value) if gradient is None else tf.convert_to_tensor(gradient)
            for gradient, variable in zip(gradients, variables, strict=True)
        ]

    def _clipped_step(self, gradients: list[Any]) -> None:
        if self.clip > 0:
            gradients, _ = tf.clip_by_global_norm(gradients, self.clip)
        self.optimizer.apply(gradients)
