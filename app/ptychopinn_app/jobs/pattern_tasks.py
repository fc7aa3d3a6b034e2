"""Short tasks about patterns: their roles in a training run, their agreement with a result, and bad pixels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptychopinn_app.jobs.scan_tasks import scan_in_memory
from ptychopinn_app.runs import folder as runs

if TYPE_CHECKING:
    from ptychopinn.product.product import Product

# A result whose positions differ from the scan by more than this fraction of the pattern width is of another scan.
SAME_PLACE = 0.25

_products: dict[Path, Product] = {}


def roles(
    *, count: int, members: int, n_subsample: int | None, subsample_seed: int, validation_fraction: float, seed: int
) -> NDArray[np.int8]:
    """Return the role of each pattern in a training run, (count,): 0 training, 1 validation, 2 unused."""
    from ptychopinn.data.split import split
    from ptychopinn.data.subsample import subsample_indices

    used = subsample_indices(count, n_subsample, subsample_seed)
    train, validation = split(len(used), validation_fraction, seed)
    parts = np.full(count, 2, dtype=np.int8)
    parts[used[validation]] = 1
    # A scan hardly larger than a group trains on all patterns.
    parts[used[train] if len(train) > members else used] = 0
    return parts


def bad_pixels(path: Path, units: str, fixes: tuple[str, ...]) -> NDArray[np.int8]:
    """Return the state of each detector pixel, (N, N): 0 good, 1 masked, 2 hot, 3 dead."""
    from ptychopinn.data.checks.pattern_stats import gather
    from ptychopinn.data.checks.patterns import dead_mask, hot_mask, marker_mask

    raw = scan_in_memory(path, units, fixes)
    stats = gather(raw.diff3d, raw.units)
    kinds = np.zeros(stats.mean.shape, dtype=np.int8)
    for value, mask in ((3, dead_mask(stats)), (2, hot_mask(stats)), (1, marker_mask(stats))):
        kinds[mask] = value
    return kinds


def belongs(run_dir: Path, path: Path, units: str, fixes: tuple[str, ...]) -> bool:
    """Return whether a result was computed from all patterns of a scan, in order, judging by the positions."""
    raw = scan_in_memory(path, units, fixes)
    result = _product(run_dir)
    if result.probe.shape[-1] != raw.pattern_size or result.positions_px.shape != raw.positions_px.shape:
        return False
    apart = _centred(result.positions_px) - _centred(np.asarray(raw.positions_px))
    return bool(np.median(np.abs(apart)) <= SAME_PLACE * raw.pattern_size)


def model_pattern(run_dir: Path, index: int) -> tuple[int, NDArray[np.float32]]:
    """Return `index` and the amplitude (N, N) that a result predicts for the pattern at that index."""
    from ptychopinn.physics.exit_wave import model_intensities

    result = _product(run_dir)
    (intensity,) = model_intensities(result.object_, result.probe, result.positions_px[index : index + 1])
    return index, np.sqrt(intensity).astype(np.float32)


def r_per_position(root: Path, run_dir: Path) -> NDArray[np.float64] | None:
    """Read the R-factor of every pattern from a result's newest quality report; None if there is no report."""
    file = _newest_report(root, run_dir)
    if file is None:
        return None
    with np.load(file, allow_pickle=False) as arrays:
        return np.asarray(arrays["r_per_pattern"], dtype=np.float64)


def _newest_report(root: Path, run_dir: Path) -> Path | None:
    object_file = str(run_dir / runs.OBJECT_FILE)
    reports = [folder for folder in root.iterdir() if folder.is_dir()] if root.is_dir() else []
    about = [folder for folder in reports if runs.read_note(folder).get("object") == object_file]
    files = [folder / runs.REPORT_ARRAYS for folder in (*about, run_dir)]
    files = [file for file in files if file.is_file()]
    return max(files, key=lambda file: file.stat().st_mtime, default=None)


def _product(run_dir: Path) -> Product:
    """Return a result; only the last result read is cached."""
    if run_dir not in _products:
        from ptychopinn.product import npz

        product = npz.read(run_dir / runs.OBJECT_FILE)
        _products.clear()
        _products[run_dir] = product
    return _products[run_dir]


def _centred(positions_px: NDArray[np.float64]) -> NDArray[np.float64]:
    return positions_px - np.median(positions_px, axis=0)
