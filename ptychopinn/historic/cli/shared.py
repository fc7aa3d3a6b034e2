"""Shared parts of the historic command lines: flags, their conversion to an execution configuration, exit codes."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.field import describe
from ptychopinn.errors import ConfigError, PtychoError
from ptychopinn.historic.raw_data import require_data_file
from ptychopinn.historic.torch.settings import resolve_auto
from ptychopinn.log_errors import reported_by_caller

# Settings with a flag, by command.
_MODE_FIELDS = {
    "training": "accelerator num_workers deterministic learning_rate scheduler accum_steps enable_checkpointing "
    "checkpoint_save_top_k checkpoint_monitor_metric checkpoint_mode early_stop_patience logger_backend",
    "inference": "accelerator num_workers inference_batch_size",
}
# What differs from the name, the default and the help of the setting.
_DESTINATIONS = {"accum_steps": "accumulate_grad_batches"}
_FLAGS = {"checkpoint_monitor_metric": "checkpoint-monitor", "logger_backend": "logger"}
_OPPOSITES = {"deterministic": "no-deterministic", "enable_checkpointing": "disable-checkpointing"}
_DEFAULTS = {"accelerator": "auto"}
_HELP = {
    "scheduler": "Schedule of the learning rate; 'Default' keeps it constant.",
    "logger_backend": "Experiment tracker; falls back to csv if it is not installed.",
    "inference_batch_size": "Groups per batch; None uses the training batch size.",
}
_DEVICE_ACCELERATORS = {"cuda": "gpu"}


def add_execution_flags(parser: argparse.ArgumentParser, mode: str) -> None:
    """Add the flags for execution settings to the parser of a command (API specification, section 7)."""
    group = parser.add_argument_group("execution")
    for info in describe(PyTorchExecutionConfig):
        if info.name not in _MODE_FIELDS[mode].split():
            continue
        name, default = _DESTINATIONS.get(info.name, info.name), _DEFAULTS.get(info.name, info.default)
        flag = "--" + _FLAGS.get(info.name, name.replace("_", "-"))
        options: dict[str, Any] = {"dest": name, "help": f"{_HELP.get(info.name, info.help)} (default: {default})"}
        if info.type is bool:
            group.add_argument(flag, action="store_true", default=default, **options)
            group.add_argument(
                f"--{_OPPOSITES[info.name]}", dest=name, action="store_false", help=f"Switch {flag} off."
            )
        elif info.choices is not None:
            group.add_argument(flag, choices=info.choices, default=default, **options)
        else:
            group.add_argument(flag, type=info.type, default=default, **options)
    group.add_argument("--quiet", action="store_true", help="Hide the progress bar.")
    group.add_argument("--device", choices=("cpu", "cuda"), help="Deprecated: use --accelerator.")


def resolve_accelerator(accelerator: str | argparse.Namespace = "auto", device: str | None = None) -> str:
    """Return the accelerator that the flags select; ``'auto'`` becomes ``'cuda'`` or ``'cpu'``.

    ``accelerator`` may also be the parsed arguments; ``--accelerator`` and ``--device`` are then read from them. The
    deprecated ``device`` causes a warning, and is ignored if an accelerator is given explicitly.
    """
    if isinstance(accelerator, argparse.Namespace):
        device = getattr(accelerator, "device", None) or device
        accelerator = str(getattr(accelerator, "accelerator", None) or "auto")
    if device is not None:
        text = f"--device is deprecated; use --accelerator instead of --device {device}."
        meant = _DEVICE_ACCELERATORS.get(device, device)
        if accelerator not in ("auto", device, meant):
            text += f" Ignoring --device value {device!r}, since --accelerator {accelerator} was given."
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        accelerator = meant if accelerator == "auto" else accelerator
    return resolve_auto() if accelerator == "auto" else accelerator


def build_execution_config_from_args(args: argparse.Namespace, mode: str = "training") -> PyTorchExecutionConfig:
    """Return the execution configuration from parsed flags; missing flags have their default values.

    ``mode`` is 'training' or 'inference'. Deprecated flags (``--device``, ``--disable_mlflow``) cause a warning.

    Raises
    ------
    ConfigError
        The mode is unknown, or a value is outside its range; the message names the field. The error is also a
        ValueError.
    """
    if mode not in _MODE_FIELDS:
        raise ConfigError(f"Invalid mode: {mode}", " or ".join(map(repr, _MODE_FIELDS)), "Choose one of these.")
    flags = {name: getattr(args, _DESTINATIONS.get(name, name), None) for name in _MODE_FIELDS[mode].split()}
    values = {name: value for name, value in flags.items() if value is not None}
    values["enable_progress_bar"] = not getattr(args, "quiet", False)
    if mode == "training" and getattr(args, "disable_mlflow", False):
        text = "--disable_mlflow is deprecated; use --logger none to log nothing and --quiet to hide the progress bar."
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        values.update(logger_backend="none", enable_progress_bar=False)
    config = PyTorchExecutionConfig(**{**values, "accelerator": resolve_accelerator(args)})
    if mode == "training" and config.deterministic and config.num_workers > 0:
        warnings.warn(
            f"Deterministic training with {config.num_workers} loader processes may cause performance degradation; "
            "use --no-deterministic or --num-workers 0.",
            UserWarning,
            stacklevel=2,
        )
    return config


def validate_paths(train_file: str | Path | None, test_file: str | Path | None, output_dir: str | Path) -> None:
    """Check that the scan files exist, then create the output folder.

    Raises
    ------
    MissingFileError
        A file does not exist; the message names it. The error is also a FileNotFoundError.
    ConfigError
        ``output_dir`` is a file.
    """
    for file, role in ((train_file, "Training"), (test_file, "Test")):
        if file is not None:
            require_data_file(file, role)
    folder = Path(output_dir)
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"output_dir {folder} is a file", "a folder", "Choose another name.")
    folder.mkdir(parents=True, exist_ok=True)


def run_guarded(parser: argparse.ArgumentParser, work: Callable[[argparse.Namespace], None]) -> None:
    """Parse the command line and run ``work``; if a PtychoError occurs, print it to stderr and exit with code 1."""
    args = parser.parse_args()
    try:
        with reported_by_caller():
            work(args)
    except PtychoError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from error


def run_as_command(main: Callable[[], None]) -> None:
    """Run a command and show its deprecation warnings, which Python hides outside ``__main__``."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", DeprecationWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"(?!ptychopinn).*")
        main()
