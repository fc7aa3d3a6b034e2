"""Random subset of a scan, in scan order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError


def subsample_indices(n_patterns: int, n_subsample: int | None, seed: int | None = None) -> NDArray[np.int64]:
    """Return the indices of `n_subsample` random patterns, (n,) int64, ascending.

    None, or a number larger than the scan, selects all patterns.

    Raises
    ------
    DataError
        `n_subsample` is not positive.
    """
    if n_subsample is not None and n_subsample < 1:
        fix = "Omit n_subsample to use the whole scan."
        raise DataError(f"n_subsample is {n_subsample}", "a positive number of patterns", fix)
    if n_subsample is None or n_subsample >= n_patterns:
        return np.arange(n_patterns, dtype=np.int64)
    chosen = np.random.default_rng(seed).choice(n_patterns, n_subsample, replace=False)
    return np.sort(chosen).astype(np.int64)


def subsample(raw: RawData, n_subsample: int | None, seed: int | None = None) -> RawData:
    """Return `n_subsample` random patterns of `raw` in scan order, or `raw` itself if it has no more than that."""
    if n_subsample is None or 1 <= raw.n_patterns <= n_subsample:
        return raw
    return raw.take(subsample_indices(raw.n_patterns, n_subsample, seed))
