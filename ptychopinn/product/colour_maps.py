"""Colour maps that interpolate linearly between equally spaced colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import DataError

# viridis and twilight: samples of the CC0 colour maps of matplotlib (S. van der Walt, N. Smith, B. Bechtold).
_ANCHORS: dict[str, str] = {
    "gray": "000000 ffffff",
    "viridis": "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1fa088 28ae80 3fbc73 5ec962 "
    "84d44b addc30 d8e219 fde725",
    "twilight": "e2d9e2 c4ced4 95b5c7 7297c1 6276ba 5e51ad 592a8f 45135c 2f1436 4a1342 741e4f 983550 b25652 "
    "c27c63 cca389 d8c7be e2d9e2",
}

COLOUR_MAPS: tuple[str, ...] = tuple(_ANCHORS)
"""Names of all colour maps; twilight is cyclic and intended for phases."""


def colour_table(name: str) -> NDArray[np.uint8]:
    """Return the 256 colours of a colour map, (256, 3) uint8: red, green, blue.

    Raises
    ------
    DataError
        The name is unknown.
    """
    if name not in _ANCHORS:
        raise DataError(f"Unknown colour map {name!r}", f"one of {', '.join(COLOUR_MAPS)}")
    anchors = np.array([list(bytes.fromhex(colour)) for colour in _ANCHORS[name].split()], dtype=np.float64)
    places = np.linspace(0, len(anchors) - 1, 256)
    channels = [np.interp(places, np.arange(len(anchors)), anchors[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)
