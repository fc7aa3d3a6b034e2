"""Iterative sweeps of the physics over all patterns of a group at once."""

from __future__ import annotations

import torch
from torch import Tensor

from ptychopinn.backends.torch.group_canvas import GroupCanvas


def to_corner(amplitude: Tensor) -> Tensor:
    """Move the zero frequency of patterns (..., N, N) from the centre to index [0, 0], as an FFT has it."""
    return torch.fft.ifftshift(amplitude, dim=(-2, -1))


def fit_modulus(corner_amplitude: Tensor, exit_wave: Tensor) -> Tensor:
    """Return the exit waves nearest to the given ones whose patterns are the measured ones.

    Parameters
    ----------
    corner_amplitude : tensor (pattern, N, N)
        Measured diffraction amplitude, square root of counts, as :func:`to_corner` gives it: moving the
        patterns once is cheaper than moving the fields in every sweep.
    exit_wave : tensor (pattern, mode, N, N), complex
    """
    field = torch.fft.fft2(exit_wave, norm="ortho")
    modelled = (field.real.square() + field.imag.square()).sum(dim=1).clamp_min(1e-12).sqrt()
    return torch.fft.ifft2(field * (corner_amplitude / modelled)[:, None], norm="ortho")


def sweep_groups(amplitude: Tensor, layout: GroupCanvas, sweeps: int, alpha: float = 0.1) -> list[Tensor]:
    """Improve a flat object by a few parallel rPIE sweeps on each group's canvas.

    Parameters
    ----------
    amplitude : tensor (group * channel, N, N)
        Diffraction amplitude in the probe's units.
    layout : GroupCanvas
    sweeps : int
    alpha : float
        Regularisation of the update in weakly lit pixels, 0 to 1.

    Returns
    -------
    list of tensors (group, side, side), complex
        Object after the first and after the last sweep.

    Notes
    -----
    Maiden, Johnson and Li, Optica 4, 736 (2017), eq. 10, with the updates of the patterns added and
    divided by their summed illumination, so that a full step is stable.
    """
    conjugate = layout.probe.conj()
    brightest = layout.dose.amax(dim=(-2, -1), keepdim=True)
    weight = (1 - alpha) * layout.dose + alpha * brightest
    corner_amplitude = to_corner(amplitude)
    canvas = torch.ones_like(layout.dose, dtype=layout.probe.dtype)
    first = canvas
    for sweep in range(sweeps):
        exit_wave = layout.probe * layout.extract(canvas)[:, None]
        change = (conjugate * (fit_modulus(corner_amplitude, exit_wave) - exit_wave)).sum(dim=1)
        canvas = canvas + layout.place(change) / weight
        if sweep == 0:
            first = canvas
    return [first, canvas]
