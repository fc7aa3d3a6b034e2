"""Predict the groups of a container with a Lightning module."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ptychopinn.historic.data.container import PtychoDataContainer
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning

# Patterns that go through the network at a time.
_PATTERNS = 256


def predict_container(module: PtychoPINN_Lightning, container: PtychoDataContainer) -> NDArray[np.complex64]:
    """Predict the object patches (group, channel, N, N) of a container."""
    step = max(_PATTERNS // container.X.shape[-1], 1)
    probe = torch.as_tensor(np.asarray(container.probe, np.complex64))
    parts = []
    for start in range(0, len(container.X), step):
        chosen = slice(start, start + step)
        x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(container.X[chosen], -1, 1)))
        offsets = np.moveaxis(container.local_offsets[chosen], -1, 1).astype(np.float32)
        ones = torch.ones(len(x))
        parts.append(module.forward_predict(x, torch.from_numpy(offsets), probe, ones).numpy())
    return np.concatenate(parts)
