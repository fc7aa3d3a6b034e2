"""Historic command line ``python -m ptycho_torch.train`` (API specification, section 7.1)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.training import DEFAULT_N_GROUPS
from ptychopinn.historic.cli import shared as execution
from ptychopinn.historic.cli.commands import add_device_flags, guarded
from ptychopinn.historic.raw_data import RawData


def build_execution_config_from_args(args: argparse.Namespace, mode: str = "training") -> PyTorchExecutionConfig:
    """See :func:`ptychopinn.historic.cli.shared.build_execution_config_from_args`, which is looked up at each call."""
    return execution.build_execution_config_from_args(args, mode)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the flags."""
    parser = argparse.ArgumentParser(
        prog="python -m ptycho_torch.train", description="Train a model on a scan with PyTorch."
    )
    files = parser.add_argument_group("files")
    files.add_argument("--train_data_file", type=Path, required=True, help="scan to train on (NPZ)")
    files.add_argument("--test_data_file", type=Path, default=None, help="scan that judges the epochs (NPZ)")
    files.add_argument("--output_dir", type=Path, required=True, help="folder for model, checkpoints and losses")
    model = parser.add_argument_group("model and training")
    model.add_argument("--max_epochs", type=int, default=100, help="passes over the data (default: 100)")
    # The default means the whole scan, a 512 that is typed means 512.
    model.add_argument(
        "--n_images", type=int, default=DEFAULT_N_GROUPS, help="groups of patterns per epoch (default: the whole scan)"
    )
    model.add_argument("--gridsize", type=int, default=2, help="groups have gridsize squared patterns (default: 2)")
    model.add_argument("--batch_size", type=int, default=16, help="groups per step, a power of two (default: 16)")
    model.add_argument(
        "--torch-loss-mode",
        choices=("poisson", "mae"),
        default="poisson",
        help="likelihood of the counts, or amplitude differences (default: poisson)",
    )
    _add_execution_flags(parser.add_argument_group("execution"))
    add_device_flags(parser)
    parser.add_argument("--disable_mlflow", action="store_true", help="deprecated: use --logger none and --quiet")
    return parser


def _add_execution_flags(group: Any) -> None:
    pairs = (("deterministic", "--no-deterministic"), ("enable-checkpointing", "--disable-checkpointing"))
    for name, opposite in pairs:
        target = name.replace("-", "_")
        group.add_argument(f"--{name}", dest=target, action="store_true", default=True, help="on by default")
        group.add_argument(opposite, dest=target, action="store_false", help=f"switch --{name} off")
    group.add_argument("--learning-rate", type=float, default=1e-3, help="step size (default: 1e-3)")
    group.add_argument(
        "--scheduler",
        choices=("Default", "Exponential", "MultiStage", "Adaptive"),
        default="Default",
        help="how the learning rate falls; Default keeps it constant",
    )
    group.add_argument(
        "--accumulate-grad-batches", type=int, default=1, help="batches whose gradients make one step (default: 1)"
    )
    group.add_argument("--checkpoint-save-top-k", type=int, default=1, help="best epochs kept; -1: all, 0: none")
    group.add_argument(
        "--checkpoint-monitor",
        dest="checkpoint_monitor_metric",
        default="val_loss",
        help="metric that decides which epoch is best (default: val_loss)",
    )
    group.add_argument("--checkpoint-mode", choices=("min", "max"), default="min", help="better is (default: min)")
    group.add_argument(
        "--early-stop-patience", type=int, default=100, help="epochs without a better metric until it ends"
    )
    group.add_argument(
        "--logger",
        dest="logger_backend",
        choices=("none", "csv", "tensorboard", "mlflow"),
        default="mlflow",
        help="experiment tracker; csv where it is not installed (default: mlflow)",
    )


def cli_main() -> None:
    """Train as the command line says."""
    args = build_parser().parse_args()
    guarded(lambda: _train(args))


def _train(args: argparse.Namespace) -> None:
    execution.validate_paths(args.train_data_file, args.test_data_file, args.output_dir)
    execution_config = build_execution_config_from_args(args, "training")
    # PyTorch takes seconds to load; wrong arguments fail at once.
    from ptychopinn.historic.torch import components as workflow
    from ptychopinn.historic.torch.config_factory import create_training_payload

    overrides = {
        "n_groups": args.n_images,
        "gridsize": args.gridsize,
        "batch_size": args.batch_size,
        "max_epochs": args.max_epochs,
        "torch_loss_mode": args.torch_loss_mode,
        "test_data_file": args.test_data_file,
    }
    payload = create_training_payload(args.train_data_file, args.output_dir, overrides, execution_config)
    config = payload.tf_training_config
    train = RawData.from_file(args.train_data_file, validate_config=True, current_config=config)
    test = None if args.test_data_file is None else RawData.from_file(args.test_data_file)
    workflow.run_cdi_example(train, test, config, execution_config=payload.execution_config)
    if not args.quiet:
        print(f"The model is in {args.output_dir}")
