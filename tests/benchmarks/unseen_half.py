"""How well a network trained on one half of a scan reconstructs the half that it never saw.

Every scan is split by position; each recipe trains on one half with each seed, reconstructs the other half
raw and after five sweeps, and for comparison its own half. Prints one Markdown table, mean and spread.

Run: ``python tests/benchmarks/unseen_half.py --output unseen --minutes 2 --seeds 0 1 2``
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ptychopinn import IterativeConfig, ModelConfig, TrainingConfig, reconstruct, train
from ptychopinn.config.presets import own_model_defaults, own_training_defaults
from ptychopinn.physics.exit_wave import model_intensities
from ptychopinn.physics.scan_positions import fermat, raster
from ptychopinn.physics.simulate import simulate_scan

Arrays = dict[str, NDArray[Any]]

# Settings that differ from those of our own command line.
RECIPES: dict[str, dict[str, Any]] = {
    "unrolled 4x4": {},
    "unrolled 2x2": {"gridsize": 2, "batch_size": 8},
    "unrolled 4x4, wide groups": {"neighbor_count": 40},
    "unrolled 4x4, amplitude loss": {"mae_weight": 1.0, "nll_weight": 0.0},
    "unrolled 4x4, trained probe": {"probe_trainable": True},
    "unrolled 4x4, wide network": {"n_filters_scale": 4},
    "unrolled 4x4, supervised": {"model_type": "supervised"},
    "cnn 1x1": {"architecture": "cnn", "gridsize": 1, "batch_size": 16},
    "cnn 2x2": {"architecture": "cnn", "gridsize": 2, "batch_size": 8},
}


def main() -> None:
    """Make the scans, run the recipes, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder for scans and results")
    parser.add_argument("--minutes", type=float, default=2.0, help="training time of each run")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--recipes", nargs="+", default=["unrolled 4x4"], choices=list(RECIPES))
    parser.add_argument("--scans", nargs="+", default=list(SCANS), choices=list(SCANS))
    parser.add_argument("--files", type=Path, nargs="*", default=[], help="more scans, NPZ with the truth")
    parser.add_argument("--backend", choices=("pytorch", "tensorflow"), default="pytorch")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    scans = {name: SCANS[name]() for name in args.scans}
    scans |= {file.stem: dict(np.load(file)) for file in args.files}
    halves = {name: _write_halves(args.output, name, arrays) for name, arrays in scans.items()}
    print("| recipe | scan | unseen R | phase SSIM | phase PSNR dB | refined R/floor | seen, refined | floor |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for recipe in args.recipes:
        for name, (seen, unseen) in halves.items():
            runs = [
                run(args.output, recipe, name, seen, unseen, seed, args.minutes, args.backend) for seed in args.seeds
            ]
            cells = [_spread([one[key] for one in runs]) for key in runs[0]]
            print(f"| {recipe} | {name} | " + " | ".join(cells) + " |", flush=True)


def run(
    output: Path, recipe: str, name: str, seen: Path, unseen: Path, seed: int, minutes: float, backend: str
) -> dict[str, float]:
    """Train on one half, reconstruct both, and return the figures."""
    changes = own_model_defaults() | own_training_defaults() | RECIPES[recipe]
    fields = ModelConfig.__dataclass_fields__
    model = ModelConfig(**{key: value for key, value in changes.items() if key in fields})
    training = {key: value for key, value in changes.items() if key not in fields}
    training |= {"backend": backend, "nepochs": 10_000, "max_minutes": minutes, "seed": seed}
    folder = output / f"{name} {recipe} {backend} {seed}".replace(" ", "_")
    trained = train(seen, folder, TrainingConfig(model, **training))
    raw = reconstruct(trained.model_path, unseen, folder / "unseen")
    five = IterativeConfig(sweeps=5, stop_early=False)
    refined = reconstruct(trained.model_path, unseen, folder / "unseen_refined", refine=five)
    own = reconstruct(trained.model_path, seen, folder / "seen_refined", refine=five)
    found = {
        "R": raw.r_factor,
        "phase SSIM": raw.metrics.get("phase_ssim", np.nan),
        "phase PSNR": raw.metrics.get("phase_psnr_db", np.nan),
        "refined": refined.r_factor / refined.noise_floor,
        "seen": own.r_factor / own.noise_floor,
        "floor": raw.noise_floor,
    }
    (folder / "figures.json").write_text(json.dumps(found), encoding="utf-8")
    return found


def _spread(values: list[float]) -> str:
    return f"{np.mean(values):.4g} ± {np.std(values):.2g}" if len(values) > 1 else f"{values[0]:.4g}"


def _write_halves(output: Path, name: str, arrays: Arrays) -> tuple[Path, Path]:
    """Split at the median position along the longer side of the scan."""
    positions = np.stack([arrays["ycoords"], arrays["xcoords"]])
    along = positions[int(np.argmax(np.ptp(positions, axis=1)))]
    first = along < np.median(along)
    files = output / f"{name}_seen.npz", output / f"{name}_unseen.npz"
    for file, chosen in zip(files, (first, ~first), strict=True):
        count = len(first)
        part = {key: value[chosen] if value.shape[:1] == (count,) else value for key, value in arrays.items()}
        np.savez(file, **part)
    return files


def _shapes() -> Arrays:
    """Raster scan of edges, gratings and discs at a high dose."""
    return simulate_scan(n=64, positions=1000, photons=1e6, seed=11)


def _spiral() -> Arrays:
    """Spiral scan of another such sample at a tenth of the dose."""
    return simulate_scan(n=64, positions=900, photons=1e5, seed=12, pattern="fermat")


def _cells() -> Arrays:
    """Strong, smooth phase objects without absorption edges, seen through a curved Gaussian beam."""
    rng = np.random.default_rng(13)

    def build(shape: tuple[int, int]) -> NDArray[np.complex128]:
        field = ndimage.gaussian_filter(rng.standard_normal(shape), 5.0)
        cells = 1 / (1 + np.exp(-(field / field.std() - 0.6) * 6))
        fine = ndimage.gaussian_filter(rng.standard_normal(shape), 1.5)
        return np.exp((-0.15 - 1.6j) * cells * (1 + 0.15 * fine / fine.std()))

    return _scan(build, _gaussian_probe(11.0, 0.004), raster(900, 4.5, rng), 5e5, rng)


def _texture() -> Arrays:
    """A weak object of all spatial frequencies under a small sharp disc of light."""
    rng = np.random.default_rng(14)

    def build(shape: tuple[int, int]) -> NDArray[np.complex128]:
        white = np.fft.fft2(rng.standard_normal(shape))
        frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None, :])
        field = np.fft.ifft2(white / (frequency + 0.01) ** 1.3 * np.exp(-((frequency / 0.3) ** 4))).real
        field /= field.std()
        return (1 - 0.05 * np.abs(field)) * np.exp(0.35j * field)

    return _scan(build, _gaussian_probe(9.0, -0.008), fermat(1000, 4.0), 3e5, rng)


