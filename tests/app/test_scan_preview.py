"""What the views show of a scan before any work is done."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from builders import write_scan
from ptychopinn_app.jobs.scan_tasks import PATTERNS_AT_ONCE, open_scan


def test_the_mean_pattern_is_that_of_all_finite_values(tmp_path: Path) -> None:
    arrays = dict(np.load(write_scan(tmp_path / "scan.npz")))
    count = 2 * PATTERNS_AT_ONCE + 3
    patterns = np.random.default_rng(0).random((count, *arrays["diff3d"].shape[1:])).astype(np.float32)
    patterns[1, 2, 3], patterns[-1, 4, 5] = np.nan, np.inf
    for name in ("xcoords", "ycoords"):
        arrays[name] = np.resize(arrays[name], len(patterns))
    kept = {name: arrays[name] for name in ("xcoords", "ycoords", "probeGuess")}
    np.savez(tmp_path / "long.npz", diff3d=patterns, **kept)
    scan = open_scan(tmp_path / "long.npz", "amplitude", ())
    assert scan.preview is not None
    finite = np.where(np.isfinite(patterns), patterns, 0)
    np.testing.assert_allclose(scan.preview.mean_amplitude, finite.mean(axis=0), rtol=1e-5)
