"""Hypothesis strategies that several tests share."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

seeds = st.integers(0, 2**32 - 1)


@st.composite
def positions(draw: st.DrawFn) -> NDArray[np.float64]:
    """Scan positions (position, 2) in any order; some coincide or lie on an exact raster."""
    count = draw(st.integers(5, 60))
    rng = np.random.default_rng(draw(seeds))
    if draw(st.booleans()):
        return rng.integers(0, 6, size=(count, 2)).astype(np.float64)
    return rng.uniform(0, 30, size=(count, 2))
