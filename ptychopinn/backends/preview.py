"""Preview images of the object during training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.method import PREVIEW_GROUPS
from ptychopinn.backends.prediction import Predict, predict_object
from ptychopinn.data.container import GroupedScan
from ptychopinn.data.cover import cover_scan
from ptychopinn.events import Preview
from ptychopinn.stitching.object_grid import ObjectGrid
from ptychopinn.stitching.reassemble import Stitcher

_LARGEST_PX = 512


class Previewer:
    """Predict the next part of the scan at each call and keep the rest of the previous image.

    Attributes
    ----------
    object_ : array (rows, columns), complex64
        Latest predictions with a mean phase of zero; pixels not yet predicted have the mean amplitude.
    seen : array (pixel,), complex64
        Pixels of the object that have been predicted.
    """

    def __init__(self, predict: Predict, scan: GroupedScan, members: int) -> None:
        self._predict, self._scan = predict, scan
        self._groups = cover_scan(scan.data.positions_px, members, times=1)
        self._grid = ObjectGrid.of_scan(scan.data.positions_px, scan.n)
        self._next = 0
        self._raw = np.ones(self._grid.shape, np.complex64)
        self._mask = np.zeros(self._grid.shape, bool)

    def __call__(self, epoch: int) -> Preview:
        """Predict the next groups and return the image."""
        chosen = (self._next + np.arange(min(PREVIEW_GROUPS, len(self._groups)))) % len(self._groups)
        self._next = int(chosen[-1] + 1)
        stitcher = predict_object(
            self._predict, self._scan, self._groups[chosen], Stitcher(self._grid.shape, self._grid.shift_px)
        )
        weight = stitcher.weight
        lit = weight > 0.1 * weight.max()
        self._raw[lit] = stitcher.result()[lit]
        self._mask |= lit
        # Zero amplitude marks what has not been predicted.
        small = shrink(np.where(self._mask, self.object_, np.complex64(0)))
        return Preview(epoch, np.abs(small).astype(np.float32), np.angle(small).astype(np.float32))

    @property
    def object_(self) -> NDArray[np.complex64]:
        """Latest predictions; see the attributes of the class."""
        lit = self._raw[self._mask]
        if not lit.size:
            return self._raw
        turned = self._raw * np.exp(-1j * np.angle(lit.mean()))
        return np.where(self._mask, turned, np.abs(lit).mean()).astype(np.complex64)

    @property
    def seen(self) -> NDArray[np.complex64]:
        """Predicted pixels; see the attributes of the class."""
        return self._raw[self._mask]


def shrink(image: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Return every n-th pixel of an image, so that no side exceeds 512 pixels."""
    step = -(-max(image.shape) // _LARGEST_PX)
    return np.nan_to_num(image[::step, ::step])
