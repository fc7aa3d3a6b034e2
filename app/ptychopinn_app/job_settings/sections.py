"""Settings sections: the dataclass that defines each section, and the fields set by the window (no Qt)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.field import FieldInfo, describe, option
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.ranges import field_problems
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.validation import execution_problems, inference_problems, model_problems, own_training_problems

# The window sets these.
_WINDOW_FIELDS = frozenset({"model", "test_data_file", "output_dir", "backend", "n_images", "diff3d_units"})


@dataclass(frozen=True)
class JobOptions:
    """Job settings that are not part of any library configuration."""

    refine_sweeps: int = option(
        0,
        label="Refinement sweeps",
        help="Iterative sweeps that refine the object from the network. One or two sharpen fine detail.",
        minimum=0,
        maximum=500,
        group="Refinement",
    )


@dataclass(frozen=True)
class Section:
    """One settings section.

    Attributes
    ----------
    name : prefix of the editors' object names
    title : title of the section's tab
    cls : the dataclass that defines the section's fields
    problems : function that maps each invalid field of an instance to a sentence that describes the problem
    hidden : fields that are set by the window (files, folders, backend, units) or deprecated
    required : placeholders for required fields, used until the window sets them
    extra : settings that belong to the job, not to the dataclass
    """

    name: str
    title: str
    cls: type
    problems: Callable[[Any], dict[str, str]]
    hidden: frozenset[str] = frozenset()
    required: Mapping[str, Any] = field(default_factory=dict)
    extra: tuple[FieldInfo, ...] = ()

    def fields(self) -> tuple[FieldInfo, ...]:
        """Return the fields that the form shows."""
        return (*self.extra, *(info for info in describe(self.cls) if info.name not in self.hidden))

    def build(self, **values: Any) -> Any:
        """Build the dataclass from field values."""
        return self.cls(**{**self.required, **values})


_TRAINING = {"model": ModelConfig()}
_INFERENCE = {"model": ModelConfig(), "model_path": Path(), "test_data_file": Path()}
_TRAINING_HIDDEN = _WINDOW_FIELDS | {"train_data_file"}
_INFERENCE_HIDDEN = _WINDOW_FIELDS | {"model_path"}
_EXECUTION_HIDDEN = frozenset({"accelerator", "enable_progress_bar"})
REFINE_SWEEPS = describe(JobOptions)[0]

SECTIONS = (
    Section("model", "Model", ModelConfig, model_problems),
    Section("training", "Training", TrainingConfig, own_training_problems, _TRAINING_HIDDEN, _TRAINING),
    Section(
        "inference", "Inference", InferenceConfig, inference_problems, _INFERENCE_HIDDEN, _INFERENCE, (REFINE_SWEEPS,)
    ),
    Section("iterations", "Iterations", IterativeConfig, field_problems, frozenset({"sweeps"})),
    Section("execution", "Execution", PyTorchExecutionConfig, execution_problems, _EXECUTION_HIDDEN),
)
BY_NAME = {section.name: section for section in SECTIONS}
