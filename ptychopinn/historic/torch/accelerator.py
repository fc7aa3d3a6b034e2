"""What ``accelerator='auto'`` means on this machine."""

from __future__ import annotations

import warnings
from typing import Literal


def resolve_auto() -> Literal["cuda", "cpu"]:
    """Return ``'cuda'`` where PyTorch can use a CUDA device, else ``'cpu'`` with a warning."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    # POLICY-001 is the API specification's code for a missing device or framework; callers look for it.
    warnings.warn(
        "POLICY-001: accelerator 'auto' found no CUDA device, so the CPU computes; that is slower. "
        "Set accelerator to 'cpu' to choose it without this warning.",
        UserWarning,
        stacklevel=3,
    )
    return "cpu"
