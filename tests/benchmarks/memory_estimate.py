"""Peak memory of small trainings against the estimate that the app shows, measured one process after the other.

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

from ptychopinn.backends import registry
from ptychopinn.backends.base import TrainingJob
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.workflow.events import ignore, never

PATTERNS = 150
NEIGHBOURS = 24


class Case(NamedTuple):
    """What a training is made of."""

    architecture: str
    n: int
    gridsize: int
    batch_size: int
    width: int = 2


CASES = (
    Case("unrolled", 64, 2, 4),
    Case("unrolled", 64, 2, 16),
    Case("unrolled", 64, 4, 4),
    Case("unrolled", 64, 4, 16),
    Case("unrolled", 64, 4, 4, 4),
    Case("unrolled", 32, 2, 16),
    Case("cnn", 64, 2, 4),
    Case("cnn", 64, 2, 16),
    Case("cnn", 64, 1, 16),
    Case("cnn", 64, 4, 4),
    Case("cnn", 64, 2, 16, 4),
    Case("cnn", 32, 2, 16),
)


def peak_bytes(backend: str, case: Case, precision: str = "32-true") -> int:
    """Train two batches, and one that judges, and give the process's peak of resident memory."""
    scan = RawData(**simulate_scan(case.n, PATTERNS, 1e6, 0))
    model = ModelConfig(
        N=case.n, architecture=case.architecture, gridsize=case.gridsize, n_filters_scale=case.width
    )
    config = TrainingConfig(model, batch_size=case.batch_size, neighbor_count=NEIGHBOURS, nepochs=1, backend=backend)
    execution = PyTorchExecutionConfig(accelerator="cpu", precision=precision, enable_checkpointing=False, logger_backend="none")
    with TemporaryDirectory() as folder:
        job = TrainingJob(scan, config, Path(folder), execution, groups_per_epoch=2 * case.batch_size)
        registry.load(backend).train(job, ignore, never)
    # Linux counts in kilobytes, macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(backends: list[str]) -> None:
    """Print a line for every case."""
    for backend in backends:
        for case in CASES:
            # A process of its own: its peak is that of this case alone.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                measured = pool.submit(peak_bytes, backend, case).result()
            print(f"{backend} {tuple(case)}: {measured / 2**30:.2f} GB", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(registry.available()))
