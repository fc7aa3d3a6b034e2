"""Predict groups of a scan and stitch them into one object, in either framework."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.method import PREDICTED_PATTERNS
from ptychopinn.data.batches import BatchArrays, make_batch
from ptychopinn.data.container import GroupedScan, canvas_side
from ptychopinn.events import Batch, Report, Stop, ignore, never
from ptychopinn.stitching.reassemble import Stitcher


class Predict(Protocol):
    """Interface of a network whose predictions are stitched."""

    def __call__(
        self, batch: BatchArrays, shape: tuple[int, int], middle_trim: int
    ) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
        """Return objects and weights (canvas, rows, columns), with one canvas per group or per pattern.

        Only the central square of each patch, ``middle_trim`` pixels wide, is used; 0 uses the whole patch.
        """


def predict_object(
    predict: Predict,
    scan: GroupedScan,
    groups: NDArray[np.int64],
    stitcher: Stitcher,
    *,
    groups_per_batch: int | None = None,
    middle_trim: int = 0,
    report: Report = ignore,
    should_stop: Stop = never,
) -> Stitcher:
    """Predict groups and stitch them, weighted by probe intensity, after aligning the global phase of each group.

    Parameters
    ----------
    predict : callable
    scan : GroupedScan
    groups : array (group, channel), int64
    stitcher : Stitcher
        Receives the predicted groups.
    groups_per_batch : int or None
        Number of groups predicted together; None: enough to make up 256 patterns.
    middle_trim : int
        Width in pixels of the central square of each patch that is used; 0 uses the whole patch.

    Returns
    -------
    Stitcher
        ``stitcher`` with the predicted groups; after a stop, with only some of them.
    """
    groups = scan.compact(groups)
    side = canvas_side(scan.n, scan.reach_px)
    step = groups_per_batch or max(PREDICTED_PATTERNS // groups.shape[1], 1)
    starts = range(0, len(groups), step)
    for number, start in enumerate(starts):
        if should_stop():
            break
        chosen = groups[start : start + step]
        canvas, dose = predict(make_batch(scan, chosen, (side, side), truth=False), (side, side), middle_trim)
        # One group gives one canvas, or one canvas per pattern when the object is not shared.
        origins = np.repeat(scan.origins(chosen), len(canvas) // len(chosen), axis=0)
        corners = origins - np.asarray(canvas.shape[1:]) // 2 + stitcher.shift_px
        for corner, patch, weight in zip(corners, canvas, dose, strict=True):
            stitcher.add(corner, stitcher.phase_aligned(corner, patch, weight), weight)
        report(Batch(1, 1, number + 1, len(starts), float("nan")))
    return stitcher
