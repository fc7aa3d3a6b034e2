"""From the settings of ``ptycho_torch.config_params`` to the configuration dataclasses.

The legacy dictionary stays untouched; callers pass the results to ``update_legacy_dict``.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ConfigError
from ptychopinn.historic.torch import config_params as legacy_configs

MODEL_TYPES = {"Unsupervised": "pinn", "Supervised": "supervised"}
ACTIVATIONS = {
    "silu": "swish",
    "SiLU": "swish",
    "swish": "swish",
    "sigmoid": "sigmoid",
    "softplus": "softplus",
    "relu": "relu",
}

Overrides = Mapping[str, Any] | None

_PATH_FIELDS = ("train_data_file", "test_data_file", "model_path", "output_dir")


def to_model_config(
    data: legacy_configs.DataConfig, model: legacy_configs.ModelConfig, overrides: Overrides = None
) -> ModelConfig:
    """Model configuration of the torch settings; ``overrides`` (its field names) win.

    Raises
    ------
    ConfigError
        A grid that is not square, an unknown mode or activation, or an unknown override. It is a ValueError.
    """
    given = _checked(overrides, ModelConfig)
    values: dict[str, Any] = {
        "N": data.N,
        "probe_scale": data.probe_scale,
        "n_filters_scale": model.n_filters_scale,
        "object_big": model.object_big,
        "probe_big": model.probe_big,
        "probe_mask": model.probe_mask if isinstance(model.probe_mask, bool) else model.probe_mask is not None,
        "pad_object": model.pad_object,
        "gaussian_smoothing_sigma": model.gaussian_smoothing_sigma,
    }
    if "gridsize" not in given:
        values["gridsize"] = _gridsize(data.grid_size)
    if "model_type" not in given:
        values["model_type"] = _word(model.mode, MODEL_TYPES, "Invalid mode", "ModelConfig.mode")
    if "amp_activation" not in given:
        values["amp_activation"] = _word(
            model.amp_activation, ACTIVATIONS, "Unknown activation", "ModelConfig.amp_activation"
        )
    return ModelConfig(**{**values, **given})


def to_training_config(
    model: ModelConfig,
    data: legacy_configs.DataConfig,
    pt_model: legacy_configs.ModelConfig,
    training: legacy_configs.TrainingConfig,
    overrides: Overrides = None,
) -> TrainingConfig:
    """Training configuration of the torch settings for backend 'pytorch'; ``overrides`` (its field names) win.

    Warns once when there is no test data file.

    Raises
    ------
    ConfigError
        No training file, no number of groups, ``nphotons`` left at the torch default (which differs from the
        configuration's), or an unknown override. It is a ValueError.
    """
    given = _checked(overrides, TrainingConfig)
    values: dict[str, Any] = {
        "model": model,
        "train_data_file": _path(training.train_data_file),
        "test_data_file": _path(training.test_data_file),
        "batch_size": training.batch_size,
        "nepochs": training.epochs,
        "nll_weight": float(training.nll),
        "nphotons": data.nphotons,
        "n_groups": training.n_groups,
        "subsample_seed": data.subsample_seed,
        "neighbor_count": data.K,
        "intensity_scale_trainable": pt_model.intensity_scale_trainable,
        "output_dir": _path(training.output_dir),
        "torch_loss_mode": training.torch_loss_mode,
        "backend": "pytorch",
        **given,
    }
    _require(values, "train_data_file", "train_data_file=Path('train.npz')")
    _require(values, "n_groups", "n_groups=512")
    if "nphotons" not in given:
        _refuse_default_photons(data.nphotons)
    if values["test_data_file"] is None:
        warnings.warn(
            "test_data_file is not set, so evaluation has no scan of its own. "
            "Set it in the torch TrainingConfig or in overrides.",
            UserWarning,
            stacklevel=2,
        )
    return TrainingConfig(**values)


def to_inference_config(
    model: ModelConfig,
    data: legacy_configs.DataConfig,
    inference: legacy_configs.InferenceConfig,
    overrides: Overrides = None,
) -> InferenceConfig:
    """Inference configuration of the torch settings for backend 'pytorch'; ``overrides`` (its field names) win.

    ``inference`` holds batch size and stitching, which the result does not carry.

    Raises
    ------
    ConfigError
        The overrides lack ``model_path`` or ``test_data_file``, or name an unknown field. It is a ValueError.
    """
    values: dict[str, Any] = {
        "model": model,
        "neighbor_count": data.K,
        "subsample_seed": data.subsample_seed,
        "backend": "pytorch",
        **_checked(overrides, InferenceConfig),
    }
    _require(values, "model_path", "model_path=Path('wts.h5.zip')")
    _require(values, "test_data_file", "test_data_file=Path('test.npz')")
    return InferenceConfig(**values)


def _checked(overrides: Overrides, cls: type[Any]) -> dict[str, Any]:
    known = [entry.name for entry in dataclasses.fields(cls)]
    unknown = [name for name in overrides or {} if name not in known]
    if unknown:
        raise ConfigError(
            f"overrides has {', '.join(map(repr, unknown))}",
            f"fields of {cls.__name__}: {', '.join(known)}",
            "Correct the spelling or leave it out.",
        )
    return {name: _path(value) if name in _PATH_FIELDS else value for name, value in (overrides or {}).items()}


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


def _word(value: str, words: Mapping[str, str], problem: str, name: str) -> str:
    if value not in words:
        raise ConfigError(f"{problem}: {name} is {value!r}", "one of " + ", ".join(words), "Choose one of these.")
    return words[value]


def _require(values: Mapping[str, Any], name: str, example: str) -> None:
    if values.get(name) is None:
        raise ConfigError(f"{name} is required, but it is not set", mend=f"Pass overrides=dict({example}).")


def _refuse_default_photons(nphotons: float) -> None:
    if nphotons == legacy_configs.DataConfig.nphotons:
        raise ConfigError(
            f"nphotons default divergence: the torch DataConfig has its default {nphotons:g}, while the default of "
            f"TrainingConfig is {TrainingConfig.nphotons:g}",
            "a number of photons that was chosen",
            f"Pass overrides=dict(nphotons={TrainingConfig.nphotons:g}), or the number of your data.",
        )
