"""The common pixel grid of a group of neighbouring patterns, and the probe at each position."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ptychopinn.backends.torch.far_field import fourier_shift, power


@dataclass(frozen=True)
class GroupCanvas:
    """Layout of the patches of each group on a canvas; all canvases of a batch have the same shape.

    Patches lie on whole canvas pixels; the subpixel part of a position shifts the probe, so the object is never
    interpolated.

    Attributes
    ----------
    shape : (int, int)
        Canvas rows and columns; canvas index ``[rows//2, columns//2]`` is the group's origin.
    flat_index : tensor (group * channel, N, N), int64
        Index of every patch pixel in the flattened canvases (group, rows, columns).
    probe : tensor (group * channel, mode, N, N), complex64
    dose : tensor (group, rows, columns), float32
        Summed probe intensity.
    """

    shape: tuple[int, int]
    groups: int
    flat_index: Tensor
    probe: Tensor
    dose: Tensor

    @classmethod
    def build(cls, offsets_px: Tensor, probe: Tensor, shape: tuple[int, int]) -> GroupCanvas:
        """Return the layout of a batch.

        Parameters
        ----------
        offsets_px : tensor (group, channel, 2), float
            Scan positions (y, x) relative to the group's origin.
        probe : tensor (mode, N, N), complex
        shape : (int, int)
            Rows and columns of the canvas; patches that would extend beyond it are moved to its edge.
        """
        groups = offsets_px.shape[0]
        flat, moved = lay_out(offsets_px, probe, shape)
        return cls(shape, groups, flat, moved, _place(flat, power(moved).sum(dim=1), groups, shape))

    def extract(self, canvas: Tensor) -> Tensor:
        """Cut the patches (group * channel, N, N) out of the canvases (group, rows, columns)."""
        return canvas.reshape(-1)[self.flat_index]

    def place(self, patches: Tensor) -> Tensor:
        """Add patches (group * channel, N, N) to empty canvases: the adjoint of :meth:`extract`."""
        return _place(self.flat_index, patches, self.groups, self.shape)

    def central_dose(self, side_px: int) -> Tensor:
        """Return the dose (group, rows, columns) of each patch's central ``side_px`` square; 0 uses whole patches."""
        if side_px <= 0:
            return self.dose
        strength = power(self.probe).sum(dim=1)
        n = strength.shape[-1]
        low = max((n - side_px) // 2, 0)
        inside = torch.zeros_like(strength)
        inside[:, low : low + side_px, low : low + side_px] = 1.0
        return self.place(strength * inside)

    def merge(self, patches: Tensor) -> Tensor:
        """Average overlapping patches on the canvas, weighted by the probe's intensity."""
        weight = power(self.probe).sum(dim=1).detach()
        weight = weight + 1e-3 * weight.amax(dim=(-2, -1), keepdim=True)
        return self.place(weight * patches) / self.place(weight).clamp_min(1e-12)


def lay_out(offsets_px: Tensor, probe: Tensor, shape: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return the ``flat_index`` and ``probe`` of a layout; see :meth:`GroupCanvas.build` for the parameters."""
    groups = offsets_px.shape[0]
    n = probe.shape[-1]
    offsets = offsets_px.reshape(-1, 2)
    whole = torch.floor(offsets + 0.5)
    height, width = shape
    steps = torch.arange(n, device=offsets.device)
    rows = (whole[:, :1].long() + height // 2 - n // 2).clamp(0, height - n) + steps
    columns = (whole[:, 1:].long() + width // 2 - n // 2).clamp(0, width - n) + steps
    group = torch.arange(groups, device=offsets.device).repeat_interleave(offsets_px.shape[1])
    flat = (group[:, None, None] * height + rows[:, :, None]) * width + columns[:, None, :]
    return flat, fourier_shift(probe, (offsets - whole).to(torch.float32))


def _place(flat_index: Tensor, patches: Tensor, groups: int, shape: tuple[int, int]) -> Tensor:
    canvas = torch.zeros(groups * shape[0] * shape[1], dtype=patches.dtype, device=patches.device)
    return canvas.index_add(0, flat_index.reshape(-1), patches.reshape(-1)).view(groups, *shape)
