"""Convert the settings of ``ptycho_torch.config_params`` to the configuration dataclasses, using one table of fields.

The legacy dictionary is not changed; callers pass the results to ``update_legacy_dict``.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ptychopinn.backends.stored_settings import plain_value
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ConfigError
from ptychopinn.historic.torch import config_params as torch_configs

MODEL_TYPES = {"Unsupervised": "pinn", "Supervised": "supervised"}
MODES = {name: mode for mode, name in MODEL_TYPES.items()}
ACTIVATIONS = {"silu": "swish", "SiLU": "swish", **{name: name for name in ("swish", "sigmoid", "softplus", "relu")}}

Overrides = Mapping[str, Any] | None

_PATH_FIELDS = ("train_data_file", "test_data_file", "model_path", "output_dir")


def _same(value: Any) -> Any:
    return value


def _path(value: str | Path | None) -> Path | None:
    return None if value is None else Path(value)


def _gridsize(grid_size: tuple[int, int]) -> int:
    rows, columns = grid_size
    if rows != columns or rows != int(rows):
        raise ConfigError(
            f"DataConfig.grid_size is {grid_size!r}. Non-square grids are not supported",
            "two equal whole numbers",
            "Set it to (1, 1) or (2, 2).",
        )
    return int(rows)


def one_of(name: str, value: Any, words: Collection[str], problem: str = "") -> Any:
    """Check that ``words`` contains ``value``; return the value, translated if ``words`` is a mapping.

    Raises
    ------
    ConfigError
        ``words`` does not contain the value. The error is also a ValueError.
    """
    if value not in words:
        raise ConfigError(f"{problem}{name} is {value!r}", "one of " + ", ".join(words), "Choose one of these.")
    return words[value] if isinstance(words, Mapping) else value


def _has_mask(mask: Any) -> bool:
    return not (mask is None or mask is False)


def _model_type(mode: str) -> Any:
    return one_of("ModelConfig.mode", mode, MODEL_TYPES, "Invalid mode: ")


def _activation(name: str) -> Any:
    return one_of("ModelConfig.amp_activation", name, ACTIVATIONS, "Unknown activation: ")


class Field(NamedTuple):
    """A setting that has a ``name`` in the configuration and a ``torch_name`` in one part of the torch settings.

    ``read`` converts the torch value to the configuration value; ``write`` does the reverse.
    """

    name: str
    part: str
    torch_name: str
    read: Callable[[Any], Any] = _same
    write: Callable[[Any], Any] = _same


def _alike(part: str, names: str) -> tuple[Field, ...]:
    return tuple(Field(name, part, name) for name in names.split())


MODEL_FIELDS = (
    *_alike("data", "N probe_scale"),
    Field("gridsize", "data", "grid_size", _gridsize, lambda size: (size, size)),
    *_alike("model", "n_filters_scale object_big probe_big pad_object gaussian_smoothing_sigma"),
    Field("probe_mask", "model", "probe_mask", _has_mask, lambda on: True if on else None),
    Field("model_type", "model", "mode", _model_type, lambda name: MODES.get(name, name)),
    Field("amp_activation", "model", "amp_activation", _activation),
)
TRAINING_FIELDS = (
    *(Field(name, "training", name, _path, plain_value) for name in _PATH_FIELDS if name != "model_path"),
    *_alike("training", "batch_size n_groups torch_loss_mode"),
    Field("nepochs", "training", "epochs"),
    Field("nll_weight", "training", "nll", float, lambda weight: weight > 0),
    *_alike("data", "nphotons subsample_seed"),
    Field("neighbor_count", "data", "K"),
    *_alike("model", "intensity_scale_trainable"),
)


def read_fields(fields: tuple[Field, ...], parts: Mapping[str, Any], skip: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration values of the torch settings in ``parts``, except those named in ``skip``."""
    return {
        entry.name: entry.read(getattr(parts[entry.part], entry.torch_name))
        for entry in fields
        if entry.part in parts and entry.name not in skip
    }


