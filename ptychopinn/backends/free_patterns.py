"""Patterns that take no part in the sweeps and assess them, as in crystallography."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A smaller scan cannot spare patterns, and a few sweeps cannot be assessed.
_FEWEST_PATTERNS = 50
_FEWEST_SWEEPS = 3


@dataclass(frozen=True)
class Split:
    """The patterns of a scan, divided into those that the sweeps use and the free ones.

    Attributes
    ----------
    work, free : arrays (pattern,), int64
        Indices in rising order; ``free`` may be empty.

    Notes
    -----
    Brünger, Nature 355, 472 (1992): data that are not fitted show when a model fits noise.
    """

    work: NDArray[np.int64]
    free: NDArray[np.int64]

    @classmethod
    def draw(cls, patterns: int, sweeps: int, fraction: float, seed: int) -> Split:
        """Draw a ``fraction`` of the patterns as free; none of fewer than 50 patterns or for fewer than 3 sweeps."""
        count = round(fraction * patterns)
        if patterns < _FEWEST_PATTERNS or sweeps < _FEWEST_SWEEPS:
            count = 0
        shuffled = np.random.default_rng([seed, patterns]).permutation(patterns)
        return cls(np.sort(shuffled[count:]), np.sort(shuffled[:count]))

    @property
    def every(self) -> NDArray[np.int64]:
        """Return all patterns."""
        return np.sort(np.concatenate([self.work, self.free]))
