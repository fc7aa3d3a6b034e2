"""PtychoPINN Studio: ptychographic reconstruction by a network trained on the patterns themselves."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_LAZY = {
    "ModelConfig": "ptychopinn.config.model",
    "TrainingConfig": "ptychopinn.config.training",
    "InferenceConfig": "ptychopinn.config.inference",
    "PyTorchExecutionConfig": "ptychopinn.config.execution",
    "IterativeConfig": "ptychopinn.config.iterative",
    "RawData": "ptychopinn.data.raw_data",
    "Product": "ptychopinn.product.product",
    "simulate_scan": "ptychopinn.physics.simulate",
    "train": "ptychopinn.workflow.train",
    "reconstruct": "ptychopinn.workflow.reconstruct",
    "quick_look": "ptychopinn.workflow.quick_look",
    "calibrate_probe": "ptychopinn.workflow.quick_look",
    "refine": "ptychopinn.workflow.refine",
    "quality_report": "ptychopinn.workflow.quality_report",
}

__all__ = ["__version__", *_LAZY]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'ptychopinn' has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
