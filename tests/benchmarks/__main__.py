"""Benchmarks of the iterative engine: one table, one JSON file, one image.

``python -m tests.benchmarks`` measures six kinds of simulated scans in about ten minutes on two cores; ``--long`` all
twenty kinds with three seeds. Results are stored cell by cell in ``--output``, and a repeated run measures only missing
cells. ``--gpu`` measures rates only, on the GPU.

The classic method is rPIE with batches of 24 patterns and without free patterns. The bare loop is the shortest code
that makes such a sweep with a fixed probe: the ratio of the rates is the cost of everything else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import torch
from bare_loop import BareLoop
from kinds import KINDS, error_against, simulated

from ptychopinn.backends.sweep_schedule import Pace
from ptychopinn.backends.torch.iterative.solver import Solver
from ptychopinn.backends.torch.precision import choose_device
from ptychopinn.backends.torch.rfactor import r_factor
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.data import npz
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import ignore, never
from ptychopinn.files.atomic import atomic_path
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.workflow.iterate import Iteration, flat_start

_SHORT = ("overlap97", "zone_plate_cells", "sample85", "overlap60", "wide_probe", "sparse33")
_RUNS: dict[str, dict[str, Any]] = {
    "default 4": {"sweeps": 4},
    "default 8": {"sweeps": 8},
    "default 20": {"sweeps": 20},
    "classic 16": {"sweeps": 16, "method": "rPIE", "batch_size": 24, "free_fraction": 0},
    "classic 40": {"sweeps": 40, "method": "rPIE", "batch_size": 24, "free_fraction": 0},
}
_REPEATS = 5


class Cells:
    """Measured cells by name, stored after each one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.values: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}

    def measure(self, name: str, cell: Callable[[], Any]) -> Any:
        """Return a stored cell, or measure and store it."""
        if name not in self.values:
            self.values[name] = cell()
            with atomic_path(self._path) as temporary:
                temporary.write_text(json.dumps(self.values, indent=1))
        return self.values[name]


def convergence(kind: str, seed: int, run: str) -> dict[str, float]:
    """Reconstruct a scan from an empty object; return R, the error against the truth, and the seconds."""
    scan = simulated(KINDS[kind], seed)
    modes = KINDS[kind].modes if KINDS[kind].modes > 1 else None
    config = IterativeConfig(**{"stop_early": False, "modes": modes, **_RUNS[run]})
    started = time.perf_counter()
    solution = Iteration(scan.raw, config, None, ignore, never).solve(flat_start(scan.raw))
    seconds = time.perf_counter() - started
    error, psnr = error_against(scan, solution.object_, solution.positions_px)
    r = r_factor(scan.raw, solution.object_, solution.probe, solution.positions_px).r
    return {"r": r, "error": error, "phase_psnr_db": psnr, "seconds": seconds}


def sized_scan(n: int, patterns: int) -> RawData:
    """Simulate a scan of a size."""
    return RawData(**simulate_scan(n, patterns, 1e6, 0), diff3d_units="amplitude")


def rates(n: int, patterns: int, accelerator: str) -> dict[str, float]:
    """Return patterns per second of the bare loop, of the engine and of the assessment, measured in turns."""
    raw = sized_scan(n, patterns)
    device = choose_device(accelerator)
    start, every = flat_start(raw), np.arange(patterns)
    bare = BareLoop(raw, device)
    fixed = Solver(raw, start, IterativeConfig(update_probe=False, batch_size=24), device)
    default = Solver(raw, start, IterativeConfig(), device)
    jobs: dict[str, Callable[[], Any]] = {
        "bare loop": bare.sweep,
        "engine, same work": lambda: fixed.sweep(every, Pace(1.0, 0.2), never),
        "engine, coarse grids": lambda: fixed.sweep(every, Pace(1.0, 0.2, coarse=True), never),
        "engine, default": lambda: default.sweep(every, Pace(1.0, 0.2, probe_step=0.3, coarse=True), never),
        "assessment": lambda: r_factor(raw, start.object_, start.probe, start.positions_px, never, accelerator),
    }
    best = dict.fromkeys(jobs, float("inf"))
    for repeat in range(_REPEATS + 1):
        for name, job in jobs.items():
            started = time.perf_counter()
            job()
            if device.type == "cuda":
                torch.cuda.synchronize()
            # The first round warms up.
            if repeat:
                best[name] = min(best[name], time.perf_counter() - started)
    return {name: patterns / seconds for name, seconds in best.items()}


