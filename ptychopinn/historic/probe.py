"""Historic module ``ptycho.probe``: the probe in the legacy dictionary."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import DataError
from ptychopinn.historic import params as legacy_params
from ptychopinn.physics.exit_wave import as_modes


def set_probe_guess(X_train: Any = None, probe_guess: NDArray[np.complexfloating] | None = None) -> None:
    """Store a probe in ``params.cfg['probe']`` as complex64 (N, N, mode).

    Parameters
    ----------
    X_train : array (group, N, N, channel), or None
        If ``probe_guess`` is None, the probe is the inverse Fourier transform of the RMS amplitude of these patterns.
    probe_guess : array (N, N) or (mode, N, N), complex, or None
        If both arguments are None, a disk of diameter ``params.cfg['default_probe_scale']`` times N/2 is stored.

    Raises
    ------
    DataError
        The guess is not square. The error is also a ValueError.
    """
    if probe_guess is None:
        probe_guess = _disk() if X_train is None else _from_patterns(np.asarray(X_train))
    modes = as_modes(np.asarray(probe_guess))
    if modes.shape[-1] != modes.shape[-2]:
        raise DataError(f"the probe guess has shape {np.shape(probe_guess)}", "(N, N) or (modes, N, N)")
    legacy_params.cfg["probe"] = np.moveaxis(modes, 0, -1).astype(np.complex64)


def _from_patterns(patterns: NDArray[Any]) -> NDArray[np.complex64]:
    # The far field of the probe dominates the mean pattern of a weak sample.
    mean = np.sqrt(np.mean(np.square(patterns, dtype=np.float64), axis=(0, 3)))
    return np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(mean), norm="ortho")).astype(np.complex64)


def _disk() -> NDArray[np.complex64]:
    n = int(legacy_params.cfg["N"])
    radius_px = float(legacy_params.cfg["default_probe_scale"]) * n / 4
    axis = np.arange(n) - n // 2
    # The edge falls over one pixel, so that the disk has no steps.
    return np.clip(radius_px + 0.5 - np.hypot(axis[:, None], axis), 0, 1).astype(np.complex64)
