"""How many sweeps the iterative engine needs to the noise floor: from a network's object, and from an empty one.

Each scan is trained on, reconstructed, and refined; both starts have the same probe. Prints one Markdown table; a
dash means that R was not reached within the most sweeps tried, and its lowest R stands beside it.

Run: ``python tests/benchmarks/sweeps_to_floor.py scan.npz [scan.npz ...] --output sweeps --minutes 2``
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np

from ptychopinn import IterativeConfig, ModelConfig, TrainingConfig, reconstruct, train
from ptychopinn.backends.iterative import IterativeStart
from ptychopinn.config.presets import own_model_defaults, own_training_defaults
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.read_scan import read_scan
from ptychopinn.events import ignore, never
from ptychopinn.physics.scaling import normalise_probe
from ptychopinn.product import npz
from ptychopinn.quality.rfactor import r_factor
from ptychopinn.workflow.iterate import Iteration

_NEAR = 1.05
_SWEEPS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 60, 80, 120)


def main() -> None:
    """Train, then count the sweeps of both starts, scan by scan."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scans", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True, help="folder for models and results")
    parser.add_argument("--minutes", type=float, default=2.0, help="training time on each scan")
    parser.add_argument("--backend", choices=("pytorch", "tensorflow"), default="pytorch")
    parser.add_argument("--modes", type=int, default=None, help="probe modes of the sweeps")
    args = parser.parse_args()
    print(f"| scan | floor | raw R | sweeps to {_NEAR} x floor, network | flat start |")
    print("| --- | --- | --- | --- | --- |")
    config = TrainingConfig(ModelConfig(**own_model_defaults()), **own_training_defaults())
    config.backend, config.nepochs, config.max_minutes = args.backend, 10_000, args.minutes
    for scan in args.scans:
        folder = args.output / f"{scan.stem}_{args.backend}"
        trained = train(scan, folder, config)
        raw = reconstruct(trained.model_path, scan, folder / "raw")
        data, _ = read_scan(scan, ignore)
        product = npz.read(raw.object_path)
        probe = normalise_probe(product.probe, data.mean_counts())
        cells = [
            _count(data, IterativeStart(start, probe, product.positions_px), args.modes)
            for start in (product.object_, np.ones_like(product.object_))
        ]
        print(f"| {scan.stem} | {raw.noise_floor:.4f} | {raw.r_factor:.4f} | " + " | ".join(cells) + " |", flush=True)


def _count(data: RawData, start: IterativeStart, modes: int | None) -> str:
    lowest = np.inf
    # The floor is that of the object at hand: a wrong object models wrong counts, and their noise.
    for sweeps in _SWEEPS:
        found = start
        if sweeps:
            config = IterativeConfig(sweeps=sweeps, modes=modes, stop_early=False)
            found = Iteration(data, config, None, ignore, never).solve(start)
        figure = r_factor(data, found.object_, found.probe, found.positions_px)
        assert figure is not None
        lowest = min(lowest, figure.r)
        if figure.r <= _NEAR * figure.noise_floor:
            return f"{sweeps} (R {figure.r:.4f})"
    return f"- (R {lowest:.4f})"


if __name__ == "__main__":
    main()
