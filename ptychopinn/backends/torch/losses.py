"""Losses on relative intensities, so that neither their size nor their minimum depends on the counts of a scan.

Arguments of all functions:

- ``amplitude`` (pattern, N, N): measured diffraction amplitude relative to the scan's root mean square;
- ``intensity`` (pattern, N, N): expected intensity relative to the scan's mean intensity per pixel;
- ``canvas``, ``truth`` (group, rows, columns), complex: predicted and known object;
- ``dose`` (group, rows, columns): summed probe intensity.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ptychopinn.backends.method import DARK


def relative_deviance(amplitude: Tensor, intensity: Tensor) -> Tensor:
    """Return half the mean Poisson deviance per pixel, divided by the mean counts per pixel."""
    rate, counts = intensity + DARK, amplitude.square()
    return (rate - counts + torch.xlogy(counts, (counts + 1e-12) / rate)).mean()


def amplitude_error(amplitude: Tensor, intensity: Tensor) -> Tensor:
    """Return the mean absolute difference between measured and expected relative diffraction amplitudes."""
    return (amplitude - (intensity + DARK).sqrt()).abs().mean()


def total_variation(canvas: Tensor, dose: Tensor) -> Tensor:
    """Return the mean absolute difference between neighbouring object pixels, weighted by the dose."""
    weight = dose / dose.amax()
    down = (canvas[:, 1:] - canvas[:, :-1]).abs() * weight[:, 1:]
    right = (canvas[:, :, 1:] - canvas[:, :, :-1]).abs() * weight[:, :, 1:]
    return (down.sum() + right.sum()) / weight.sum()


def object_error(canvas: Tensor, truth: Tensor, dose: Tensor) -> Tensor:
    """Return the mean modulus of the difference between object and ground truth, weighted by the dose."""
    weight = dose / dose.amax()
    return ((canvas - truth).abs() * weight).sum() / weight.sum()


def at_phase_of(canvas: Tensor, truth: Tensor, dose: Tensor) -> Tensor:
    """Return canvases whose global phase, which the patterns do not determine, is matched to that of ``truth``."""
    agreement = (canvas.conj() * truth * dose).sum(dim=(-2, -1), keepdim=True)
    return canvas * (agreement / agreement.abs().clamp_min(1e-12))
