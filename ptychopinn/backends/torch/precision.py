"""Choice of the device, and of bfloat16 or float32 convolutions."""

from __future__ import annotations

import torch

from ptychopinn.backends.base import missing_accelerator
from ptychopinn.backends.cpu_features import multiplies_bfloat16


def choose_device(accelerator: str) -> torch.device:
    """Return the device for an ``accelerator`` setting; ``'auto'`` prefers a GPU.

    Raises
    ------
    ConfigError
        The accelerator is not available on this machine.
    """
    if accelerator == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if accelerator == "cpu":
        return torch.device("cpu")
    if accelerator in ("gpu", "cuda") and torch.cuda.is_available():
        return torch.device("cuda")
    if accelerator in ("gpu", "mps") and torch.backends.mps.is_available():
        return torch.device("mps")
    raise missing_accelerator(accelerator, "PyTorch")


def use_bfloat16(precision: str, device: torch.device) -> bool:
    """Return whether convolutions run in bfloat16; with ``'auto'``, they do if the hardware supports it."""
    if precision != "auto":
        return precision == "bf16-mixed"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and multiplies_bfloat16()
