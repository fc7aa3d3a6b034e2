"""Data records exchanged between a backend and the workflow."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import ConfigError


@dataclass(frozen=True)
class TrainingJob:
    """Input of a training run.

    Attributes
    ----------
    groups_per_epoch : int or None
        Number of groups per epoch; None: enough to use each pattern about four times, or once with grid size 1.
    start_from : Path or None
        Archive of the model that provides the initial weights; None: random weights.
    snapshot : Path or None
        File in which the best weights are saved during training; None: no such file is written.
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
    """Outcome of a training run, with the losses of each epoch; ``best_epoch`` is counted from 1."""

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
        Object; 1 where the sample was not illuminated.
    probe : array (mode, N, N), complex64
        Probe that matches the object, in square roots of counts.
    positions_px : array (position, 2), float64
        Scan positions (y, x): the object pixel under probe index ``[N//2, N//2]``.
    dose : array (rows, columns), float32
        Summed probe intensity per object pixel; zero where the sample was not illuminated.
    r_work, r_free : tuples of float
        R of the patterns in each sweep, and R of the free patterns after each sweep (None if not measured).
    stopped : bool
        Whether the sweeps were stopped early by request.
    """

    object_: NDArray[np.complex64]
    probe: NDArray[np.complex64]
    positions_px: NDArray[np.float64]
    dose: NDArray[np.float32]
    seconds: float = 0.0
    notices: tuple[str, ...] = field(default=())
    r_work: tuple[float, ...] = ()
    r_free: tuple[float | None, ...] = ()
    stopped: bool = False


def missing_accelerator(accelerator: str, backend: str) -> ConfigError:
    """Return the error for an accelerator that a backend cannot find on this machine."""
    return ConfigError(
        f"accelerator is {accelerator!r}, but {backend} finds no such device on this machine",
        "an available accelerator",
        "Set accelerator to 'auto' or 'cpu'.",
    )
