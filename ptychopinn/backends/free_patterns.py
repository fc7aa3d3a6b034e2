"""Free patterns: excluded from all but the last sweeps, to check the fit, as in crystallography."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A smaller scan cannot spare patterns, and a few sweeps cannot be assessed.
_FEWEST_PATTERNS = 50
_FEWEST_SWEEPS = 3


@dataclass(frozen=True)
class Split:
    """The patterns of a scan, divided into working patterns, which the sweeps use, and free patterns.

    Attributes
    ----------
    work, free : arrays (pattern,), int64
        Pattern indices in ascending order; ``free`` may be empty.

    Notes
    -----
    Brünger, Nature 355, 472 (1992): data excluded from a fit reveal whether the model fits noise.
    """

    work: NDArray[np.int64]
    free: NDArray[np.int64]

    @classmethod
    def draw(cls, patterns: int, sweeps: int, fraction: float, seed: int) -> Split:
        """Choose a random ``fraction`` as free patterns; none if there are fewer than 50 patterns or 3 sweeps."""
        count = round(fraction * patterns)
        if patterns < _FEWEST_PATTERNS or sweeps < _FEWEST_SWEEPS:
            count = 0
        shuffled = np.random.default_rng([seed, patterns]).permutation(patterns)
        return cls(np.sort(shuffled[count:]), np.sort(shuffled[:count]))

    @property
    def every(self) -> NDArray[np.int64]:
        """Return the indices of all patterns, in ascending order."""
        return np.sort(np.concatenate([self.work, self.free]))
