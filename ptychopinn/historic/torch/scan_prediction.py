"""Predict the object of a scan with a Lightning module, stitched according to the torch inference settings."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray

from ptychopinn.backends.prediction import predict_object
from ptychopinn.backends.torch.group_canvas import GroupCanvas
from ptychopinn.backends.torch.inference import TorchPredict
from ptychopinn.data.container import GroupedScan
from ptychopinn.data.cover import cover_scan
from ptychopinn.data.raw_data import RawData
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.config_bridge import one_of
from ptychopinn.historic.torch.neighbour_groups import inside_bounds
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning
from ptychopinn.historic.torch.scan_data import prepared_probe
from ptychopinn.stitching.object_grid import ObjectGrid
from ptychopinn.stitching.reassemble import Stitcher

# The probe_scale at which an empty object has amplitude 1.
_NEUTRAL_PROBE_SCALE = 4.0


def predict_scan(
    module: PtychoPINN_Lightning,
    data: RawData,
    settings: torch_configs.InferenceConfig,
    *,
    n_groups: int | None = None,
    device: torch.device | None = None,
) -> NDArray[np.complex64]:
    """Predict the object of a scan with the probe of the scan, on ``device`` (None: CPU).

    The settings ``batch_size``, ``middle_trim``, ``window``, ``patch_weighting`` and ``pad_eval`` are used. With
    ``n_groups``, only that many groups, spread over the scan, are predicted.

    Returns
    -------
    array (rows, columns), complex64
        The array extends half a pattern beyond the outermost positions. Both sides are even, and pixel
        ``[rows // 2, columns // 2]`` is the centre of the scan's bounding box. Pixels outside all patterns are 1.
    """
    members = module.config.model.gridsize**2
    data, reach = _centred(data)
    scan = GroupedScan.build(data, members, members)
    groups = cover_scan(data.positions_px, members)
    if not settings.pad_eval:
        inner = np.isin(groups[:, 0], inside_bounds(data.positions_px, module.data_config, least=1))
        groups = groups[inner] if inner.any() else groups
    if n_groups is not None and n_groups < len(groups):
        groups = groups[np.linspace(0, len(groups) - 1, n_groups).round().astype(int)]
    n = data.pattern_size
    grid = ObjectGrid.of_scan(data.positions_px, n)
    module.to(device or torch.device("cpu"))
    predict = _Predict(module, torch.as_tensor(prepared_probe(data, module.data_config)), settings)
    size = max(settings.batch_size // members, 1)
    try:
        stitcher = predict_object(
            predict,
            scan,
            groups,
            Stitcher(grid.shape, grid.shift_px),
            groups_per_batch=size,
            middle_trim=settings.middle_trim,
        )
    finally:
        module.cpu()
    obj = stitcher.result() / np.float32(module.config.model.probe_scale / _NEUTRAL_PROBE_SCALE)
    rows, columns = (2 * int(side) for side in reach)
    room = ((0, max(rows - obj.shape[0], 0)), (0, max(columns - obj.shape[1], 0)))
    return np.pad(obj, room, constant_values=1)[:rows, :columns].astype(np.complex64)


def _centred(data: RawData) -> tuple[RawData, NDArray[np.int64]]:
    """Return the scan, shifted so that its bounding box is centred on a pixel, and the index (y, x) of that pixel.

    After the shift, no patch extends beyond the top or left border of the object.
    """
    positions = data.positions_px
    reach = np.ceil(np.ptp(positions, axis=0) / 2).astype(np.int64) + data.pattern_size // 2
    y, x = reach - (positions.min(axis=0) + positions.max(axis=0)) / 2
    moved = copy.copy(data)
    moved.ycoords, moved.xcoords = data.ycoords + y, data.xcoords + x
    return moved, reach


class _Predict(TorchPredict):
    """Predicts objects for stitching, with pixel weights according to the inference settings."""

    def __init__(
        self, module: PtychoPINN_Lightning, probe: torch.Tensor, settings: torch_configs.InferenceConfig
    ) -> None:
        one_of("InferenceConfig.patch_weighting", settings.patch_weighting, ("probe", "uniform"))
        super().__init__(module.eval().network, probe=probe.to(module.network.log_scale.device))
        self.settings = settings

    def weight(self, layout: GroupCanvas, middle_trim: int) -> torch.Tensor:
        """Return the weights of the canvas pixels: dose or coverage, fading towards the edges of the patches."""
        strength = (layout.probe.real.square() + layout.probe.imag.square()).sum(dim=1)
        if self.settings.patch_weighting == "uniform":
            strength = torch.ones_like(strength)
        side = edge_window(strength.shape[-1], middle_trim, self.settings.window).to(strength.device)
        return layout.place(strength * side[:, None] * side[None, :])


def edge_window(n: int, middle_px: int, fade_px: int) -> torch.Tensor:
    """Return weights (N,) of a patch along one axis: 1 in the centre, fading to 0 outside the central square.

    ``middle_px`` is the side of the square, 0 or less for the whole patch; ``fade_px`` is the width of the fade at each
    edge.
    """
    side = n if middle_px <= 0 else min(middle_px, n)
    low = (n - side) // 2
    steps = torch.arange(side, dtype=torch.float32)
    fade = min(max(fade_px, 0), side // 2)
    inside = torch.minimum(torch.minimum(steps, side - 1 - steps) + 1, torch.tensor(float(fade + 1))) / (fade + 1)
    weights = torch.zeros(n)
    weights[low : low + side] = inside
    return weights
