"""The host's data types, or stand-ins with the same fields when no host is installed."""

from __future__ import annotations

import importlib
from abc import ABC
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ptychodus_adapter import stand_ins


def _host_module(*names: str) -> ModuleType | None:
    """Return the first module of ``ptychodus.api`` that can be imported."""
    for name in names:
        try:
            return importlib.import_module(f"ptychodus.api.{name}")
        except ImportError:
            continue
    return None


# The module of the interfaces was renamed in ptychodus 1.5.
_reconstruct = _host_module("reconstruct", "reconstructor")
_product = _host_module("product")


@dataclass(frozen=True)
class _ReconstructInput:
    """Patterns (pattern, N, N), bad pixels (N, N) and the initial product."""

    diffraction_patterns: Any
    bad_pixels: Any
    product: Any


@dataclass(frozen=True)
class _ReconstructOutput:
    """Product, progress and status of a job."""

    product: Any
    progress: int = 0
    status: int = 0


@dataclass(frozen=True)
class _LossValue:
    """A loss of an epoch, counted from 0."""

    epoch: int
    value: float


@dataclass(frozen=True)
class _TrainOutput:
    """Losses, progress and status of a training."""

    training_loss: Sequence[Any] = field(default_factory=list)
    validation_loss: Sequence[Any] = field(default_factory=list)
    progress: int = 0
    status: int = 0


ReconstructInput: Any = getattr(_reconstruct, "ReconstructInput", _ReconstructInput)
ReconstructOutput: Any = getattr(_reconstruct, "ReconstructOutput", _ReconstructOutput)
TrainOutput: Any = getattr(_reconstruct, "TrainOutput", _TrainOutput)
TrainableReconstructor: Any = getattr(_reconstruct, "TrainableReconstructor", ABC)
ReconstructorLibrary: Any = getattr(_reconstruct, "ReconstructorLibrary", stand_ins.ReconstructorLibrary)
LossValue: Any = getattr(_product, "LossValue", _LossValue)
Product: Any = getattr(_product, "Product", stand_ins.Product)
