"""Settings that the user can change at run time, and the configurations built from them."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig

_logger = logging.getLogger("ptychopinn")
_PER_JOB = ("model", "n_images", "model_path", "train_data_file", "test_data_file", "output_dir")


class Setting:
    """A single readable and writable value."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def get_value(self) -> Any:
        """Return the value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Change the value."""
        self._value = value


class SettingsGroup:
    """A group with one :class:`Setting` per field of a configuration; ``changes`` overrides the defaults."""

    def __init__(self, cls: type[Any], changes: Mapping[str, Any] | None = None) -> None:
        for entry in dataclasses.fields(cls):
            if entry.default is not dataclasses.MISSING:
                setattr(self, entry.name, Setting(entry.default))
        for name, value in (changes or {}).items():
            setattr(self, name, Setting(value))

    def take(self, config: Any) -> None:
        """Copy the values from a configuration."""
        for entry in dataclasses.fields(config):
            if hasattr(self, entry.name):
                # A host shows the number of groups that was set.
                name = "chosen_groups" if (entry.name, type(config)) == ("n_groups", TrainingConfig) else entry.name
                getattr(self, entry.name).set_value(getattr(config, name))


def values_of(settings: Any, cls: type[Any]) -> dict[str, Any]:
    """Return values for the fields of the configuration class ``cls``, read from the attributes of ``settings``.

    An attribute is a plain value or has ``get_value()``. File paths are excluded because they belong to the job.
    """
    values = {}
    for entry in dataclasses.fields(cls):
        attribute = getattr(settings, entry.name, None)
        if attribute is not None and entry.name not in _PER_JOB:
            values[entry.name] = attribute.get_value() if hasattr(attribute, "get_value") else attribute
    return values


def training_configuration(name: str, n: int, model: Any, training: Any) -> TrainingConfig:
    """Return the configuration of a training run; ``name`` is 'PINN' or 'Supervised', ``n`` the pattern size."""
    values = values_of(training, TrainingConfig)
    if not values.get("positions_provided", True):
        _logger.warning("positions_provided is False, but the positions in the file are used anyway")
        values["positions_provided"] = True
    return TrainingConfig(_model(name, n, model), **values)


def inference_configuration(
    name: str, n: int, model: Any, inference: Any, model_path: Path, data_file: Path, debug: bool
) -> InferenceConfig:
    """Return the configuration of a reconstruction; see :func:`training_configuration`."""
    values = {**values_of(inference, InferenceConfig), "debug": debug}
    return InferenceConfig(_model(name, n, model), model_path, data_file, **values)


def _model(name: str, n: int, settings: Any) -> ModelConfig:
    return ModelConfig(**{**values_of(settings, ModelConfig), "N": n, "model_type": name.lower()})
