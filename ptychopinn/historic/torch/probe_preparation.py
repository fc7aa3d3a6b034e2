"""The probe as the torch data settings want it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.physics.scaling import normalise_probe


def prepared_probe(data: RawData, settings: torch_configs.DataConfig) -> NDArray[np.complex64]:
    """Return the probe (mode, N, N) of a scan in units of the scan's root mean square amplitude per pixel.

    Parameters
    ----------
    data : RawData
    settings : DataConfig
        ``probe_normalize``: the probe's power is that of the patterns; off, it is as the file has it.
        ``probe_ramp_removal``: its mean phase ramp is taken away.
    """
    probe = data.probe_modes
    if settings.probe_normalize:
        probe = normalise_probe(probe, data.mean_counts())
    if settings.probe_ramp_removal:
        probe = without_ramp(probe)
    return (probe / np.float32(np.sqrt(data.mean_counts()) / data.pattern_size)).astype(np.complex64)


def without_ramp(probe: NDArray[np.complexfloating]) -> NDArray[np.complex64]:
    """Return a probe (mode, N, N) without the linear phase that its mean phase step from pixel to pixel tells."""
    result = np.asarray(probe, np.complex128)
    n = result.shape[-1]
    steps = np.arange(n) - n // 2
    for axis in (-2, -1):
        first = np.take(result, range(n - 1), axis)
        second = np.take(result, range(1, n), axis)
        step = np.angle(np.sum(second * first.conj()))
        ramp = np.exp(-1j * step * steps)
        result = result * (ramp[:, None] if axis == -2 else ramp[None, :])
    return result.astype(np.complex64)
