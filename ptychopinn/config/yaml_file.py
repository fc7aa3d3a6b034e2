"""Settings in YAML files: one section per configuration, and a section ``run`` for the other arguments of a run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.field import describe
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import DEFAULT_N_GROUPS, TrainingConfig
from ptychopinn.errors import ConfigError

SECTIONS: dict[str, type[Any]] = {
    "model": ModelConfig,
    "training": TrainingConfig,
    "inference": InferenceConfig,
    "iterations": IterativeConfig,
    "execution": PyTorchExecutionConfig,
}
RUN = "run"
Sections = dict[str, dict[str, Any]]


def load_yaml_config(path: str | Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; an empty file is an empty mapping.

    Raises
    ------
    OSError
        The file cannot be read.
    ConfigError
        The file is not valid YAML, or its content is not a mapping.
    """
    import yaml

    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid YAML: {error}", "'key: value' pairs", "Correct the file.") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path} contains a {type(content).__name__}", "'key: value' pairs", "Correct the file.")
    return content


def plain_settings(config: Any) -> dict[str, Any]:
    """Return the options of a configuration as plain values; paths are absolute, unset values are None."""
    plain = {info.name: _plain(getattr(config, info.name)) for info in describe(type(config))}
    if isinstance(config, TrainingConfig):
        plain["n_groups"] = config.chosen_groups
    return plain


def save_settings(path: str | Path, configs: Mapping[str, Any], run: Mapping[str, Any] | None = None) -> None:
    """Write configurations by section name (``model``, ``training``, ...) as YAML.

    Parameters
    ----------
    path : path
    configs : mapping
        Configuration of each section; None is skipped.
    run : mapping or None
        Plain values, paths and tuples for the section ``run``; entries that are None are skipped.
    """
    import yaml

    content = {name: plain_settings(config) for name, config in configs.items() if config is not None}
    if run is not None:
        content = {RUN: {name: _plain(value) for name, value in run.items() if value is not None}, **content}
    Path(path).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def load_settings(path: str | Path) -> tuple[Sections, list[str]]:
    """Return the values in a settings file by section, and a sentence for each unknown entry.

    Path options are returned as Path. In files written by the first release, which have no section ``run``, an
    ``n_groups`` of 512 means the whole scan and is returned as None.

    Raises
    ------
    OSError, ConfigError
        The file cannot be read, is not valid YAML, or its content is not a mapping.
    """
    sections: Sections = {}
    unknown = []
    for section, values in load_yaml_config(path).items():
        if section not in (RUN, *SECTIONS) or not isinstance(values, dict):
            unknown.append(f"{section!r} is not a valid section of the settings; it was skipped.")
        elif section == RUN:
            sections[RUN] = dict(values)
        else:
            options = {info.name: info for info in describe(SECTIONS[section])}
            sections[section] = {
                name: Path(value) if options[name].type is Path and isinstance(value, str) else value
                for name, value in values.items()
                if name in options
            }
            silent = {*options, *SECTIONS[section].__dataclass_fields__}
            unknown += [f"{section}.{name} is not a setting; it was skipped." for name in values if name not in silent]
    training = sections.get("training", {})
    if RUN not in sections and training.get("n_groups") == DEFAULT_N_GROUPS:
        training["n_groups"] = None
    return sections, unknown


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return os.path.abspath(value)
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    # A host may pass numbers of numpy.
    return value.item() if hasattr(value, "item") else value
