"""Settings that a user changes while the program runs, and the configurations they make."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from typing import Any

from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig

_logger = logging.getLogger("ptychopinn")


class Setting:
    """One value that can be read and changed."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def get_value(self) -> Any:
        """Return the value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Change the value."""
        self._value = value


class SettingsGroup:
    """A :class:`Setting` for every field of a configuration.

    Parameters
    ----------
    cls : dataclass
    changes : mapping
        Values that differ from the defaults of the dataclass.
    """

    def __init__(self, cls: type[Any], changes: Mapping[str, Any] | None = None) -> None:
        for entry in dataclasses.fields(cls):
            if entry.default is not dataclasses.MISSING:
                setattr(self, entry.name, Setting(entry.default))
        for name, value in (changes or {}).items():
            setattr(self, name, Setting(value))

    def take(self, config: Any) -> None:
        """Take the values of a configuration."""
        for entry in dataclasses.fields(config):
            if hasattr(self, entry.name):
                # What a host shows as the number of groups is the number that was set.
                name = "chosen_groups" if (entry.name, type(config)) == ("n_groups", TrainingConfig) else entry.name
                getattr(self, entry.name).set_value(getattr(config, name))


def values_of(settings: Any, cls: type[Any]) -> dict[str, Any]:
    """Return the fields of a configuration that settings have, whether the host's or ours.

    Parameters
    ----------
    settings : object
        Attributes with ``get_value()``, or plain values.
    cls : dataclass
    """
    found = {}
    for entry in dataclasses.fields(cls):
        attribute = getattr(settings, entry.name, None)
        if attribute is not None:
            found[entry.name] = attribute.get_value() if hasattr(attribute, "get_value") else attribute
    return found


def training_configuration(name: str, n: int, model: Any, training: Any) -> TrainingConfig:
    """Return the configuration of a training; ``name`` is 'PINN' or 'Supervised', ``n`` the pattern size.

    Files are not among the settings: they come with the job.
    """
    values = values_of(training, TrainingConfig)
    for unset in ("model", "n_images", "train_data_file", "test_data_file", "output_dir"):
        values.pop(unset, None)
    if not values.get("positions_provided", True):
        _logger.warning("positions_provided is False; the positions in the file are used all the same")
        values["positions_provided"] = True
    return TrainingConfig(_model(name, n, model), **values)


def inference_configuration(
    name: str, n: int, model: Any, inference: Any, *, model_path: Any, data_file: Any, debug: bool
) -> InferenceConfig:
    """Return the configuration of a reconstruction; see :func:`training_configuration`."""
    values = values_of(inference, InferenceConfig)
    for unset in ("model", "model_path", "test_data_file", "n_images", "output_dir"):
        values.pop(unset, None)
    return InferenceConfig(_model(name, n, model), model_path, data_file, **{**values, "debug": debug})


def _model(name: str, n: int, settings: Any) -> ModelConfig:
    return ModelConfig(**{**values_of(settings, ModelConfig), "N": n, "model_type": name.lower()})
