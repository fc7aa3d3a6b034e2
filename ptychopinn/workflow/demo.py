"""Simulate a scan, train, reconstruct, and compare with the ground truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.presets import own_execution_defaults, own_model_defaults, own_training_defaults
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data import npz
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Phase, Report, Stop, ignore, never
from ptychopinn.files.names import SCAN_FILE
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.results import ReconstructResult, TrainResult
from ptychopinn.workflow.reconstruct import reconstruct
from ptychopinn.workflow.run_folder import make_folder
from ptychopinn.workflow.train import train

_MINUTES = 3.0
_REFINE = IterativeConfig(sweeps=5)


@dataclass(frozen=True)
class DemoResult:
    """Results of the training and the reconstruction, and their main metrics."""

    data_file: Path
    train: TrainResult
    reconstruct: ReconstructResult
    summary: dict[str, float]


def demo(
    output_dir: Path,
    *,
    seed: int = 0,
    minutes: float = _MINUTES,
    positions: int = 400,
    report: Report = ignore,
    should_stop: Stop = never,
) -> DemoResult:
    """Simulate a scan, train for a few minutes, reconstruct with a short refinement, and compare with the ground truth.

    Parameters
    ----------
    output_dir : Path
        Folder for ``scan.npz`` and the files of training and reconstruction.
    seed : int
        Seed for the simulation and the training.
    minutes : float
        Training time in minutes.
    positions : int
        Number of scan positions.
    """
    output_dir = make_folder(Path(output_dir))
    report(Phase("simulating a scan"))
    scan_file = output_dir / SCAN_FILE
    arrays = simulate_scan(positions=positions, seed=seed)
    npz.write(scan_file, RawData(**arrays, diff3d_units="amplitude"))
    config = TrainingConfig(
        ModelConfig(**own_model_defaults()),
        **{**own_training_defaults(), "nepochs": 100_000},
        seed=seed,
        max_minutes=minutes,
    )
    execution = PyTorchExecutionConfig(**own_execution_defaults())
    trained = train(scan_file, output_dir, config, execution, report=report, should_stop=should_stop)
    result = reconstruct(trained.model_path, scan_file, output_dir, None, execution, refine=_REFINE, report=report)
    summary = {"r_factor": result.r_factor, "noise_floor": result.noise_floor, **result.metrics}
    return DemoResult(scan_file, trained, result, summary)
