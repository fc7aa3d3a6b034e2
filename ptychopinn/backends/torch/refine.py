"""Iterative refinement of a whole object by rPIE sweeps."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ptychopinn.backends.refine_schedule import ALPHA, refine_batches
from ptychopinn.backends.torch.group_canvas import GroupCanvas
from ptychopinn.backends.torch.sweeps import fit_modulus, to_corner
from ptychopinn.data.raw_data import RawData
from ptychopinn.workflow.events import Report, Stop, ignore, never


def refine_object(
    obj: NDArray[np.complex64],
    probe: NDArray[np.complex64],
    data: RawData,
    positions_px: NDArray[np.float64],
    sweeps: int,
    *,
    seed: int = 0,
    device: torch.device | None = None,
    report: Report = ignore,
    should_stop: Stop = never,
) -> NDArray[np.complex64]:
    """Improve an object on its patterns; every pattern is used once in each sweep.

    Parameters
    ----------
    obj : array (rows, columns), complex64
    probe : array (mode, N, N), complex64
        In square roots of counts; stays as it is.
    data : RawData
    positions_px : array (position, 2), float64
        (y, x) in pixels of ``obj``.
    sweeps : int
    seed : int
        Of the random order of the patterns.

    Returns
    -------
    array (rows, columns), complex64

    Notes
    -----
    Maiden, Johnson and Li, Optica 4, 736 (2017), eq. 10; the updates of a batch are added and divided
    by their summed illumination.
    """
    n = data.pattern_size
    # Patches may stick out at the border of the object; there the margin takes them.
    margin = n
    padded = np.pad(obj, margin, constant_values=1)
    canvas = torch.from_numpy(padded)[None].to(device)
    modes = torch.from_numpy(np.ascontiguousarray(probe)).to(device)
    shape = (int(canvas.shape[1]), int(canvas.shape[2]))
    centre = np.asarray(shape) // 2 - margin
    for chosen in refine_batches(data.n_patterns, sweeps, seed, report, should_stop):
        amplitude = torch.from_numpy(data.amplitude(chosen)).to(device)
        offsets = torch.from_numpy((positions_px[chosen] - centre).astype(np.float32)).to(device)
        canvas = _update(canvas, GroupCanvas.build(offsets[None], modes, shape), amplitude)
    inner = canvas[0, margin:-margin, margin:-margin]
    return inner.cpu().numpy().astype(np.complex64)


def _update(canvas: torch.Tensor, layout: GroupCanvas, amplitude: torch.Tensor) -> torch.Tensor:
    exit_wave = layout.probe * layout.extract(canvas)[:, None]
    change = (layout.probe.conj() * (fit_modulus(to_corner(amplitude), exit_wave) - exit_wave)).sum(dim=1)
    weight = (1 - ALPHA) * layout.dose + ALPHA * layout.dose.amax()
    return canvas + layout.place(change) / weight
