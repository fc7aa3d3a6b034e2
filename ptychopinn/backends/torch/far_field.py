"""Far-field propagation on tensors; the counterpart of :mod:`ptychopinn.physics.far_field`."""

from __future__ import annotations

import torch
from torch import Tensor


def power(field: Tensor) -> Tensor:
    """Return the squared modulus of a complex field, float32."""
    return field.real.square() + field.imag.square()


def intensity(exit_wave: Tensor) -> Tensor:
    """Return the far-field intensity (pattern, N, N) of exit waves (pattern, mode, N, N), summed over the modes.

    The zero frequency is at ``[N//2, N//2]``.
    """
    return power(torch.fft.fftshift(torch.fft.fft2(exit_wave, norm="ortho"), dim=(-2, -1))).sum(dim=-3)


def shift_factor(shift_px: Tensor, rows: int, columns: int) -> Tensor:
    """Return the spectral factors (pattern, rows, columns) that translate an image by ``shift_px`` (pattern, 2)."""
    lines = []
    # Two lines of factors and their product are several times as fast as a sine and a cosine for every pixel.
    for side, way in ((rows, shift_px[:, :1]), (columns, shift_px[:, 1:])):
        turns = way * torch.fft.fftfreq(side, device=shift_px.device)
        lines.append(torch.polar(torch.ones_like(turns), -2 * torch.pi * turns))
    return lines[0][:, :, None] * lines[1][:, None, :]


def fourier_shift(image: Tensor, shift_px: Tensor) -> Tensor:
    """Translate images by subpixel amounts.

    Parameters
    ----------
    image : tensor (mode, N, N), complex
    shift_px : tensor (pattern, 2), float
        Translation (y, x) of the content towards larger indices.

    Returns
    -------
    tensor (pattern, mode, N, N), complex
    """
    return torch.fft.ifft2(torch.fft.fft2(image)[None] * shift_factor(shift_px, *image.shape[-2:])[:, None])
