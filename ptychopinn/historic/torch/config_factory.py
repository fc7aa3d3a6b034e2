"""Complete sets of settings for a training or a reconstruction (Specification §4.8, §4.9).

What wins: explicit overrides, then the execution configuration, then the defaults.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ptychopinn.archive.locate import MissingArchiveError
from ptychopinn.archive.manifest import MANIFEST_NAME
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.validation import validate_inference_config, validate_training_config
from ptychopinn.data.npz import header
from ptychopinn.data.npz_schema import schema_name
from ptychopinn.files.names import MODEL_FILE
from ptychopinn.historic.data.data_files import require_data_file
from ptychopinn.historic.data.npz_metadata import stored_nphotons
from ptychopinn.historic.params import populate_legacy_params
from ptychopinn.historic.torch import config_params as legacy_configs
from ptychopinn.historic.torch.config_bridge import to_inference_config, to_model_config, to_training_config
from ptychopinn.historic.torch.config_overrides import (
    CARRIED,
    applied_settings,
    canonical_overrides,
    merged_execution,
    read_overrides,
    require_groups,
)

logger = logging.getLogger(__name__)

_DEFAULT_N = 64


@dataclass
class TrainingPayload:
    """Everything that a training with PyTorch is told; ``overrides_applied`` maps a name to the value that won."""

    tf_training_config: TrainingConfig
    pt_data_config: legacy_configs.DataConfig
    pt_model_config: legacy_configs.ModelConfig
    pt_training_config: legacy_configs.TrainingConfig
    pt_inference_config: legacy_configs.InferenceConfig
    execution_config: PyTorchExecutionConfig
    overrides_applied: dict[str, Any]


@dataclass
class InferencePayload:
    """Everything that a reconstruction with PyTorch is told; ``overrides_applied`` as in the training payload."""

    tf_inference_config: InferenceConfig
    pt_data_config: legacy_configs.DataConfig
    pt_inference_config: legacy_configs.InferenceConfig
    execution_config: PyTorchExecutionConfig
    overrides_applied: dict[str, Any]


def create_training_payload(
    train_data_file: str | Path,
    output_dir: str | Path,
    overrides: Mapping[str, Any] | None = None,
    execution_config: PyTorchExecutionConfig | None = None,
) -> TrainingPayload:
    """Settings of a training, checked and written into the legacy dictionary (without the execution settings).

    Parameters
    ----------
    train_data_file, output_dir : path
    overrides : mapping
        ``n_groups`` (required), ``gridsize``, ``max_epochs`` and any other field of the settings by its name.
    execution_config : PyTorchExecutionConfig or None
        None takes the defaults, on a GPU where there is one.

    Raises
    ------
    MissingFileError
        The training or the test file is not there; it is a FileNotFoundError.
    ConfigError
        ``n_groups`` is missing, an override is unknown, or a value is outside its range; it is a ValueError.
    """
    asked = read_overrides(overrides)
    arguments = {
        "train_data_file": require_data_file(train_data_file, "Training"),
        "output_dir": Path(output_dir),
    }
    if "test_data_file" in asked:
        asked["test_data_file"] = require_data_file(asked["test_data_file"], "Test")
    require_groups(asked)
    execution = merged_execution(asked, execution_config)
    data = _data_settings(asked, arguments["train_data_file"])
    model = _model_settings(asked, data.C)
    training = _training_settings({**asked, **arguments}, execution)
    _settle_loss(asked, model, training)
    inference = _inference_settings({name: asked[name] for name in asked if name != "batch_size"}, execution)
    config = to_training_config(
        _canonical_model(asked, data, model),
        data,
        model,
        training,
        {**canonical_overrides(asked, TrainingConfig), "nphotons": data.nphotons},
    )
    validate_training_config(config)
    populate_legacy_params(config)
    applied = applied_settings(overrides, execution, arguments)
    _log_applied("training", applied)
    return TrainingPayload(config, data, model, training, inference, execution, applied)


def create_inference_payload(
    model_path: str | Path,
    test_data_file: str | Path,
    output_dir: str | Path,
    overrides: Mapping[str, Any] | None = None,
    execution_config: PyTorchExecutionConfig | None = None,
) -> InferencePayload:
    """Settings of a reconstruction, checked and written into the legacy dictionary.

    The archive is looked for but not opened: its own settings win when it is loaded.

    Parameters
    ----------
    model_path : path
        The model archive, or a folder that holds it packed or unpacked.
    test_data_file, output_dir : path
    overrides, execution_config
        As for :func:`create_training_payload`.

    Raises
    ------
    MissingFileError
        The scan file is not there; it is a FileNotFoundError.
    MissingArchiveError
        The archive is not there; it is both a FileNotFoundError and a ValueError.
    ConfigError
        As for :func:`create_training_payload`.
    """
    asked = read_overrides(overrides)
    arguments = {
        "test_data_file": require_data_file(test_data_file, "Test"),
        "model_path": _require_archive(Path(model_path)),
        "output_dir": Path(output_dir),
    }
    require_groups(asked)
    execution = merged_execution(asked, execution_config)
    data = _data_settings(asked, arguments["test_data_file"])
    inference = _inference_settings(asked, execution)
    config = to_inference_config(
        _canonical_model(asked, data, _model_settings(asked, data.C)),
        data,
        inference,
        {**canonical_overrides(asked, InferenceConfig), **arguments},
    )
    validate_inference_config(config)
    populate_legacy_params(config)
    applied = applied_settings(overrides, execution, arguments)
    _log_applied("inference", applied)
    return InferencePayload(config, data, inference, execution, applied)


def infer_probe_size(data_file: str | Path) -> int:
    """Side of the probe in a scan file, in pixels, from its last axis; 64, with a warning, if there is no probe.

    Raises
    ------
    MissingFileError, DataError
        The file is absent, another kind of file, or damaged.
    """
    arrays = header(data_file)
    for key, (shape, _) in arrays.items():
        if schema_name(key, frozenset(arrays)) == "probeGuess" and shape:
            return int(shape[-1])
    logger.warning("%s has no probeGuess; the pattern size is taken as %d pixels", data_file, _DEFAULT_N)
    return _DEFAULT_N


def _data_settings(asked: Mapping[str, Any], data_file: Path) -> legacy_configs.DataConfig:
    rows, columns = asked.get("grid_size", (1, 1))
    members = rows * columns
    data = legacy_configs.DataConfig(
        N=asked["N"] if "N" in asked else infer_probe_size(data_file),
        grid_size=(rows, columns),
        C=members,
        # A group cannot have more members than the neighbours it is drawn from.
        K=max(legacy_configs.DataConfig.K, members),
        nphotons=stored_nphotons(data_file) or TrainingConfig.nphotons,
    )
    legacy_configs.update_existing_config(data, asked)
    return data


def _model_settings(asked: Mapping[str, Any], members: int) -> legacy_configs.ModelConfig:
    model = legacy_configs.ModelConfig(C_model=members, C_forward=members)
    legacy_configs.update_existing_config(model, asked)
    return model


def _training_settings(asked: Mapping[str, Any], execution: PyTorchExecutionConfig) -> legacy_configs.TrainingConfig:
    training = legacy_configs.TrainingConfig()
    legacy_configs.update_existing_config(training, {name: getattr(execution, name) for name in CARRIED})
    paths = {name: str(asked[name]) for name in ("train_data_file", "test_data_file", "output_dir") if name in asked}
    legacy_configs.update_existing_config(training, {**asked, **paths})
    return training


def _settle_loss(
    asked: Mapping[str, Any], model: legacy_configs.ModelConfig, training: legacy_configs.TrainingConfig
) -> None:
    # A known object is compared by absolute differences, and so is everything without a likelihood.
    if "torch_loss_mode" not in asked and (model.mode == "Supervised" or not training.nll):
        training.torch_loss_mode = "mae"
    if "loss_function" not in asked and training.torch_loss_mode == "mae":
        model.loss_function = "MAE"


def _inference_settings(asked: Mapping[str, Any], execution: PyTorchExecutionConfig) -> legacy_configs.InferenceConfig:
    inference = legacy_configs.InferenceConfig()
    if execution.inference_batch_size is not None:
        inference.batch_size = execution.inference_batch_size
    legacy_configs.update_existing_config(inference, asked)
    return inference


def _canonical_model(
    asked: Mapping[str, Any], data: legacy_configs.DataConfig, model: legacy_configs.ModelConfig
) -> ModelConfig:
    return to_model_config(data, model, canonical_overrides(asked, ModelConfig))


def _require_archive(path: Path) -> Path:
    inside = [path / MODEL_FILE, path / MANIFEST_NAME] if path.is_dir() else [path]
    if not any(file.is_file() for file in inside):
        raise MissingArchiveError(
            f"Model archive not found: {path}",
            f"a {MODEL_FILE} file, or a folder that holds it packed or unpacked",
            "Choose the folder of a finished training run.",
        )
    return path


def _log_applied(purpose: str, applied: Mapping[str, Any]) -> None:
    listed = ", ".join(f"{name}={value}" for name, value in applied.items())
    logger.info("Settings applied for %s: %s", purpose, listed)
