"""PtychoPINN Studio: ptychographic reconstruction with a network that is trained on the patterns themselves."""

from __future__ import annotations

import importlib
import sys

from ptychopinn.renamed import OldNames
from ptychopinn.version import __version__

# True for type checkers and editors, which read the imports; at run time each name is imported at its first use.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ptychopinn.config.execution import PyTorchExecutionConfig
    from ptychopinn.config.inference import InferenceConfig
    from ptychopinn.config.iterative import IterativeConfig
    from ptychopinn.config.model import ModelConfig
    from ptychopinn.config.training import TrainingConfig
    from ptychopinn.historic.raw_data import RawData
    from ptychopinn.physics.simulate import simulate_scan
    from ptychopinn.product.product import Product
    from ptychopinn.workflow.quality_report import quality_report
    from ptychopinn.workflow.quick_look import calibrate_probe, quick_look
    from ptychopinn.workflow.reconstruct import reconstruct
    from ptychopinn.workflow.refine import refine
    from ptychopinn.workflow.train import train

__all__ = [
    "InferenceConfig",
    "IterativeConfig",
    "ModelConfig",
    "Product",
    "PyTorchExecutionConfig",
    "RawData",
    "TrainingConfig",
    "__version__",
    "calibrate_probe",
    "quality_report",
    "quick_look",
    "reconstruct",
    "refine",
    "simulate_scan",
    "train",
]

_MODULES = {
    "ModelConfig": "config.model",
    "TrainingConfig": "config.training",
    "InferenceConfig": "config.inference",
    "PyTorchExecutionConfig": "config.execution",
    "IterativeConfig": "config.iterative",
    "RawData": "historic.raw_data",
    "Product": "product.product",
    "simulate_scan": "physics.simulate",
    "train": "workflow.train",
    "reconstruct": "workflow.reconstruct",
    "quick_look": "workflow.quick_look",
    "calibrate_probe": "workflow.quick_look",
    "refine": "workflow.refine",
    "quality_report": "workflow.quality_report",
}

if not TYPE_CHECKING:  # With this function a type checker would accept any name.

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module 'ptychopinn' has no attribute {name!r}")
        return getattr(importlib.import_module(f"ptychopinn.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


sys.meta_path.insert(0, OldNames)
