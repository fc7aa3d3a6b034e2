"""Split patterns (or groups) into a training and a validation part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import DataError


def split(
    n_samples: int, validation_fraction: float, seed: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return disjoint random training and validation indices, each as an ascending int64 array.

    The validation part is drawn from the whole scan, because the last rows alone would show a different region of the
    object. A fraction above zero gives each part at least one sample if at least two are available.

    Raises
    ------
    DataError
        `validation_fraction` is not between 0 and 0.5.
    """
    if not 0 <= validation_fraction <= 0.5:
        raise DataError(
            f"validation_fraction is {validation_fraction}",
            "a number from 0 to 0.5",
            "Use 0.05, for example, to keep one pattern in twenty for validation.",
        )
    n_validation = validation_count(n_samples, validation_fraction)
    order = np.random.default_rng(seed).permutation(n_samples).astype(np.int64)
    return np.sort(order[n_validation:]), np.sort(order[:n_validation])


def validation_count(n_samples: int, validation_fraction: float) -> int:
    """Return the size of the validation part that `split` returns."""
    least = 1 if validation_fraction > 0 else 0
    return min(max(round(n_samples * validation_fraction), least), max(n_samples - 1, 0))
