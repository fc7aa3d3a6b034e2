"""``ptychopinn train``: train a model on a scan file."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ptychopinn.cli import flags
from ptychopinn.cli.output import finish, fresh_folder
from ptychopinn.cli.progress import Progress
from ptychopinn.config.execution import TENSORFLOW_FIELDS, PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.presets import own_execution_defaults, own_model_defaults, own_training_defaults
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.validation import validate_own_training
from ptychopinn.errors import ConfigError
from ptychopinn.wording import counted

# More than any training reaches: with a time limit, time decides and the schedule follows it.
_MANY_EPOCHS = 100_000


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    model, training, execution = own_model_defaults(), own_training_defaults(), own_execution_defaults()
    parser = subparsers.add_parser("train", help="train a model on a scan")
    flags.add_scan(parser, "scan to train on (NPZ, HDF5 or CXI)")
    parser.add_argument(
        "--start-from", type=Path, metavar="MODEL", help="start from the weights and network settings of this model"
    )
    flags.add_output(parser)
    flags.add_job_flags(parser)
    aliases = {"test_data_file": "--test-file", "nepochs": "--epochs"}
    flags.add_config_flags(parser, ModelConfig, "model", model, skip=("N",))
    flags.add_config_flags(parser, TrainingConfig, "training", training, ("train_data_file", "output_dir"), aliases)
    flags.add_config_flags(parser, PyTorchExecutionConfig, "PyTorch", execution)
    parser.set_defaults(run=run)


def configuration(args: argparse.Namespace) -> TrainingConfig:
    """Return the training configuration set by the flags."""
    options = flags.overrides(args, TrainingConfig)
    training = {**own_training_defaults(), **options}
    if training.get("max_minutes") is not None and "nepochs" not in options:
        training["nepochs"] = _MANY_EPOCHS
    model = own_model_defaults()
    if args.start_from:
        # The command line starts without numpy.
        from ptychopinn.backends.stored_settings import start_settings

        model = asdict(start_settings(args.start_from, training["backend"]))
    return TrainingConfig(ModelConfig(**{**model, **flags.overrides(args, ModelConfig)}), **training)


def run(args: argparse.Namespace) -> int:
    """Train the model."""
    config = configuration(args)
    validate_own_training(config)
    if config.backend == "tensorflow":
        _refuse_idle_flags(args)
    execution = flags.execution_of(args)
    # Imported after the settings are checked: a wrong flag is reported at once.
    from ptychopinn.backends.processes import Processes
    from ptychopinn.workflow.train import train

    output = args.output or fresh_folder(args.file.stem)
    is_main = Processes.from_config(execution if config.backend == "pytorch" else None).is_main
    progress = Progress(config.max_minutes, quiet=args.quiet or not is_main)
    start, fixes = args.start_from, flags.fixes_of(args)
    with progress.job("Finishing this batch, then saving the model.") as options:
        result = train(args.file, output, config, execution, start_from=start, fixes=fixes, **options)
    if not is_main:
        return 0
    how = "Stopped; the model was saved." if result.stopped else "Trained."
    losses = result.history["val_loss"] or result.history["loss"]
    best = f", best loss {min(losses):.5f}" if losses else ""
    text = f"{how} {counted(result.epochs, 'epoch')} in {result.seconds:.0f} s{best}.\nModel: {result.model_path}"
    return finish(args, text, {"result": result})


def _refuse_idle_flags(args: argparse.Namespace) -> None:
    plain = asdict(PyTorchExecutionConfig(**own_execution_defaults()))
    changed = {name for name, value in flags.overrides(args, PyTorchExecutionConfig).items() if value != plain[name]}
    idle = sorted(changed - TENSORFLOW_FIELDS)
    if idle:
        names = ", ".join(flags.flag_of(name) for name in idle)
        raise ConfigError(
            f"{names} {'have' if len(idle) > 1 else 'has'} no effect with the TensorFlow backend",
            mend=f"Omit {'them' if len(idle) > 1 else 'it'}, or use --backend pytorch.",
        )
