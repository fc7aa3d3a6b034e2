"""Small scans and products for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.product.product import Product

Arrays = dict[str, NDArray[Any]]
Save = Callable[..., Path]


def raw_scan(n: int = 16, positions: int = 45, photons: float = 1e5, seed: int = 0, **options: Any) -> RawData:
    """A simulated scan in amplitudes; ``options`` of `simulate_scan`, or arrays that replace the simulated ones."""
    simulation = {name: options.pop(name) for name in ("pattern", "step_px", "poisson") if name in options}
    arrays = simulate_scan(n, positions, photons, seed, **simulation)
    return RawData(**{**arrays, "diff3d_units": "amplitude", **options})


def write_scan(
    path: Path, n: int = 32, count: int = 37, seed: int = 7, step_px: float | None = None, **replaced: object
) -> Path:
    """Write a small simulated scan as NPZ; ``replaced`` arrays take the place of others, None omits one."""
    arrays = simulate_scan(n, count, 6e4, seed, step_px=step_px or n / 5) | replaced
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    return path


def gaussian_scan(size: int = 32, side: int = 9, seed: int = 0) -> Arrays:
    """Arrays of a scan with a known probe: side x side subpixel positions, 3 px apart, 1e5 counts per pattern.

    The intensity of the probe falls to 1/e within size/8 pixels.
    """
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


def counts_of(scan: Arrays) -> NDArray[Any]:
    """The counts of a scan of amplitudes."""
    return np.rint(np.square(scan["diff3d"]))


def raw_of(scan: Arrays, **changes: Any) -> RawData:
    """A scan of arrays, with changes."""
    return RawData.from_coords_without_pc(**{**scan, "scan_index": None, **changes})


def random_product(size: int = 8, shape: tuple[int, int] = (41, 50), seed: int = 0, **changes: Any) -> Product:
    """Complex object and probe modes; an odd number of subpixel positions inside the object."""
    rng = np.random.default_rng(seed)

    def noise(*shape: int) -> NDArray[Any]:
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    values = {
        "object_": noise(*shape),
        "probe": noise(2, size, size),
        "positions_px": rng.uniform(size, np.array(shape) - size, size=(7, 2)),
        "pixel_size_m": 6.5e-9,
        "losses": (3.0, 2.0, 1.5),
        "name": "star",
        "comments": "first try",
    }
    return Product(**{**values, **changes})
