"""Colour maps by name: sequential, diverging and cyclic maps."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyqtgraph as pg

# Equally spaced colours. Index is readable on dark and light backgrounds. Diverging is for signed values. Viridis,
# inferno and cyclic follow matplotlib's viridis, inferno and twilight (CC0).
_ANCHORS = {
    "grey": ["#000000", "#ffffff"],
    "viridis": ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"],
    "inferno": ["#000004", "#210c4a", "#57106e", "#8a226a", "#bc3754", "#e45a31", "#f98e09", "#f9cb35", "#fcffa4"],
    "diverging": ["#2c6fce", "#6f9fe0", "#b3cbec", "#e9e9ea", "#f0bfa3", "#dd8255", "#bb4416"],
    "index": ["#5b7cf7", "#33b3d0", "#55c48b", "#e5b93c", "#ee7350"],
    "cyclic": [
        "#e2d9e2", "#b3c6ce", "#7ba1c2", "#6276ba", "#5e43a5", "#4f1d7e", "#2f1436",
        "#5f1a4d", "#8e2c50", "#b14a53", "#c27e63", "#d0b8a6", "#e2d9e2",
    ],
}  # fmt: skip

AMPLITUDE_MAPS = ("grey", "viridis", "inferno")
# "auto" is cyclic if the phase wraps, and viridis otherwise.
PHASE_MAPS = ("auto", "cyclic", "viridis", "grey")


@cache
def colour_map(name: str) -> Any:
    """Return the pyqtgraph colour map with the given name.

    Raises
    ------
    KeyError
        There is no colour map with this name.
    """
    colours = _ANCHORS[name]
    return pg.ColorMap(np.linspace(0.0, 1.0, len(colours)), colours, name=name)
