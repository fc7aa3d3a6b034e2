"""Checks of the configuration: all problems at once for forms, the first one as an error for code."""

from __future__ import annotations

import math
import typing
from pathlib import Path
from typing import Any

from ptychopinn.config.field import describe
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ConfigError
from ptychopinn.files.names import MODEL_FILE

if typing.TYPE_CHECKING:
    from ptychopinn.config.execution import PyTorchExecutionConfig
    from ptychopinn.config.iterative import IterativeConfig


def model_problems(config: ModelConfig) -> dict[str, str]:
    """Return a sentence for every field of a model configuration that cannot be used."""
    problems = _described_problems(config)
    _positive(config, problems, "N", "gridsize", "n_filters_scale", "probe_scale")
    return problems


def training_problems(config: TrainingConfig) -> dict[str, str]:
    """Return a sentence for every field of a training configuration that cannot be used; without the model's."""
    problems = _described_problems(config)
    _positive(config, problems, "nepochs", "nphotons", "batch_size", "max_minutes")
    size = 0 if "batch_size" in problems else int(config.batch_size)
    if size & (size - 1):
        problems["batch_size"] = _say(
            "batch_size", size, "a power of two", f"Set it to {2 ** (size.bit_length() - 1)}."
        )
    weights = {"realspace_mae_weight", "realspace_weight"}
    if not weights & set(problems) and config.realspace_mae_weight > 0 and not config.realspace_weight > 0:
        problems["realspace_mae_weight"] = _say(
            "realspace_mae_weight",
            config.realspace_mae_weight,
            "0 while realspace_weight is 0",
            "Set realspace_weight above 0 too.",
        )
    if config.nll_weight == 0 and config.mae_weight == 0 and config.torch_loss_mode == "poisson":
        problems.setdefault(
            "nll_weight",
            _say("nll_weight", 0, "a positive weight while mae_weight is 0", "Give one of the two a weight."),
        )
    return problems


def iterative_problems(config: IterativeConfig) -> dict[str, str]:
    """Return a sentence for every setting of the iterative engine that cannot be used."""
    return _described_problems(config)


def inference_problems(config: InferenceConfig) -> dict[str, str]:
    """Return a sentence for every field of an inference configuration that cannot be used."""
    problems = _described_problems(config)
    if not _holds_archive(Path(config.model_path)):
        problems["model_path"] = (
            f"model_path is {config.model_path}, where there is no {MODEL_FILE}; expected a trained model. "
            "Choose the archive or the folder that training wrote."
        )
    return problems


def execution_problems(config: PyTorchExecutionConfig) -> dict[str, str]:
    """Return a sentence for every field of an execution configuration that cannot be used."""
    problems = _described_problems(config)
    _positive(config, problems, "learning_rate")
    return problems


def validate_model_config(config: ModelConfig) -> None:
    """Raise :class:`ConfigError` (a ValueError) naming the first field that cannot be used."""
    _raise_first(model_problems(config))


def validate_training_config(config: TrainingConfig) -> None:
    """Raise :class:`ConfigError` (a ValueError) naming the first field that cannot be used, the model's too."""
    _raise_first({**model_problems(config.model), **training_problems(config)})


def validate_inference_config(config: InferenceConfig) -> None:
    """Raise :class:`ConfigError` (a ValueError) naming the first field, ``wts.h5.zip`` when it is missing."""
    _raise_first({**model_problems(config.model), **inference_problems(config)})


def validate_reconstruction(config: InferenceConfig) -> None:
    """Raise :class:`ConfigError` naming the first setting out of its range; the model is not looked at."""
    _raise_first(_described_problems(config))


def _raise_first(problems: dict[str, str]) -> None:
    for sentence in problems.values():
        raise ConfigError(sentence)


def _described_problems(config: Any) -> dict[str, str]:
    problems = {}
    for info in describe(type(config)):
        sentence = _problem(info, getattr(config, info.name))
        if sentence:
            problems[info.name] = sentence
    return problems


def _problem(info: Any, value: Any) -> str | None:
    name = info.name
    if value is None:
        return None if info.optional else _say(name, value, "a value", "Fill it in.")
    if info.choices is not None:
        allowed = ", ".join(str(choice) for choice in info.choices)
        return None if value in info.choices else _say(name, repr(value), f"one of {allowed}", "Choose one of these.")
    if info.type in (int, float):
        if isinstance(value, bool) or not _is_number(value):
            return _say(name, repr(value), "a number", "Write digits without quotes, for example 0.001.")
        if not math.isfinite(value):
            return _say(name, value, "a finite number", "Write another value.")
        if info.type is int and int(value) != value:
            return _say(name, value, "a whole number", f"Set it to {round(value)}.")
        if info.minimum is not None and value < info.minimum:
            return _say(name, value, f"{info.minimum:g} or more", "Raise it.")
        if info.maximum is not None and value > info.maximum:
            return _say(name, value, f"{info.maximum:g} or less", "Lower it.")
    return None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str)


def _positive(config: Any, problems: dict[str, str], *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if _is_number(value) and not value > 0:
            problems[name] = _say(name, value, "a positive number", "Raise it.")


def _say(name: str, value: Any, expected: str, mend: str) -> str:
    return f"{name} is {value}; expected {expected}. {mend}"


def _holds_archive(path: Path) -> bool:
    if path.is_dir():
        return (path / MODEL_FILE).exists() or (path / "manifest.dill").exists()
    return path.is_file()
