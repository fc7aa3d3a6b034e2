"""Iterative sweeps over all patterns of a group simultaneously."""

from __future__ import annotations

import torch
from torch import Tensor

from ptychopinn.backends.method import ALPHA, LAST_FLOOR, MOMENTUM
from ptychopinn.backends.torch.far_field import power
from ptychopinn.backends.torch.group_canvas import GroupCanvas


def to_corner(amplitude: Tensor) -> Tensor:
    """Move the zero frequency of patterns (..., N, N) from the centre to index [0, 0], where an FFT expects it."""
    return torch.fft.ifftshift(amplitude, dim=(-2, -1))


def fit_modulus(corner_amplitude: Tensor, exit_wave: Tensor, floor: float = 1e-12) -> Tensor:
    """Return the nearest exit waves that agree with the measured patterns.

    Parameters
    ----------
    corner_amplitude : tensor (pattern, N, N)
        Measured diffraction amplitude in the unit of ``exit_wave``, shifted by :func:`to_corner`. Shifting the
        patterns once is cheaper than shifting the fields in every sweep.
    exit_wave : tensor (pattern, mode, N, N), complex
    floor : float
        Modelled intensity below which the measured amplitude is not fully imposed, because the phase of a dark pixel
        is rounding noise.
    """
    field = torch.fft.fft2(exit_wave, norm="ortho")
    modelled = power(field).sum(dim=1).add(floor).sqrt()
    return torch.fft.ifft2(field * (corner_amplitude / modelled)[:, None], norm="ortho")


def sweep_groups(amplitude: Tensor, layout: GroupCanvas, sweeps: int) -> list[Tensor]:
    """Reconstruct each group on its canvas by a few sweeps of parallel rPIE, starting from a flat object.

    Parameters
    ----------
    amplitude : tensor (group * channel, N, N)
        Relative diffraction amplitude.
    layout : GroupCanvas
    sweeps : int

    Returns
    -------
    list of tensors (group, side, side), complex
        Objects after the first and after the last sweep.

    Notes
    -----
    Maiden, Johnson and Li, Optica 4, 736 (2017), eq. 10, with momentum as in eq. 19. The updates of the patterns
    are added and divided by their summed illumination, so that a full step is stable. The floor of the modelled
    intensity falls from the mean intensity to 1e-4 of it, so that bright pixels are fitted first, and dark pixels
    once the object determines their phase.
    """
    conjugate = layout.probe.conj()
    brightest = layout.dose.amax(dim=(-2, -1), keepdim=True)
    weight = (1 - ALPHA) * layout.dose + ALPHA * brightest
    corner_amplitude = to_corner(amplitude)
    canvas = torch.ones_like(layout.dose, dtype=layout.probe.dtype)
    first = canvas
    velocity = torch.zeros_like(canvas)
    for sweep in range(sweeps):
        floor = 10.0 ** (LAST_FLOOR * sweep / max(sweeps - 1, 1))
        exit_wave = layout.probe * layout.extract(canvas)[:, None]
        change = (conjugate * (fit_modulus(corner_amplitude, exit_wave, floor) - exit_wave)).sum(dim=1)
        velocity = MOMENTUM * velocity + layout.place(change) / weight
        canvas = canvas + velocity
        if sweep == 0:
            first = canvas
    return [first, canvas]
