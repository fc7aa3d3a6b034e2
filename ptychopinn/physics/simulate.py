"""Simulate a scan with a known object."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import ConfigError
from ptychopinn.physics.exit_wave import model_intensities
from ptychopinn.physics.sample_object import sample_object
from ptychopinn.physics.scan_positions import fermat, raster
from ptychopinn.physics.zone_plate_probe import zone_plate_probe

_RANGES = {
    "n": (8, 1 << 14),
    "positions": (1, 1e8),
    # The limit of the random generator.
    "photons": (1e-300, 1e18),
    "seed": (0, math.inf),
}


def simulate_scan(
    n: int = 64,
    positions: int = 600,
    photons: float = 1e6,
    seed: int = 0,
    pattern: Literal["raster", "fermat"] = "raster",
    *,
    step_px: float | None = None,
    poisson: bool = True,
) -> dict[str, NDArray[Any]]:
    """Simulate a scan and return its arrays by their keys in the NPZ schema.

    Parameters
    ----------
    n : int
        Side of the patterns in pixels.
    positions : int
        Number of scan positions.
    photons : float
        Mean total counts per pattern.
    seed : int
        Seed for object, probe, positions and noise.
    pattern : 'raster' or 'fermat'
        Arrangement of the scan positions.
    step_px : float or None
        Distance between neighbouring positions; None selects 0.085 * ``n``, which gives about 85 % overlap.
    poisson : bool
        Whether to draw counts from a Poisson distribution instead of using the expected values.

    Returns
    -------
    dict
        ``diff3d`` contains amplitudes, float32 (API specification, section 4.5); ``objectGuess`` is the ground truth;
        ``probeGuess`` is scaled to the counts.

    Raises
    ------
    ConfigError
        ``n``, ``positions``, ``photons`` or ``seed`` is outside its range.
    """
    _check(n=n, positions=positions, photons=photons, seed=seed)
    rng = np.random.default_rng(seed)
    step = 0.085 * n if step_px is None else step_px
    points, shape = _place(raster(positions, step, rng) if pattern == "raster" else fermat(positions, step), n, rng)
    obj = sample_object(shape, rng)
    probe = zone_plate_probe(n, rng=rng)
    counts = np.stack(list(model_intensities(obj, probe, points)))
    gain = photons / counts.sum(axis=(1, 2)).mean()
    counts *= gain
    counts = rng.poisson(counts).astype(float) if poisson else counts
    y, x = points.T
    coordinates = {"xcoords": x, "ycoords": y, "xcoords_start": x, "ycoords_start": y}
    return {
        **{key: axis.copy() for key, axis in coordinates.items()},
        "diff3d": np.sqrt(counts).astype(np.float32),
        "probeGuess": (probe * np.sqrt(gain)).astype(np.complex64),
        "objectGuess": obj,
        "scan_index": np.zeros(positions, np.int64),
    }


def _place(
    points: NDArray[np.float64], n: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Shift positions so that their n x n patches lie inside an object; return them and the object's shape."""
    margin = n // 2 + 2
    points = points - points.min(axis=0) + margin + rng.uniform(0, 1, 2)
    rows, columns = np.ceil(points.max(axis=0)).astype(int) + margin
    return points, (int(rows), int(columns))


def _check(**values: float) -> None:
    for name, value in values.items():
        least, most = _RANGES[name]
        if not least <= value <= most:
            bounds = f"{least:g} or more" if not value >= least else f"{most:g} or less"
            raise ConfigError(f"{name} is {value:g}", bounds, "Choose another value.")
