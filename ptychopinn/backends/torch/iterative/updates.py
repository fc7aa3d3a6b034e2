"""One batch of the iterative engine: what the patterns of a batch change in object, probe and positions."""

from __future__ import annotations

import torch
from torch import Tensor

from ptychopinn.backends.torch.group_canvas import GroupCanvas

# Farther than this a pattern is not moved by one sweep.
_LARGEST_STEP_PX = 0.2


def regularised(dose: Tensor, alpha: float) -> Tensor:
    """Return the weight by which an update is divided: alpha of the brightest, the rest of the dose itself.

    Notes
    -----
    Maiden, Johnson and Li, Optica 4, 736 (2017), eq. 10; alpha 1 is ePIE.
    """
    return (1 - alpha) * dose + alpha * dose.amax()


def object_update(layout: GroupCanvas, change: Tensor, alpha: float) -> Tensor:
    """Return what to add to the canvas (1, rows, columns) for changed exit waves (pattern, mode, N, N)."""
    pulled = (layout.probe.conj() * change).sum(dim=1)
    return layout.place(pulled) / regularised(layout.dose, alpha)


def probe_update(patch: Tensor, change: Tensor, fraction_px: Tensor, alpha: float) -> Tensor:
    """Return what to add to the probe (mode, N, N), seen at its own, unshifted place.

    Parameters
    ----------
    patch : tensor (pattern, N, N), complex
    change : tensor (pattern, mode, N, N), complex
    fraction_px : tensor (pattern, 2)
        Subpixel part of the positions, by which the probe was shifted.
    alpha : float
    """
    n = patch.shape[-1]
    weight = regularised((patch.real.square() + patch.imag.square()).sum(dim=0), alpha)
    frequency = torch.fft.fftfreq(n, device=patch.device)
    turns = fraction_px[:, :1, None] * frequency[None, :, None] + fraction_px[:, 1:, None] * frequency[None, None, :]
    back = torch.polar(torch.ones_like(turns), 2 * torch.pi * turns)
    spectrum = torch.fft.fft2(patch.conj()[:, None] * change) * back[:, None]
    return torch.fft.ifft2(spectrum.sum(dim=0)) / weight


def position_update(layout: GroupCanvas, patch: Tensor, change: Tensor) -> Tensor:
    """Return how far (pattern, 2), (y, x) in pixels, each position is to move: a Gauss-Newton step.

    The exit wave at a moved position is the probe times the object's slope there.
    """
    steps = []
    for axis in (-2, -1):
        slope = (torch.roll(patch, -1, axis) - torch.roll(patch, 1, axis)) / 2
        direction = layout.probe * slope[:, None]
        agreement = (direction.conj() * change).real.sum(dim=(1, 2, 3))
        size = (direction.real.square() + direction.imag.square()).sum(dim=(1, 2, 3))
        steps.append(agreement / size.clamp_min(1e-12))
    return torch.stack(steps, dim=1).clamp(-_LARGEST_STEP_PX, _LARGEST_STEP_PX)
