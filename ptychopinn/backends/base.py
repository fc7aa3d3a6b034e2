"""What a backend must offer, and what passes between it and the workflow."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Report, Stop


@dataclass(frozen=True)
class TrainingJob:
    """Everything that one training needs.

    ``groups_per_epoch`` None means: enough to use the whole scan; ``start_from`` is the archive of a model whose
    weights are the first ones, None: random weights; ``snapshot`` is where the best weights so far are saved
    while the training runs, None: nowhere.
    """

    train_data: RawData
    config: TrainingConfig
    output_dir: Path
    execution: PyTorchExecutionConfig | None = None
    test_data: RawData | None = None
    groups_per_epoch: int | None = None
    start_from: Path | None = None
    snapshot: Path | None = None


@dataclass(frozen=True)
class History:
    """Losses by epoch, and how the training ended; ``best_epoch`` counts from 1."""

    loss: tuple[float, ...] = ()
    val_loss: tuple[float, ...] = ()
    best_epoch: int = 0
    stopped: bool = False
    seconds: float = 0.0
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reconstruction:
    """A stitched object on the pixel grid of the scan positions.

    Attributes
    ----------
    object_ : array (rows, columns), complex64
        1 where no pattern saw the sample.
    probe : array (mode, N, N), complex64
        Probe in square roots of counts that goes with the object.
    positions_px : array (position, 2), float64
        (y, x), object pixel under probe index ``[N//2, N//2]``.
    dose : array (rows, columns), float32
        Summed probe intensity per object pixel; zero where no pattern saw the sample.
    """

    object_: NDArray[np.complex64]
    probe: NDArray[np.complex64]
    positions_px: NDArray[np.float64]
    dose: NDArray[np.float32]
    seconds: float = 0.0
    notices: tuple[str, ...] = field(default=())


class TrainedModel(Protocol):
    """A model that can be saved and can reconstruct scans."""

    history: History

    def save(self, path: Path) -> None:
        """Write the model archive (``wts.h5.zip``) atomically."""

    def reconstruct(
        self,
        data: RawData,
        config: InferenceConfig,
        execution: PyTorchExecutionConfig | None,
        report: Report,
        should_stop: Stop,
    ) -> Reconstruction:
        """Predict the object of a scan."""


class Backend(Protocol):
    """One framework's implementation of the method."""

    name: str

    def train(self, job: TrainingJob, report: Report, should_stop: Stop) -> TrainedModel:
        """Train a model on a scan; a request to stop ends it after the batch and keeps the weights."""

    def load(self, archive: Path) -> TrainedModel:
        """Open a model archive of this backend."""
