"""The PyTorch and Lightning backend."""

from __future__ import annotations

import os

# OpenMP threads that spin at barriers wait for whole scheduler slices when another program uses a core:
# on two cores, small tensors were 10 to 30 times slower so. The variable is read when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from ptychopinn.backends.torch.workflow import BACKEND

__all__ = ["BACKEND"]
