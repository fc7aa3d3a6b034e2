"""Patterns per second of both backends in training, measured one after the other in one run.

Run: ``python tests/benchmarks/backends.py``
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from ptychopinn.backends import registry
from ptychopinn.backends.base import TrainingJob
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Batch, Event, never
from ptychopinn.physics.simulate import simulate_scan

MINUTES = 0.4
# Architecture, gridsize, batch size.
CASES = (("unrolled", 4, 2), ("cnn", 1, 16), ("cnn", 2, 8))


def patterns_per_second(backend: str, architecture: str, gridsize: int, batch_size: int, precision: str) -> float:
    """Training speed after the first quarter, when everything is warm."""
    scan = RawData(**simulate_scan(64, 400, 1e6, 0))
    model = ModelConfig(N=64, architecture=architecture, gridsize=gridsize)
    config = TrainingConfig(model, batch_size=batch_size, neighbor_count=24, nepochs=100_000, max_minutes=MINUTES)
    execution = PyTorchExecutionConfig(precision=precision, enable_checkpointing=False, logger_backend="none")
    seen: list[tuple[float, int]] = []

    def note(event: Event) -> None:
        if isinstance(event, Batch):
            seen.append((time.monotonic(), (event.epoch - 1) * event.batches + event.batch))

    with TemporaryDirectory() as folder:
        registry.load(backend).train(TrainingJob(scan, config, Path(folder), execution), note, never)
    (began, first), (ended, last) = seen[len(seen) // 4], seen[-1]
    return (last - first) * batch_size * gridsize**2 / (ended - began)


def main() -> None:
    """Print a line for every case."""
    for case in CASES:
        for precision in ("32-true", "bf16-mixed"):
            speeds = {}
            for backend in registry.NAMES:
                # A process of its own: two frameworks in one would share threads.
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                    speeds[backend] = pool.submit(patterns_per_second, backend, *case, precision).result()
            told = ", ".join(f"{name} {speed:.0f}" for name, speed in speeds.items())
            ratio = speeds["tensorflow"] / speeds["pytorch"] if len(speeds) == 2 else float("nan")
            print(f"{case[0]}, gridsize {case[1]}, {precision}: {told} patterns/s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