def ceilings(accelerator: str) -> dict[str, float]:
    """Return what the machine can do: matrix products, transforms and copies per second, in 1e9."""
    device = choose_device(accelerator)
    square, waves = torch.rand(1024, 1024, device=device), torch.rand(64, 64, 64, device=device).to(torch.complex64)
    jobs = {
        "GEMM, GFLOP/s": (lambda: square @ square, 2 * 1024**3),
        "FFT 64 x 64, GFLOP/s": (lambda: torch.fft.fft2(waves), 64 * 5 * 64**2 * np.log2(64**2)),
        "copy, GB/s": (waves.clone, 2 * waves.numel() * 8),
    }
    found = {}
    for name, (job, work) in jobs.items():
        seconds = []
        for _ in range(20):
            started = time.perf_counter()
            job()
            if device.type == "cuda":
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - started)
        found[name] = float(work / min(seconds) / 1e9)
    return found


def quick_look_command(n: int, patterns: int) -> dict[str, float]:
    """Return seconds and peak memory (MB) of a cold ``ptychopinn quicklook --sweeps 8``."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "scan.npz")
        npz.write(file, sized_scan(n, patterns))
        code = "import resource, sys; from ptychopinn.cli.main import main; main(sys.argv[1:]); "
        code += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        command = [sys.executable, "-c", code, "quicklook", str(file), "--output", f"{folder}/out", "--sweeps", "8"]
        started = time.perf_counter()
        done = subprocess.run([*command, "--quiet"], check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "peak_mb": int(done.stdout.split()[-1]) / 1024}


def table(values: dict[str, Any], kinds: list[str], seeds: range) -> str:
    """Return the results as Markdown."""
    lines = ["| kind, seed | " + " | ".join(f"{run}: R, error, s" for run in _RUNS) + " |", "| --- " * 6 + "|"]
    for kind in kinds:
        for seed in seeds:
            cells = [values[f"{kind} {seed} {run}"] for run in _RUNS]
            words = [f"{cell['r']:.4f}, {cell['error']:.4f}, {cell['seconds']:.1f}" for cell in cells]
            lines.append(f"| {kind} {seed} | " + " | ".join(words) + " |")
    for name, cell in values.items():
        if name.startswith(("rates", "ceilings", "command")):
            lines.append(f"\n{name}: " + ", ".join(f"{key} {value:.4g}" for key, value in cell.items()))
        if name.startswith("rates"):
            part = cell["engine, same work"] / cell["bare loop"]
            lines[-1] += f"; engine against bare loop {part:.2f}"
    return "\n".join(lines)


def draw(values: dict[str, Any], kinds: list[str], path: Path) -> None:
    """Draw the error against the seconds, one panel for each kind."""
    from matplotlib.figure import Figure

    columns = 3
    rows = -(-len(kinds) // columns)
    figure = Figure(figsize=(4 * columns, 3 * rows), layout="constrained")
    for place, kind in enumerate(kinds):
        axes = figure.add_subplot(rows, columns, place + 1, title=kind, xscale="log", yscale="log")
        for method, marker in (("default", "o-"), ("classic", "s--")):
            points = [values[f"{kind} 0 {run}"] for run in _RUNS if run.startswith(method)]
            axes.plot([p["seconds"] for p in points], [p["error"] for p in points], marker, label=method)
        axes.set(xlabel="seconds", ylabel="relative error")
        axes.legend()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure the missing cells and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("benchmark_results"), help="folder for the results")
    parser.add_argument("--long", action="store_true", help="all kinds, three seeds")
    parser.add_argument("--gpu", action="store_true", help="rates only, on the GPU")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    accelerator = "cuda" if args.gpu else "cpu"
    cells = Cells(args.output / ("gpu.json" if args.gpu else "benchmarks.json"))
    cells.measure("machine", lambda: f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads")
    cells.measure("ceilings", lambda: ceilings(accelerator))
    for n, patterns in ((64, 1000), (128, 300)) if not args.gpu else ((64, 10_000), (128, 4000)):
        cells.measure(f"rates {n} px, {patterns} patterns", lambda n=n, p=patterns: rates(n, p, accelerator))
    kinds, seeds = ([], range(0)) if args.gpu else (list(KINDS if args.long else _SHORT), range(3 if args.long else 1))
    if not args.gpu:
        for patterns in (1087, 5000):
            cells.measure(f"command quicklook, {patterns} patterns", lambda p=patterns: quick_look_command(64, p))
    for kind in kinds:
        for seed in seeds:
            for run in _RUNS:
                cell = cells.measure(
                    f"{kind} {seed} {run}", lambda kind=kind, seed=seed, run=run: convergence(kind, seed, run)
                )
                print(kind, seed, run, {name: round(value, 4) for name, value in cell.items()}, flush=True)
    print(table(cells.values, kinds, seeds))
    if kinds:
        draw(cells.values, kinds, args.output / "error_against_seconds.png")


if __name__ == "__main__":
    main()
