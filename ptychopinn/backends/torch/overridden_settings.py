"""A configuration and the torch settings that mean the same, with a caller's overrides in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.historic.torch.config_overrides import canonical_overrides, merged_execution, read_overrides
from ptychopinn.historic.torch.settings import TorchSettings, changed, configuration_of, settings_of

# Of a configuration, what overrides may change.
_SAID_BY_OVERRIDES = (
    "batch_size",
    "nepochs",
    "nphotons",
    "n_groups",
    "subsample_seed",
    "neighbor_count",
    "torch_loss_mode",
    "intensity_scale_trainable",
    "output_dir",
)


def with_overrides(
    config: TrainingConfig, execution: PyTorchExecutionConfig, overrides: Mapping[str, Any] | None
) -> tuple[TrainingConfig, PyTorchExecutionConfig, TorchSettings]:
    """Return configuration, execution settings and torch settings after overrides, by their names in any of them.

    Parameters
    ----------
    config : TrainingConfig
    execution : PyTorchExecutionConfig
    overrides : mapping or None
        See :func:`ptychopinn.historic.torch.config_overrides.read_overrides`.
    """
    if not overrides:
        return config, execution, settings_of(config, execution)
    asked = read_overrides(overrides)
    execution = merged_execution(asked, execution)
    settings = changed(settings_of(config, execution), asked)
    said = configuration_of(settings)
    values = {name: getattr(said, name) for name in _SAID_BY_OVERRIDES}
    values.update(canonical_overrides(asked, TrainingConfig))
    own = {"architecture": config.model.architecture, **canonical_overrides(asked, ModelConfig)}
    model = replace(said.model, **own)
    return replace(config, model=model, n_images=None, **values), execution, settings
