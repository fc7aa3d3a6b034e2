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


class ObjectUpdate:
    """Apply the changes of a batch to an object, at a cost independent of the object's size.

    Parameters
    ----------
    canvas : tensor (rows, columns), complex64, contiguous
        Object, which is changed in place.
    """

    def __init__(self, canvas: Tensor) -> None:
        self._canvas = canvas.view(-1)
        self._dose = torch.zeros_like(self._canvas.real, memory_format=torch.contiguous_format)
        self._pulled = torch.zeros_like(self._canvas)

    def __call__(self, flat_index: Tensor, probe: Tensor, change: Tensor, alpha: float) -> None:
        """Apply the changes of exit waves (pattern, mode, N, N); ``flat_index`` and ``probe`` come from ``lay_out``."""
        where = flat_index.reshape(-1)
        self._dose.index_add_(0, where, power(probe).sum(dim=1).reshape(-1))
        self._pulled.index_add_(0, where, (probe.conj() * change).sum(dim=1).reshape(-1))
        if 2 * len(where) > len(self._canvas):
            self._canvas += self._pulled / regularised(self._dose, alpha)
            self._dose.zero_()
            self._pulled.zero_()
            return
        # In a large object, change only the pixels under the batch; patterns that share a pixel write the same value.
        step = self._pulled.index_select(0, where) / regularised(self._dose.index_select(0, where), alpha)
        self._canvas.index_copy_(0, where, self._canvas.index_select(0, where) + step)
        self._dose.index_fill_(0, where, 0)
        self._pulled.index_fill_(0, where, 0)


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
    back = shift_factor(-fraction_px, *patch.shape[-2:])
    spectrum = torch.fft.fft2(patch.conj()[:, None] * change) * back[:, None]
    return torch.fft.ifft2(spectrum.sum(dim=0)) / regularised(power(patch).sum(dim=0), alpha)


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
