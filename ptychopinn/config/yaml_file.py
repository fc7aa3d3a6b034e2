"""Settings in YAML files."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ConfigError

SECTIONS: dict[str, type[Any]] = {
    "model": ModelConfig,
    "training": TrainingConfig,
    "inference": InferenceConfig,
    "execution": PyTorchExecutionConfig,
}


def load_yaml_config(path: str | Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; an empty file gives an empty one.

    Raises
    ------
    OSError
        The file cannot be read.
    ConfigError
        It is not YAML, or not a mapping.
    """
    import yaml

    text = Path(path).read_text(encoding="utf-8")
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {error}", "key: value lines", "Correct the file.") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path} holds a {type(content).__name__}", "key: value lines", "Correct the file.")
    return content


def plain_settings(config: Any) -> dict[str, Any]:
    """Return a configuration as plain values, without its nested model and without values left unset."""
    plain = {}
    for entry in dataclasses.fields(config):
        value = getattr(config, entry.name)
        if value is None or dataclasses.is_dataclass(value):
            continue
        plain[entry.name] = str(value) if isinstance(value, Path) else value
    return plain


def save_settings(path: str | Path, sections: Mapping[str, Any]) -> None:
    """Write configurations by section name (``model``, ``training``, ...) as YAML."""
    import yaml

    content = {name: plain_settings(config) for name, config in sections.items() if config is not None}
    Path(path).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def load_settings(path: str | Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return the values by section of a settings file, and a sentence for each entry that is not known.

    Raises
    ------
    OSError, ConfigError
        The file cannot be read.
    """
    known: dict[str, dict[str, Any]] = {}
    unknown = []
    for section, values in load_yaml_config(path).items():
        if section not in SECTIONS or not isinstance(values, dict):
            unknown.append(f"{section!r} is not a section of the settings; it was left out.")
            continue
        names = {entry.name for entry in dataclasses.fields(SECTIONS[section])}
        known[section] = {name: value for name, value in values.items() if name in names}
        unknown += [f"{section}.{name} is not a setting; it was left out." for name in values if name not in names]
    return known, unknown
