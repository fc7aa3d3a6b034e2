"""Small scans, settings and runs for the tests of the historic PyTorch names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.historic.raw_data import RawData
from ptychopinn.physics.simulate import simulate_scan

N = 16
QUIET = PyTorchExecutionConfig(logger_backend="none", precision="32-true", enable_checkpointing=False)


def arrays(positions: int = 30, seed: int = 1) -> dict[str, Any]:
    """A scan whose patterns are counts, with a complex probe of two modes."""
    found = simulate_scan(N, positions, 1e5, seed, step_px=2.0)
    probe = found["probeGuess"].reshape(-1, N, N)[0]
    modes = np.stack([probe, 0.2 * np.roll(probe, 2, axis=0)])
    return {**found, "diff3d": np.round(found["diff3d"] ** 2).astype(np.int32), "probeGuess": modes}


def scan(positions: int = 30, seed: int = 1) -> RawData:
    return RawData(**arrays(positions, seed))


def config(output_dir: Path, gridsize: int = 1, **fields: Any) -> TrainingConfig:
    model = ModelConfig(N=N, gridsize=gridsize, n_filters_scale=1, **fields.pop("model", {}))
    values = {"nepochs": 1, "n_groups": 16, "batch_size": 8, "backend": "pytorch", **fields}
    return TrainingConfig(model, output_dir=output_dir, **values)
