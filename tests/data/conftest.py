"""A small sound scan to spoil in one way at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

# Tests are no package: their shared words are found by path.
sys.path.insert(0, str(Path(__file__).parent))

Arrays = dict[str, NDArray[Any]]


def simulated_scan(size: int = 32, side: int = 9, seed: int = 0) -> Arrays:
    """Counts of a complex probe on a random object, odd number of positions, subpixel places."""
    rng = np.random.default_rng(seed)
    height, width = size + 3 * side + 6, size + 3 * side + 9
    y, x = np.mgrid[:size, :size] - size / 2
    probe = np.exp(-(y**2 + x**2) / (2 * (size / 8) ** 2)) * np.exp(0.02j * (y**2 + 0.7 * x**2 + 3 * x))
    smooth = rng.normal(size=(2, height // 4 + 1, width // 4 + 1)).repeat(4, axis=1).repeat(4, axis=2)
    smooth = smooth[:, :height, :width]
    object_ = (1 - 0.1 * np.abs(smooth[0])) * np.exp(0.4j * smooth[1])
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1).reshape(-1, 2)
    positions = size / 2 + 2 + 3.0 * grid + rng.uniform(-0.4, 0.4, grid.shape)
    probe *= np.sqrt(1e5 / np.square(np.abs(probe)).sum())
    patterns = []
    for top, left in np.rint(positions).astype(int) - size // 2:
        exit_wave = probe * object_[top : top + size, left : left + size]
        far_field = np.fft.fftshift(np.fft.fft2(exit_wave, norm="ortho"))
        patterns.append(rng.poisson(np.abs(far_field) ** 2))
    return {
        "xcoords": positions[:, 1].copy(),
        "ycoords": positions[:, 0].copy(),
        "diff3d": np.sqrt(np.array(patterns)).astype(np.float32),
        "probeGuess": probe.astype(np.complex64),
        "objectGuess": object_.astype(np.complex64),
    }


@pytest.fixture
def scan() -> Arrays:
    return simulated_scan()


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Save arrays as scan.npz and give the path."""

    def _save(arrays: Arrays, name: str = "scan.npz", compressed: bool = False) -> Path:
        path = tmp_path / name
        (np.savez_compressed if compressed else np.savez)(path, **arrays)
        return path

    return _save
