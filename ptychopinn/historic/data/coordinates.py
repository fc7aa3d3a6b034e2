"""Where the groups lie: their centres and the offsets of their members."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def centres_and_offsets(
    positions_px: NDArray[np.float64], groups: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean position of each group and the members' positions relative to it, plain signs.

    ``centre + offset`` is the position; the offsets of a group add up to zero.

    Parameters
    ----------
    positions_px : (positions, 2) float64, ``[y, x]`` in pixels
    groups : (groups, C) integer indices into `positions_px`

    Returns
    -------
    centres : (groups, 2) float64, ``[y, x]`` in pixels
    offsets : (groups, C, 2) float64, ``[y, x]`` in pixels
    """
    members = np.asarray(positions_px, dtype=np.float64)[groups]
    centres = members.mean(axis=1)
    return centres, members - centres[:, None, :]
