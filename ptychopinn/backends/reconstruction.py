"""Base classes for the models and backends of both frameworks: train, save, reconstruct."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.base import History, Reconstruction, TrainingJob
from ptychopinn.backends.prediction import Predict, predict_object
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.data.cover import cover_scan
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError
from ptychopinn.events import Phase, Report, Stop
from ptychopinn.physics.scaling import normalise_probe
from ptychopinn.stitching.object_grid import ObjectGrid
from ptychopinn.stitching.reassemble import Stitcher

_logger = logging.getLogger("ptychopinn")

# The probe_scale at which an empty object has amplitude 1.
_NEUTRAL_PROBE_SCALE = 4.0


class Trained(Protocol):
    """Interface for the result of a training run, common to both frameworks."""

    @property
    def network(self) -> Any:
        """The trained network; its type depends on the framework."""

    @property
    def probe(self) -> NDArray[np.complex64]:
        """Probe (mode, N, N) after the training, in square roots of counts."""

    @property
    def history(self) -> History:
        """Outcome of the training, with the losses of each epoch."""


T = TypeVar("T", bound=Trained)


class NetworkModel(ABC, Generic[T]):
    """A trained network of either framework, and its settings."""

    def __init__(self, trained: T, config: TrainingConfig) -> None:
        self.trained, self.config = trained, config
        self.history = trained.history

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write the model archive (``wts.h5.zip``) atomically."""

    def save_snapshot(self, path: Path) -> None:
        """Write the model archive during training; parts that are slow to write may be omitted."""
        self.save(path)

    @abstractmethod
    def illuminated_by(self, probe: NDArray[np.complex64], accelerator: str) -> AbstractContextManager[Predict]:
        """Return a context manager for predictions with the given probe (mode, N, N) on the chosen device."""

    def reconstruct(
        self,
        data: RawData,
        config: InferenceConfig,
        execution: PyTorchExecutionConfig | None,
        report: Report,
        should_stop: Stop,
    ) -> Reconstruction:
        """Predict the object of a scan, stitched on the pixel grid of the scan positions.

        Raises
        ------
        DataError
            The pattern size differs from that of the model.
        """
        execution = execution or PyTorchExecutionConfig(accelerator="auto")
        started = time.monotonic()
        model = self.config.model
        if data.pattern_size != model.N:
            raise DataError(
                f"the patterns are {data.pattern_size} pixels wide, but the model was trained with N = {model.N}",
                f"patterns of {model.N} x {model.N} pixels",
                "Crop or pad the patterns, or train a model for this size.",
            )
        members = model.gridsize**2
        scan = GroupedScan.build(data, members, members)
        groups = cover_scan(data.positions_px, members, times=4 if config.enable_oversampling else 2)
        if config.n_groups is not None:
            groups = groups[: config.n_groups]
        own = self.config.probe_trainable or data.probeGuess is None
        mean_counts = data.mean_counts()
        probe = normalise_probe(self.trained.probe if own else data.probe_modes, mean_counts)
        shape = (0, 0) if data.objectGuess is None else np.shape(data.objectGuess)[-2:]
        grid = ObjectGrid.of_scan(data.positions_px, data.pattern_size, (int(shape[0]), int(shape[1])))
        stitcher = Stitcher(grid.shape, grid.shift_px)
        _logger.debug(
            "groups %s, object %s, probe %s; group radius %.1f px", groups.shape, grid.shape, probe.shape, scan.reach_px
        )
        report(Phase("predicting"))
        with self.illuminated_by(probe, execution.accelerator) as predict:
            predict_object(
                predict,
                scan,
                groups,
                stitcher,
                groups_per_batch=execution.inference_batch_size,
                middle_trim=execution.middle_trim,
                report=report,
                should_stop=should_stop,
            )
        brightness = np.float32(model.probe_scale / _NEUTRAL_PROBE_SCALE)
        return Reconstruction(
            (stitcher.result() / brightness).astype(np.complex64),
            (probe * brightness).astype(np.complex64),
            grid.positions(data.positions_px),
            stitcher.weight,
            time.monotonic() - started,
        )


M = TypeVar("M", bound=NetworkModel[Any])


class NetworkBackend(Generic[T, M]):
    """Train and load the models of one framework.

    Parameters
    ----------
    name : str
    model : callable
        Creates the model from a trained network and its settings.
    train : callable
        Trains a network; called with a job, ``report``, ``should_stop``, ``start`` (network or None) and ``save``
        (callable or None).
    load : callable
        Reads a trained network and its settings from an archive.
    """

    def __init__(
        self,
        name: str,
        model: Callable[[T, TrainingConfig], M],
        train: Callable[..., T],
        load: Callable[[Path], tuple[T, TrainingConfig]],
    ) -> None:
        self.name, self._model, self._train, self._load = name, model, train, load

    def train(self, job: TrainingJob, report: Report, should_stop: Stop) -> M:
        """Train a model on a scan; a stop request ends training after the current batch and keeps the best weights."""
        start = self._load(job.start_from)[0].network if job.start_from else None
        snapshot = job.snapshot

        def save(trained: T) -> None:
            if snapshot is not None:
                self._model(trained, job.config).save_snapshot(snapshot)

        trained = self._train(job, report, should_stop, start=start, save=save if snapshot else None)
        return self._model(trained, job.config)

    def load(self, archive: Path) -> M:
        """Load the model in an archive."""
        return self._model(*self._load(archive))
