"""Updates of object, probe and positions from a batch of patterns."""

from __future__ import annotations

import torch
from torch import Tensor

from ptychopinn.backends.torch.far_field import power, shift_factor

# Largest move of a position in one sweep.
_LARGEST_STEP_PX = 0.2


def regularised(dose: Tensor, alpha: float) -> Tensor:
    """Return the divisor of an update: ``alpha`` times the largest dose plus (1 - ``alpha``) times the dose.

    Notes
    -----
    Maiden, Johnson and Li, Optica 4, 736 (2017), eq. 10; ``alpha`` = 1 gives ePIE.
    """
    return (1 - alpha) * dose + alpha * dose.amax()


def probe_update(patch: Tensor, change: Tensor, fraction_px: Tensor, alpha: float) -> Tensor:
    """Return the change of the unshifted probe (mode, N, N).

    Parameters
    ----------
    patch : tensor (pattern, N, N), complex
    change : tensor (pattern, mode, N, N), complex
    fraction_px : tensor (pattern, 2)
        Subpixel part of the positions, by which the probe was shifted.
    alpha : float
    """
    return probe_pull(patch, change, fraction_px) / regularised(power(patch).sum(dim=0), alpha)


def probe_pull(patch: Tensor, change: Tensor, fraction_px: Tensor) -> Tensor:
    """Return the correction to the unshifted probe, (mode, N, N), summed over the patterns.

    Parameters as in :func:`probe_update`; the sum is the negative gradient of half the squared amplitude error.
    """
    back = shift_factor(-fraction_px, *patch.shape[-2:])
    spectrum = torch.fft.fft2(patch.conj()[:, None] * change) * back[:, None]
    return torch.fft.ifft2(spectrum.sum(dim=0))


def position_update(probe: Tensor, patch: Tensor, change: Tensor) -> Tensor:
    """Return the shifts (y, x) of the positions in pixels, (pattern, 2): one Gauss-Newton step.

    The derivative of the exit wave with respect to position is the probe times the gradient of the object.
    """
    steps = []
    for axis in (-2, -1):
        slope = (torch.roll(patch, -1, axis) - torch.roll(patch, 1, axis)) / 2
        direction = probe * slope[:, None]
        agreement = (direction.conj() * change).real.sum(dim=(1, 2, 3))
        steps.append(agreement / power(direction).sum(dim=(1, 2, 3)).clamp_min(1e-12))
    return torch.stack(steps, dim=1).clamp(-_LARGEST_STEP_PX, _LARGEST_STEP_PX)
