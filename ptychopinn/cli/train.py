"""``ptychopinn train``: train a model on a scan file."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ptychopinn.backends.processes import Processes
from ptychopinn.backends.starting_weights import start_settings
from ptychopinn.cli.flags import add_config_flags, given
from ptychopinn.cli.interrupt import stop_on_interrupt
from ptychopinn.cli.output import finish, fresh_folder
from ptychopinn.cli.progress import Progress
from ptychopinn.config.execution import TENSORFLOW_FIELDS, PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.presets import own_execution_defaults, own_model_defaults, own_training_defaults
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.validation import validate_training_config
from ptychopinn.errors import ConfigError

# With a time limit, time decides; the schedule follows it.
_MANY_EPOCHS = 100_000
_OWN_FLAGS = ("train_data_file", "test_data_file", "output_dir", "backend", "nepochs", "max_minutes", "seed")


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    model, training, execution = own_model_defaults(), own_training_defaults(), own_execution_defaults()
    parser = subparsers.add_parser("train", help="train a model on a scan")
    parser.add_argument("file", type=Path, metavar="FILE", help="scan to train on: NPZ, HDF5 or CXI")
    parser.add_argument(
        "--test-file", "--test-data-file", type=Path, metavar="FILE", help="scan that judges the epochs"
    )
    parser.add_argument(
        "--start-from", type=Path, metavar="MODEL", help="go on from the weights of this model, in its network"
    )
    parser.add_argument(
        "--output", "--output-dir", type=Path, metavar="DIR", help="folder of the run (default: a new one)"
    )
    parser.add_argument(
        "--backend", choices=("tensorflow", "pytorch"), default="pytorch", help="framework (default: pytorch)"
    )
    parser.add_argument("--epochs", "--nepochs", type=int, metavar="E", help=f"epochs (default: {training['nepochs']})")
    parser.add_argument("--max-minutes", type=float, metavar="M", help="end the training after this time")
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="seed of every random choice")
    parser.add_argument("--fix", action="store_true", help="mend what 'check' can mend, in memory")
    parser.add_argument("--quiet", action="store_true", help="print warnings only")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    add_config_flags(parser, ModelConfig, "model", model, skip=("N",))
    add_config_flags(parser, TrainingConfig, "training", training, skip=_OWN_FLAGS)
    add_config_flags(parser, PyTorchExecutionConfig, "PyTorch", execution)
    parser.set_defaults(run=run)


def configuration(args: argparse.Namespace) -> TrainingConfig:
    """Return the training configuration that the flags describe."""
    training = {**own_training_defaults(), **given(args, TrainingConfig)}
    if args.max_minutes is not None:
        training["nepochs"] = _MANY_EPOCHS
    if args.epochs is not None:
        training["nepochs"] = args.epochs
    training.update(backend=args.backend, max_minutes=args.max_minutes, seed=args.seed)
    stored = asdict(start_settings(args.start_from, args.backend)) if args.start_from else own_model_defaults()
    return TrainingConfig(ModelConfig(**{**stored, **given(args, ModelConfig)}), **training)


def run(args: argparse.Namespace) -> int:
    """Train."""
    config = configuration(args)
    validate_training_config(config)
    asked = given(args, PyTorchExecutionConfig)
    idle = sorted(set(asked) - TENSORFLOW_FIELDS) if args.backend == "tensorflow" else []
    if idle:
        flags = ", ".join("--" + name.replace("_", "-") for name in idle)
        raise ConfigError(
            f"{flags} {'have' if len(idle) > 1 else 'has'} no meaning for the TensorFlow backend",
            mend="Leave it out, or choose --backend pytorch.",
        )
    execution = PyTorchExecutionConfig(**{**own_execution_defaults(), **asked})
    # Imported after the settings are checked, so that a wrong flag is told at once.
    from ptychopinn.data.checks import FIX_CODES
    from ptychopinn.workflow.train import train

    output = args.output or fresh_folder(args.file.stem)
    first = Processes.from_config(execution if args.backend == "pytorch" else None).is_main
    progress = Progress(args.max_minutes, quiet=args.quiet or not first)
    with stop_on_interrupt("Stopping after this batch; the weights are kept.") as should_stop:
        result = train(
            args.file,
            output,
            config,
            execution,
            test_file=args.test_file,
            use_whole_scan="n_groups" not in given(args, TrainingConfig),
            start_from=args.start_from,
            fixes=tuple(FIX_CODES) if args.fix else (),
            report=progress,
            should_stop=should_stop,
        )
    progress.close()
    if not first:
        return 0
    how = "Stopped on request; the weights were kept." if result.stopped else "Trained."
    losses = result.history["val_loss"] or result.history["loss"]
    best = f", best loss {min(losses):.5f}" if losses else ""
    text = f"{how} {result.epochs} epochs in {result.seconds:.0f} s{best}.\nModel: {result.model_path}"
    return finish(args, text, {"result": result})
