"""A scan ready for a network: relative amplitudes, positions, and groups on a common canvas size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.neighbours import nearest_neighbours
from ptychopinn.data.raw_data import RawData

# Groups with more than this many times the median reach contain stray positions.
_STRAY = 3.0


@dataclass(frozen=True)
class GroupedScan:
    """Patterns of one scan in relative units, and the geometry of its groups.

    Attributes
    ----------
    data : RawData
    root_mean_square : float
        Square root of the mean counts per pixel; the patterns are divided by it.
    reach_px : float
        Largest permitted distance of a group member from the group's origin, along either axis.
    """

    data: RawData
    root_mean_square: float
    reach_px: float

    @classmethod
    def build(cls, data: RawData, members: int, neighbor_count: int) -> GroupedScan:
        """Prepare a scan for groups of ``members`` patterns drawn from ``neighbor_count`` neighbours."""
        rms = float(np.sqrt(data.mean_counts()) / data.pattern_size)
        return cls(data, rms, _reach(data.positions_px, members, neighbor_count))

    @property
    def n(self) -> int:
        """Return the width of a pattern in pixels."""
        return self.data.pattern_size

    def amplitude(self, groups: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the amplitudes (group, channel, N, N) of groups (group, channel) in relative units."""
        flat = self.data.amplitude(groups.reshape(-1)) / np.float32(self.root_mean_square)
        return flat.reshape(*groups.shape, self.n, self.n)

    def origins(self, groups: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the centre (y, x) of each group's bounding box, rounded to whole pixels, (group, 2)."""
        members = self.data.positions_px[groups]
        return np.floor((members.min(axis=1) + members.max(axis=1)) / 2 + 0.5).astype(np.int64)

    def offsets(self, groups: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return scan positions relative to the group's origin, (group, channel, 2), (y, x) in pixels."""
        return (self.data.positions_px[groups] - self.origins(groups)[:, None]).astype(np.float32)

    def compact(self, groups: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return only the groups in which every member lies within ``reach_px`` of the group's origin."""
        return groups[np.abs(self.offsets(groups)).max(axis=(1, 2)) <= self.reach_px + 0.5]


def _reach(positions_px: NDArray[np.float64], members: int, neighbor_count: int) -> float:
    if members == 1:
        return 0.5
    n = len(positions_px)
    pool = min(max(neighbor_count, members - 1), n - 1)
    near = positions_px[nearest_neighbours(positions_px, np.arange(n), pool)]
    low = np.minimum(near.min(axis=1), positions_px)
    high = np.maximum(near.max(axis=1), positions_px)
    # Half the bounding box: the box of any drawn neighbours is not larger.
    span = (high - low).max(axis=1) / 2
    return float(min(span.max(), _STRAY * np.median(span)))


def canvas_side(n: int, reach_px: float, multiple: int = 8) -> int:
    """Return the side of the smallest canvas for N x N patches within ``reach_px`` of its centre.

    The side is divisible by ``multiple``.
    """
    need = n + 2 * int(reach_px + 1.5)
    return -(-need // multiple) * multiple
