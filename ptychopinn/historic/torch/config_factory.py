"""Complete sets of settings for a training run or a reconstruction (API specification, sections 4.8 and 4.9).

Precedence: explicit overrides, then the execution configuration, then the defaults.
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
from ptychopinn.errors import ConfigError
from ptychopinn.files.names import MODEL_FILE
from ptychopinn.historic.metadata import stored_nphotons
from ptychopinn.historic.populate import populate_legacy_params
from ptychopinn.historic.raw_data import require_data_file
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.config_bridge import to_inference_config, to_model_config, to_training_config
from ptychopinn.historic.torch.settings import (
    TorchSettings,
    applied_settings,
    canonical_overrides,
    carried,
    merged_execution,
    read_overrides,
)

logger = logging.getLogger(__name__)

_DEFAULT_N = 64


@dataclass
class TrainingPayload:
    """All settings of a PyTorch training run; ``overrides_applied`` maps setting names to their effective values."""

    tf_training_config: TrainingConfig
    pt_data_config: torch_configs.DataConfig
    pt_model_config: torch_configs.ModelConfig
    pt_training_config: torch_configs.TrainingConfig
    pt_inference_config: torch_configs.InferenceConfig
    execution_config: PyTorchExecutionConfig
    overrides_applied: dict[str, Any]


@dataclass
class InferencePayload:
    """All settings of a PyTorch reconstruction; for ``overrides_applied``, see :class:`TrainingPayload`."""

    tf_inference_config: InferenceConfig
    pt_data_config: torch_configs.DataConfig
    pt_inference_config: torch_configs.InferenceConfig
    execution_config: PyTorchExecutionConfig
    overrides_applied: dict[str, Any]


def create_training_payload(
    train_data_file: str | Path,
    output_dir: str | Path,
    overrides: Mapping[str, Any] | None = None,
    execution_config: PyTorchExecutionConfig | None = None,
) -> TrainingPayload:
    """Return the settings of a training run; write them, except the execution settings, into the legacy dictionary.

    ``overrides`` must contain ``n_groups``, and may contain ``gridsize``, ``max_epochs`` and any other field of the
    settings by name. If ``execution_config`` is None, the defaults are used, with a GPU if available.

    Raises
    ------
    MissingFileError
        The training or the test file does not exist. The error is also a FileNotFoundError.
    ConfigError
        ``n_groups`` is missing, an override is unknown, or a value is outside its range. The error is also a
        ValueError.
    """
    values = read_overrides(overrides)
    file, folder = require_data_file(train_data_file, "Training"), Path(output_dir)
    if "test_data_file" in values:
        values["test_data_file"] = str(require_data_file(values["test_data_file"], "Test"))
    values.update(train_data_file=str(file), output_dir=str(folder))
    draft, model, execution = _draft(values, file, execution_config)
    training = draft.training
    # A known object is compared by absolute differences, and so is everything without a likelihood.
    if "torch_loss_mode" not in values and (draft.model.mode == "Supervised" or not training.nll):
        training.torch_loss_mode = "mae"
    if "loss_function" not in values and training.torch_loss_mode == "mae":
        draft.model.loss_function = "MAE"
    # The batches of a training do not limit those of a prediction.
    draft.inference.batch_size = execution.inference_batch_size or torch_configs.InferenceConfig.batch_size
    extra = {**canonical_overrides(values, TrainingConfig), "nphotons": draft.data.nphotons}
    config = to_training_config(model, draft.data, draft.model, training, extra)
    validate_training_config(config)
    applied = applied_settings(overrides, execution, {"train_data_file": file, "output_dir": folder})
    _finish("training", config, applied)
    return TrainingPayload(config, *draft, execution, applied)


def create_inference_payload(
    model_path: str | Path,
    test_data_file: str | Path,
    output_dir: str | Path,
    overrides: Mapping[str, Any] | None = None,
    execution_config: PyTorchExecutionConfig | None = None,
) -> InferencePayload:
    """Return the settings of a reconstruction, as :func:`create_training_payload` does for a training run.

    ``model_path`` is the archive, packed or unpacked, or a folder that contains it. The archive must exist, but is not
    opened; its own settings take precedence when it is loaded.

    Raises
    ------
    MissingArchiveError
        The archive does not exist; the error is both a FileNotFoundError and a ValueError.
    MissingFileError, ConfigError
        See :func:`create_training_payload`.
    """
    values = read_overrides(overrides)
    arguments = {
        "test_data_file": require_data_file(test_data_file, "Test"),
        "model_path": _require_archive(Path(model_path)),
        "output_dir": Path(output_dir),
    }
    draft, model, execution = _draft(values, arguments["test_data_file"], execution_config)
    extra = {**canonical_overrides(values, InferenceConfig), **arguments}
    config = to_inference_config(model, draft.data, draft.inference, extra)
    validate_inference_config(config)
    applied = applied_settings(overrides, execution, arguments)
    _finish("inference", config, applied)
    return InferencePayload(config, draft.data, draft.inference, execution, applied)


def infer_probe_size(data_file: str | Path) -> int:
    """Return the side of the probe in a scan file, in pixels; if the file has no probe, warn and return 64.

    Raises
    ------
    MissingFileError, DataError
        The file is missing or damaged, or is not a scan file.
    """
    arrays = header(data_file)
    for key, (shape, _) in arrays.items():
        if schema_name(key, frozenset(arrays)) == "probeGuess" and shape:
            return int(shape[-1])
    logger.warning("%s has no probeGuess; the pattern size is assumed to be %d pixels", data_file, _DEFAULT_N)
    return _DEFAULT_N


def _draft(
    values: Mapping[str, Any], scan_file: Path, execution: PyTorchExecutionConfig | None
) -> tuple[TorchSettings, ModelConfig, PyTorchExecutionConfig]:
    """Return the settings from overrides (by torch names), the scan file and the defaults, highest precedence first."""
    if "n_groups" not in values:
        raise ConfigError("n_groups is required, but it is not in overrides", mend="Pass overrides=dict(n_groups=512).")
    execution = merged_execution(values, execution)
    rows, columns = values.get("grid_size", (1, 1))
    members = rows * columns
    settings = TorchSettings(
        torch_configs.DataConfig(
            N=values["N"] if "N" in values else infer_probe_size(scan_file),
            C=members,
            # A group cannot have more members than the neighbours it is drawn from.
            K=max(torch_configs.DataConfig.K, members),
            grid_size=(rows, columns),
            nphotons=stored_nphotons(scan_file) or TrainingConfig.nphotons,
        ),
        torch_configs.ModelConfig(C_model=members, C_forward=members),
        torch_configs.TrainingConfig(**carried(execution)),
        torch_configs.InferenceConfig(),
    )
    settings.inference.batch_size = execution.inference_batch_size or settings.inference.batch_size
    settings = settings.changed(values)
    model = to_model_config(settings.data, settings.model, canonical_overrides(values, ModelConfig))
    return settings, model, execution


def _finish(purpose: str, config: TrainingConfig | InferenceConfig, applied: Mapping[str, Any]) -> None:
    populate_legacy_params(config)
    listed = ", ".join(f"{name}={value}" for name, value in applied.items())
    logger.info("Settings applied for %s: %s", purpose, listed)


def _require_archive(path: Path) -> Path:
    inside = [path / MODEL_FILE, path / MANIFEST_NAME] if path.is_dir() else [path]
    if not any(file.is_file() for file in inside):
        raise MissingArchiveError(
            f"Model archive not found: {path}",
            f"a {MODEL_FILE} file, or a folder that contains it, packed or unpacked",
            "Choose the folder of a finished training run.",
        )
    return path