def to_model_config(
    data: torch_configs.DataConfig, model: torch_configs.ModelConfig, overrides: Overrides = None
) -> ModelConfig:
    """Return a model configuration from torch settings; ``overrides`` (by field name) take precedence.

    Raises
    ------
    ConfigError
        The grid is not square, or a mode, an activation or an override is unknown. The error is also a ValueError.
    """
    extra = _checked(overrides, ModelConfig)
    return ModelConfig(**read_fields(MODEL_FIELDS, {"data": data, "model": model}, extra), **extra)


def to_training_config(
    model: ModelConfig,
    data: torch_configs.DataConfig,
    pt_model: torch_configs.ModelConfig,
    training: torch_configs.TrainingConfig,
    overrides: Overrides = None,
) -> TrainingConfig:
    """Return a training configuration from torch settings; ``overrides`` (by field name) take precedence.

    Warn if no test data file is set.

    Raises
    ------
    ConfigError
        The training file or the number of groups is missing, an override is unknown, or ``nphotons`` still has the
        torch default, which differs from that of the configuration. The error is also a ValueError.
    """
    extra = _checked(overrides, TrainingConfig)
    parts = {"data": data, "model": pt_model, "training": training}
    values = {"model": model, "backend": "pytorch", **read_fields(TRAINING_FIELDS, parts, extra), **extra}
    _require(values, train_data_file="Path('train.npz')", n_groups="512")
    default = torch_configs.DataConfig.nphotons
    if "nphotons" not in extra and data.nphotons == default:
        raise ConfigError(
            f"nphotons default divergence: the default is {default:g} in the torch DataConfig but "
            f"{TrainingConfig.nphotons:g} in TrainingConfig",
            "an explicit number of photons",
            f"Pass overrides=dict(nphotons={TrainingConfig.nphotons:g}), or the photon number of your data.",
        )
    if values["test_data_file"] is None:
        warnings.warn(
            "test_data_file is not set, so evaluation has no separate scan. "
            "Set it in the torch TrainingConfig or in overrides.",
            UserWarning,
            stacklevel=2,
        )
    return TrainingConfig(**values)


def to_inference_config(
    model: ModelConfig,
    data: torch_configs.DataConfig,
    inference: torch_configs.InferenceConfig,
    overrides: Overrides = None,
) -> InferenceConfig:
    """Return an inference configuration from torch settings; ``overrides`` (by field name) take precedence.

    ``inference`` is ignored: its batch size and stitching settings have no counterpart in the result.

    Raises
    ------
    ConfigError
        The overrides lack ``model_path`` or ``test_data_file``, or name an unknown field. The error is also a
        ValueError.
    """
    values: dict[str, Any] = {
        "model": model,
        "neighbor_count": data.K,
        "subsample_seed": data.subsample_seed,
        "backend": "pytorch",
        **_checked(overrides, InferenceConfig),
    }
    _require(values, model_path="Path('wts.h5.zip')", test_data_file="Path('test.npz')")
    return InferenceConfig(**values)


def _checked(overrides: Overrides, cls: type[Any]) -> dict[str, Any]:
    names = [entry.name for entry in dataclasses.fields(cls)]
    unknown = [name for name in overrides or {} if name not in names]
    if unknown:
        raise ConfigError(
            f"overrides has {', '.join(map(repr, unknown))}",
            f"fields of {cls.__name__}: {', '.join(names)}",
            "Correct the spelling, or omit the field.",
        )
    return {name: _path(value) if name in _PATH_FIELDS else value for name, value in (overrides or {}).items()}


def _require(values: Mapping[str, Any], **examples: str) -> None:
    for name, example in examples.items():
        if values.get(name) is None:
            raise ConfigError(f"{name} is required, but it is not set", mend=f"Pass overrides=dict({name}={example}).")
