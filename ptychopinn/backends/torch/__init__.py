"""The PyTorch and Lightning backend; its parts load when they are first read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptychopinn.backends.torch.backend import BACKEND

# OpenMP threads that spin at barriers wait for whole scheduler slices when another program uses a core:
# on two cores, small tensors were 10 to 30 times slower so. The variable is read when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__all__ = ["BACKEND"]


def __getattr__(name: str) -> Any:
    # The configuration modules of this package are read by programs that must not load Lightning.
    if name != "BACKEND":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ptychopinn.backends.torch.backend import BACKEND

    return BACKEND
