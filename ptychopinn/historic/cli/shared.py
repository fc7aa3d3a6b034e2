"""From the flags of the historic command lines to an execution configuration."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.errors import ConfigError
from ptychopinn.historic.data.data_files import require_data_file

# Flag attribute -> field of the execution configuration.
_MODE_FIELDS = {
    "training": {
        "num_workers": "num_workers",
        "deterministic": "deterministic",
        "learning_rate": "learning_rate",
        "scheduler": "scheduler",
        "accumulate_grad_batches": "accum_steps",
        "enable_checkpointing": "enable_checkpointing",
        "checkpoint_save_top_k": "checkpoint_save_top_k",
        "checkpoint_monitor_metric": "checkpoint_monitor_metric",
        "checkpoint_mode": "checkpoint_mode",
        "early_stop_patience": "early_stop_patience",
        "logger_backend": "logger_backend",
    },
    "inference": {"num_workers": "num_workers", "inference_batch_size": "inference_batch_size"},
}
_DEVICE_ACCELERATORS = {"cuda": "gpu"}


def resolve_accelerator(accelerator: str | argparse.Namespace = "auto", device: str | None = None) -> str:
    """Accelerator that the flags mean; explicit values pass through, ``'auto'`` becomes ``'cuda'`` or ``'cpu'``.

    Parameters
    ----------
    accelerator : str or Namespace
        Value of ``--accelerator``, or parsed arguments that hold both flags.
    device : str or None
        Value of the deprecated ``--device``; warned about, and ignored beside an explicit accelerator.
    """
    if isinstance(accelerator, argparse.Namespace):
        args = accelerator
        return _resolve(_attribute(args, "accelerator", "auto"), _attribute(args, "device", device))
    return _resolve(accelerator, device)


def build_execution_config_from_args(args: argparse.Namespace, mode: str = "training") -> PyTorchExecutionConfig:
    """Execution configuration of parsed flags; absent flags keep the defaults of the command line.

    Deprecated flags (``--device``, ``--disable_mlflow``) warn here.

    Parameters
    ----------
    args : Namespace
    mode : 'training' or 'inference'

    Raises
    ------
    ConfigError
        An unknown mode, or a value outside its range; the message names the field. It is a ValueError.
    """
    if mode not in _MODE_FIELDS:
        raise ConfigError(f"Invalid mode: {mode}", " or ".join(map(repr, _MODE_FIELDS)), "Choose one of the two.")
    values: dict[str, Any] = {}
    for attribute, name in _MODE_FIELDS[mode].items():
        value = getattr(args, attribute, None)
        if value is not None:
            values[name] = value
    values["enable_progress_bar"] = not getattr(args, "quiet", False)
    if mode == "training" and getattr(args, "disable_mlflow", False):
        warnings.warn(
            "--disable_mlflow is deprecated; use --logger none to turn off logging and --quiet to hide the "
            "progress bar.",
            DeprecationWarning,
            stacklevel=2,
        )
        values.update(logger_backend="none", enable_progress_bar=False)
    values["accelerator"] = resolve_accelerator(args)
    config = PyTorchExecutionConfig(**values)
    if mode == "training" and config.deterministic and config.num_workers > 0:
        warnings.warn(
            f"Deterministic training with {config.num_workers} loader processes may bring performance degradation; "
            "use --no-deterministic or --num-workers 0.",
            UserWarning,
            stacklevel=2,
        )
    return config


def validate_paths(train_file: str | Path | None, test_file: str | Path | None, output_dir: str | Path) -> None:
    """Check that the given scan files exist, then make the output folder.

    Raises
    ------
    MissingFileError
        A file is not there; the message names it. It is a FileNotFoundError.
    ConfigError
        ``output_dir`` is a file.
    """
    if train_file is not None:
        require_data_file(train_file, "Training")
    if test_file is not None:
        require_data_file(test_file, "Test")
    folder = Path(output_dir)
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"output_dir is {folder}, a file", "a folder", "Choose another name.")
    folder.mkdir(parents=True, exist_ok=True)


def _attribute(args: argparse.Namespace, name: str, default: Any) -> Any:
    value = getattr(args, name, None)
    return default if value is None else value


def _resolve(accelerator: str, device: str | None) -> str:
    if device is not None:
        accelerator = _with_deprecated_device(accelerator, device)
    if accelerator != "auto":
        return accelerator
    # PyTorch takes seconds to load; explicit accelerators do without it.
    from ptychopinn.historic.torch.accelerator import resolve_auto

    return resolve_auto()


def _with_deprecated_device(accelerator: str, device: str) -> str:
    text = f"--device is deprecated; use --accelerator instead of --device {device}."
    meant = _DEVICE_ACCELERATORS.get(device, device)
    if accelerator not in ("auto", device, meant):
        text += f" Ignoring --device value {device!r}, since --accelerator {accelerator} was given."
    warnings.warn(text, DeprecationWarning, stacklevel=4)
    return meant if accelerator == "auto" else accelerator
