"""From a scan to a stitched object."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ptychopinn.backends.torch.datamodule import GroupBatch, GroupDataset
from ptychopinn.backends.torch.group_canvas import canvas_side
from ptychopinn.backends.torch.network import PtychoNetwork
from ptychopinn.data.container import GroupedScan
from ptychopinn.stitching.object_grid import ObjectGrid
from ptychopinn.stitching.reassemble import Stitcher
from ptychopinn.workflow.events import Batch, Report, Stop, ignore, never

# Patterns that go through the network at a time.
_PATTERNS = 256


def predict_object(
    network: PtychoNetwork,
    scan: GroupedScan,
    groups: NDArray[np.int64],
    grid: ObjectGrid,
    *,
    groups_per_batch: int | None = None,
    middle_trim: int = 0,
    report: Report = ignore,
    should_stop: Stop = never,
) -> Stitcher:
    """Predict groups and stitch them, weighted by the probe's intensity.

    Parameters
    ----------
    network : PtychoNetwork
        In relative units; its probe illuminates the scan.
    scan : GroupedScan
    groups : array (group, channel), int64
    grid : ObjectGrid
        Grid of the stitched object.
    groups_per_batch : int or None
        None: as many as fit a moderate memory.
    middle_trim : int
        Side of the central square of a patch that is used; 0 uses the whole patch.

    Returns
    -------
    Stitcher
        Holds the predicted groups; fewer when stopped.
    """
    groups = scan.compact(groups)
    side = canvas_side(scan.n, scan.reach_px)
    dataset = GroupDataset(scan, groups, (side, side), truth=False)
    stitcher = Stitcher(grid.shape)
    step = groups_per_batch or max(_PATTERNS // groups.shape[1], 1)
    starts = range(0, len(groups), step)
    network.eval()
    for number, start in enumerate(starts):
        if should_stop():
            break
        chosen = list(range(start, min(start + step, len(groups))))
        batch = dataset.__getitems__(chosen)
        _stitch_batch(network, batch, dataset.shape, scan.origins(groups[chosen]), grid, stitcher, middle_trim)
        report(Batch(1, 1, number + 1, len(starts), float("nan")))
    return stitcher


def _stitch_batch(
    network: PtychoNetwork,
    batch: GroupBatch,
    shape: tuple[int, int],
    origins: NDArray[np.int64],
    grid: ObjectGrid,
    stitcher: Stitcher,
    middle_trim: int,
) -> None:
    device = network.log_scale.device
    with torch.inference_mode():
        result = network(batch.amplitude.to(device), batch.offsets_px.to(device), shape)
        canvas = result.canvas.cpu().numpy()
        dose = result.layout.central_dose(middle_trim).cpu().numpy()
    # One group gives one canvas, or one canvas per pattern when the object is not shared.
    repeats = len(canvas) // len(origins)
    corners = np.repeat(origins, repeats, axis=0) - np.asarray(canvas.shape[1:]) // 2 + grid.shift_px
    for corner, patch, weight in zip(corners, canvas, dose, strict=True):
        stitcher.add(corner, patch, weight)