def _gaussian_probe(sigma_px: float, curvature: float) -> NDArray[np.complex128]:
    axis = np.arange(64) - 32
    square = (axis[:, None] - 0.7) ** 2 + 1.1 * axis[None, :] ** 2
    return np.exp(-square / (2 * sigma_px**2) + 1j * curvature * np.pi * square)


def _scan(
    build: Callable[[tuple[int, int]], NDArray[np.complex128]],
    probe: NDArray[np.complex128],
    points: NDArray[np.float64],
    photons: float,
    rng: np.random.Generator,
) -> Arrays:
    points = points - points.min(axis=0) + 34.3
    rows, columns = np.ceil(points.max(axis=0)).astype(int) + 34
    truth = build((int(rows), int(columns)))
    counts = np.stack(list(model_intensities(truth, probe, points)))
    gain = photons / counts.sum(axis=(1, 2)).mean()
    return {
        "ycoords": points[:, 0].copy(),
        "xcoords": points[:, 1].copy(),
        "diff3d": np.sqrt(rng.poisson(counts * gain)).astype(np.float32),
        "probeGuess": (probe * np.sqrt(gain)).astype(np.complex64),
        "objectGuess": truth.astype(np.complex64),
    }


SCANS: dict[str, Callable[[], Arrays]] = {"shapes": _shapes, "spiral": _spiral, "cells": _cells, "texture": _texture}


if __name__ == "__main__":
    main()
