"""Patterns per second of both architectures, measured side by side in one run.

Run: ``python tests/benchmarks/architectures.py``
"""

from __future__ import annotations

import os
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from ptychopinn.backends.torch.datamodule import GroupDataset
from ptychopinn.backends.torch.losses import relative_deviance
from ptychopinn.backends.torch.network import PtychoNetwork
from ptychopinn.backends.torch.precision import use_bfloat16
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import GroupedScan, canvas_side
from ptychopinn.data.cover import cover_scan
from ptychopinn.data.raw_data import RawData
from ptychopinn.physics.simulate import simulate_scan

PATTERNS = 32
REPEATS = 5


def patterns_per_second(scan: RawData, architecture: str, gridsize: int) -> tuple[float, float]:
    """Training and prediction speed of one architecture."""
    members = gridsize**2
    grouped = GroupedScan.build(scan, members, members)
    side = canvas_side(scan.pattern_size, grouped.reach_px)
    config = ModelConfig(N=scan.pattern_size, architecture=architecture, gridsize=gridsize)
    network = PtychoNetwork(TrainingConfig(config))
    network.set_probe(scan.probe_modes)
    network.mixed = use_bfloat16("auto", torch.device("cpu"))
    dataset = GroupDataset(grouped, cover_scan(scan.positions_px, members), (side, side), truth=False)
    batch = dataset.__getitems__(list(range(PATTERNS // members)))
    optimizer = torch.optim.Adam(network.parameters())

    def train() -> None:
        result = network(batch.amplitude, batch.offsets_px, (side, side))
        loss = relative_deviance(batch.amplitude.flatten(0, 1), network.patterns(result))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def predict() -> None:
        with torch.inference_mode():
            network(batch.amplitude, batch.offsets_px, (side, side))

    speeds = []
    for action in (train, predict):
        action()
        began = time.perf_counter()
        for _ in range(REPEATS):
            action()
        speeds.append(REPEATS * len(batch.amplitude) * members / (time.perf_counter() - began))
    return speeds[0], speeds[1]


def main() -> None:
    """Print the speeds and their ratios."""
    scan = RawData(**simulate_scan(n=64, positions=150))
    first: tuple[float, float] | None = None
    for architecture, gridsize in (("cnn", 1), ("cnn", 2), ("unrolled", 2), ("unrolled", 4)):
        speeds = patterns_per_second(scan, architecture, gridsize)
        first = first or speeds
        ratio = tuple(a / b for a, b in zip(speeds, first, strict=True))
        print(
            f"{architecture:9} gridsize {gridsize}: training {speeds[0]:6.0f} patterns/s ({ratio[0]:.2f} x cnn 1), "
            f"prediction {speeds[1]:6.0f} patterns/s ({ratio[1]:.2f} x)"
        )


if __name__ == "__main__":
    main()
