"""Far-field propagation on tensors; the counterpart of :mod:`ptychopinn.physics.far_field`."""

from __future__ import annotations

import torch
from torch import Tensor

_AXES = (-2, -1)


def propagate(exit_wave: Tensor) -> Tensor:
    """Propagate exit waves (..., N, N) to the detector; unitary, zero frequency at ``[N//2, N//2]``."""
    return torch.fft.fftshift(torch.fft.fft2(exit_wave, norm="ortho"), dim=_AXES)


def back_propagate(detector_field: Tensor) -> Tensor:
    """Return the exit waves of detector fields (..., N, N): inverse and adjoint of :func:`propagate`."""
    return torch.fft.ifft2(torch.fft.ifftshift(detector_field, dim=_AXES), norm="ortho")


def intensity(exit_wave: Tensor) -> Tensor:
    """Return the counts of exit waves (pattern, mode, N, N): shape (pattern, N, N), modes added."""
    field = propagate(exit_wave)
    return (field.real.square() + field.imag.square()).sum(dim=-3)


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
    rows, columns = image.shape[-2:]
    fy = torch.fft.fftfreq(rows, device=image.device)
    fx = torch.fft.fftfreq(columns, device=image.device)
    turns = shift_px[:, :1, None] * fy[None, :, None] + shift_px[:, 1:, None] * fx[None, None, :]
    ramp = torch.polar(torch.ones_like(turns), -2 * torch.pi * turns)
    return torch.fft.ifft2(torch.fft.fft2(image)[None] * ramp[:, None])
