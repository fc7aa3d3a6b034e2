"""Prediction with the TensorFlow network."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ptychopinn.backends.tensorflow.network import PtychoNetwork
from ptychopinn.config.model import ModelConfig
from ptychopinn.data.batches import BatchArrays


def group_signature(model: ModelConfig) -> tuple[Any, Any]:
    """Return the tensor specs of amplitude (group, channel, N, N) and offsets (group, channel, 2), both float32."""
    n, channels = model.N, model.gridsize**2
    return tf.TensorSpec((None, channels, n, n), tf.float32), tf.TensorSpec((None, channels, 2), tf.float32)


class TensorFlowPredict:
    """Predict canvases with a network.

    Parameters
    ----------
    network : PtychoNetwork
    device : str
        TensorFlow's device name, for example ``/CPU:0``.
    probe : array (mode, N, N), complex64, or None
        Relative probe; None uses the probe of the network.
    live : bool
        Whether to run only as many sweeps as in training, which takes less than half the time.
    """

    def __init__(
        self, network: PtychoNetwork, device: str, probe: NDArray[np.complex64] | None = None, live: bool = False
    ) -> None:
        self.network, self.device, self.probe, self.live = network, device, probe, live
        self._signature = (*group_signature(network.model), tf.TensorSpec((), tf.int32))
        self._graphs: dict[int, Any] = {}

    def __call__(
        self, batch: BatchArrays, shape: tuple[int, int], middle_trim: int
    ) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
        """Return objects and weights; see :class:`ptychopinn.backends.prediction.Predict`."""
        with tf.device(self.device):
            canvas, dose = self._graph(middle_trim)(batch.amplitude, batch.offsets_px, shape[0])
        return canvas.numpy(), dose.numpy()

    def _graph(self, middle_trim: int) -> Any:
        def predict(amplitude: Any, offsets_px: Any, side: Any) -> tuple[Any, Any]:
            result = self.network.predict_groups(amplitude, offsets_px, side, self.probe, training=self.live)
            return result.canvas, result.layout.central_dose(middle_trim)

        if middle_trim not in self._graphs:
            self._graphs[middle_trim] = tf.function(predict, input_signature=self._signature, autograph=False)
        return self._graphs[middle_trim]
