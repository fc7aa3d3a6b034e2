"""Peak memory of small trainings against the estimate that the app shows, one process after the other.

Run: ``python tests/benchmarks/memory_estimate.py [pytorch|tensorflow]``
"""

from __future__ import annotations

import os
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ptychopinn.backends import registry
from ptychopinn.backends.base import TrainingJob
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.checks import inspect
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import ignore, never
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn_app.checks.memory import training_bytes
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Scan, ScanPreview

PATTERNS = 150
NEIGHBOURS = 24


class Case(NamedTuple):
    """What a training is made of."""

    architecture: str
    n: int
    gridsize: int
    batch_size: int
    width: int = 2
    precision: str = "32-true"


CASES = (
    Case("unrolled", 32, 2, 16),
    Case("unrolled", 64, 2, 4),
    Case("unrolled", 64, 2, 16),
    Case("unrolled", 64, 2, 128),
    Case("unrolled", 64, 4, 4),
    Case("unrolled", 64, 4, 16),
    Case("unrolled", 64, 4, 64, precision="bf16-mixed"),
    Case("unrolled", 64, 4, 4, width=4),
    Case("unrolled", 128, 4, 16, width=4),
    Case("cnn", 32, 2, 16),
    Case("cnn", 64, 2, 4),
    Case("cnn", 64, 2, 16),
    Case("cnn", 64, 2, 128, precision="bf16-mixed"),
    Case("cnn", 64, 4, 4),
    Case("cnn", 64, 2, 16, width=4),
    Case("cnn", 128, 1, 64),
)


def precision_of(backend: str, case: Case) -> str:
    """Give the number format; the app leaves that of TensorFlow to the hardware."""
    return case.precision if backend == "pytorch" else "auto"


def simulated(case: Case) -> RawData:
    """Simulate a scan for a case."""
    return RawData(**simulate_scan(case.n, PATTERNS, 1e6, 0))


def peak_bytes(backend: str, case: Case) -> int:
    """Train two batches, and what judges them, and give the process's peak of resident memory."""
    model = ModelConfig(N=case.n, architecture=case.architecture, gridsize=case.gridsize, n_filters_scale=case.width)
    config = TrainingConfig(model, batch_size=case.batch_size, neighbor_count=NEIGHBOURS, nepochs=1, backend=backend)
    execution = PyTorchExecutionConfig(
        accelerator="cpu", precision=precision_of(backend, case), enable_checkpointing=False, logger_backend="none"
    )
    with TemporaryDirectory() as folder:
        job = TrainingJob(simulated(case), config, Path(folder), execution, groups_per_epoch=2 * case.batch_size)
        registry.load(backend).train(job, ignore, never)
    # Linux counts in kilobytes, macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def estimated_bytes(backend: str, case: Case) -> int | None:
    """Give what the app would say."""
    raw = simulated(case)
    summary = inspect(raw)
    nothing = raw.amplitude(slice(0, 1))[0]
    scan = Scan(Path("simulated.npz"), summary, preview=ScanPreview(raw.positions_px, None, nothing, nothing))
    config = JobSettings()
    config.backend = backend
    model = {
        "N": case.n,
        "architecture": case.architecture,
        "gridsize": case.gridsize,
        "n_filters_scale": case.width,
    }
    training = {"batch_size": case.batch_size, "neighbor_count": NEIGHBOURS, "n_groups": 2 * case.batch_size}
    for section, values in (("model", model), ("training", training), ("execution", {"precision": case.precision})):
        for field, value in values.items():
            config.set(section, field, value)
    return training_bytes(config, scan)


def main(backends: list[str]) -> None:
    """Print a line for every case."""
    for backend in backends:
        for case in CASES:
            # A process of its own: its peak is that of this case alone.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                measured = pool.submit(peak_bytes, backend, case).result()
            estimate = estimated_bytes(backend, case) or 0
            told = f"measured {measured / 2**30:.2f} GB, estimated {estimate / 2**30:.2f} GB"
            name = f"{case.architecture}, N {case.n}, gridsize {case.gridsize}, batch {case.batch_size}"
            name += f", width {case.width}, {precision_of(backend, case)}"
            print(f"{backend}: {name}: {told}, ratio {estimate / measured:.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(registry.NAMES))
