"""The R-factor of a scan on the device; the counterpart of :mod:`ptychopinn.quality.rfactor`."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptychopinn.backends.torch.iterative.measured import budget_bytes, sum_dtype
from ptychopinn.backends.torch.iterative.scene import CHUNK, Scene
from ptychopinn.backends.torch.precision import choose_device
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Stop, never, stop_if_asked
from ptychopinn.quality.rfactor import NOISE_END, NOISE_STEP, RFactor, noise_table, not_finite, rated


def r_factor(
    data: RawData,
    obj: NDArray[np.complexfloating],
    probe: NDArray[np.complexfloating],
    positions_px: NDArray[np.float64],
    should_stop: Stop = never,
    accelerator: str = "auto",
) -> RFactor:
    """Compare measured and modelled amplitudes over a scan; see :func:`ptychopinn.quality.rfactor.r_factor`."""
    device = choose_device(accelerator)
    modes = torch.from_numpy(np.ascontiguousarray(probe, np.complex64)).to(device)
    scene = Scene(data, np.asarray(obj, np.complex64), modes, positions_px, device, fixed=False)
    batches = scene.batches(np.arange(data.n_patterns), CHUNK)
    kept: list[Tensor] = []
    most = budget_bytes(device) // (8 * CHUNK * data.pattern_size**2)
    power = torch.zeros((), dtype=sum_dtype(device), device=device)
    for batch in batches:
        stop_if_asked(should_stop, "comparison")
        counts = scene.counts(batch)
        power += counts.sum()
        if len(kept) < most:
            kept.append(counts)
    total_power = float(power)
    if not math.isfinite(total_power):
        raise not_finite()
    gain = data.n_patterns * data.mean_counts() / total_power if total_power > 0 else 1.0
    table = torch.from_numpy(noise_table().astype(np.float32)).to(device)
    noise = torch.zeros(2, dtype=sum_dtype(device), device=device)
    sums = []
    for number, batch in enumerate(batches):
        stop_if_asked(should_stop, "comparison")
        counts = kept[number] if number < len(kept) else scene.counts(batch)
        model, measured = (gain * counts).sqrt_(), scene.amplitude(batch)
        sums.append(torch.stack([(measured - model).abs_().sum(dim=(1, 2)), measured.sum(dim=(1, 2))]))
        noise += _counting_noise(model, table)
    error, total = torch.cat(sums, dim=1).cpu().numpy().astype(np.float64)
    deviation, weight = noise.tolist()
    return rated(error, total, deviation, weight, math.sqrt(gain))


def _counting_noise(amplitude: Tensor, table: Tensor) -> Tensor:
    """Return the sums (2,) of the results of :func:`ptychopinn.quality.rfactor.counting_noise`."""
    # The table is fine enough that its nearest entry does.
    index = (amplitude * (1 / NOISE_STEP) + 0.5).clamp_max_(NOISE_END / NOISE_STEP).int()
    error, excess = (row.index_select(0, index.view(-1)).sum() for row in table)
    return torch.stack([error, amplitude.sum() + excess])
