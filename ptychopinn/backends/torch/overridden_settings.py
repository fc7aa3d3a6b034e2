"""A configuration and the torch settings that mean the same, with a caller's overrides in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ptychopinn.backends.torch.config_overrides import read_overrides
from ptychopinn.backends.torch.settings import TorchSettings, changed, configuration_of, settings_of
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.training import TrainingConfig

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
) -> tuple[TrainingConfig, TorchSettings]:
    """Return configuration and torch settings after overrides, by their names in either.

    Parameters
    ----------
    config : TrainingConfig
    execution : PyTorchExecutionConfig
    overrides : mapping or None
        See :func:`ptychopinn.backends.torch.config_overrides.read_overrides`.
    """
    settings = settings_of(config, execution)
    if not overrides:
        return config, settings
    asked = read_overrides(overrides)
    settings = changed(settings, asked)
    said = configuration_of(settings)
    values = {name: getattr(said, name) for name in _SAID_BY_OVERRIDES}
    model = replace(said.model, architecture=config.model.architecture)
    return replace(config, model=model, n_images=None, **values), settings
