"""Incoherent probe modes: adding modes and keeping them orthogonal."""

from __future__ import annotations

import torch
from torch import Tensor

# Fraction of the total power in each added mode.
_ADDED_POWER = 0.03


def add_modes(probe: Tensor, count: int) -> Tensor:
    """Return a probe (count, N, N) with ``count`` modes and the total power of ``probe``.

    Each added mode is the first mode times powers of y and x, measured from the first mode's centre, and is made
    orthogonal to the preceding modes. Such modes approximate the strongest modes of a slightly moving beam.
    """
    power = probe.abs().square().sum()
    # A dark mode stays dark under every update, and nothing can be made orthogonal to it.
    probe = probe[probe.abs().square().sum(dim=(-2, -1)) > 0][:count]
    if len(probe) == count:
        return probe * torch.sqrt(power / probe.abs().square().sum())
    strength = probe[0].abs().square()
    n = probe.shape[-1]
    line = torch.arange(n, device=probe.device, dtype=torch.float32)
    y = line - (strength.sum(dim=1) * line).sum() / strength.sum()
    x = line - (strength.sum(dim=0) * line).sum() / strength.sum()
    width = torch.sqrt((strength * (y[:, None].square() + x[None].square())).sum() / strength.sum())
    orders = sorted(((i, total - i) for total in range(1, count + 1) for i in range(total, -1, -1)), key=sum)
    modes = list(probe)
    for i, j in orders[: count - len(probe)]:
        mode = probe[0] * (y[:, None] / width) ** i * (x[None] / width) ** j
        for other in modes:
            mode = mode - other * (other.conj() * mode).sum() / other.abs().square().sum()
        modes.append(mode * torch.sqrt(_ADDED_POWER * power / mode.abs().square().sum()))
    full = torch.stack(modes)
    return full * torch.sqrt(power / full.abs().square().sum())


def orthogonalised(probe: Tensor) -> Tensor:
    """Return orthogonal modes with the same incoherent sum as ``probe``, strongest first.

    Notes
    -----
    Thibault and Menzel, Nature 494, 68 (2013): modes are determined only up to a unitary transformation; the
    eigenvectors of their Gram matrix give orthogonal modes.
    """
    if len(probe) == 1:
        return probe
    flat = probe.reshape(len(probe), -1)
    gram = flat @ flat.mH
    if not bool(torch.isfinite(torch.view_as_real(gram)).all()):
        return probe
    _, vectors = torch.linalg.eigh(gram)
    return (vectors.mH @ flat).flip(0).reshape(probe.shape)
