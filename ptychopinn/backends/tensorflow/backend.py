"""The TensorFlow backend as used by the workflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.prediction import Predict
from ptychopinn.backends.reconstruction import NetworkBackend, NetworkModel
from ptychopinn.backends.tensorflow.devices import choose_device
from ptychopinn.backends.tensorflow.inference import TensorFlowPredict
from ptychopinn.backends.tensorflow.network import relative_probe
from ptychopinn.backends.tensorflow.saving import NAME, load_archive, save_archive
from ptychopinn.backends.tensorflow.training import TrainedNetwork, train_network


class TensorFlowModel(NetworkModel[TrainedNetwork]):
    """A trained TensorFlow model and its settings."""

    def save(self, path: Path) -> None:
        """Write the model archive atomically."""
        save_archive(path, self.trained, self.config)

    def save_snapshot(self, path: Path) -> None:
        """Write the model archive without the SavedModel, whose tracing takes seconds."""
        save_archive(path, self.trained, self.config, with_saved_model=False)

    @contextmanager
    def illuminated_by(self, probe: NDArray[np.complex64], accelerator: str) -> Iterator[Predict]:
        """Yield a function that predicts with the given probe (mode, N, N) on the chosen device."""
        yield TensorFlowPredict(self.trained.network, choose_device(accelerator), relative_probe(probe))


BACKEND = NetworkBackend(NAME, TensorFlowModel, train_network, load_archive)
