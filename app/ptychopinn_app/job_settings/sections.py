"""Settings sections: the dataclass that each one edits, and the fields that the window sets (no Qt)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.field import FieldInfo, describe
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.ranges import field_problems
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.validation import (
    execution_problems,
    inference_problems,
    model_problems,
    own_training_problems,
)


@dataclass(frozen=True)
class Section:
    """One settings section.

    Attributes
    ----------
    name : prefix of the editors' object names
    title : title of its tab
    build : builds the dataclass from field values
    hidden : fields that the window sets (files, folders, backend, units) or that are deprecated
    problems : field -> sentence, for an instance
    extra : settings that belong to the job, not to the dataclass
    """

    name: str
    title: str
    build: Callable[..., Any]
    cls: type
    hidden: frozenset[str]
    problems: Callable[[Any], dict[str, str]]
    extra: tuple[FieldInfo, ...] = ()

    def fields(self) -> tuple[FieldInfo, ...]:
        """The fields that the form shows."""
        return (*self.extra, *(info for info in describe(self.cls) if info.name not in self.hidden))


_FILES = {"model", "test_data_file", "output_dir", "backend", "n_images", "diff3d_units"}


def _training(**values: Any) -> TrainingConfig:
    return TrainingConfig(**({"model": ModelConfig()} | values))


def _inference(**values: Any) -> InferenceConfig:
    unset: dict[str, Any] = {"model": ModelConfig(), "model_path": Path(), "test_data_file": Path()}
    return InferenceConfig(**(unset | values))


REFINE_SWEEPS = FieldInfo(
    name="refine_sweeps",
    type=int,
    optional=False,
    choices=None,
    default=0,
    label="Refinement sweeps",
    help="Iterative sweeps over the measured patterns after the network. One or two sharpen fine detail.",
    group="Refinement",
    minimum=0,
    maximum=500,
)

SECTIONS = (
    Section("model", "Model", ModelConfig, ModelConfig, frozenset(), model_problems),
    Section(
        "training",
        "Training",
        _training,
        TrainingConfig,
        frozenset(_FILES | {"train_data_file"}),
        own_training_problems,
    ),
    Section(
        "inference",
        "Inference",
        _inference,
        InferenceConfig,
        frozenset(_FILES | {"model_path"}),
        inference_problems,
        (REFINE_SWEEPS,),
    ),
    Section(
        "iterations",
        "Iterations",
        IterativeConfig,
        IterativeConfig,
        frozenset({"sweeps"}),
        field_problems,
    ),
    Section(
        "execution",
        "Execution",
        PyTorchExecutionConfig,
        PyTorchExecutionConfig,
        frozenset({"accelerator", "enable_progress_bar"}),
        execution_problems,
    ),
)
BY_NAME = {section.name: section for section in SECTIONS}
