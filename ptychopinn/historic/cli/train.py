"""Historic command line ``python -m ptycho_torch.train`` (API specification, section 7.1)."""

from __future__ import annotations

import argparse
from pathlib import Path

from ptychopinn.config.training import DEFAULT_N_GROUPS
from ptychopinn.historic.cli import shared
from ptychopinn.historic.names import second_name
from ptychopinn.historic.raw_data import RawData

build_execution_config_from_args = second_name(shared.build_execution_config_from_args, vars(shared))


def build_parser() -> argparse.ArgumentParser:
    """Return the argument parser of this command."""
    parser = argparse.ArgumentParser(
        prog="python -m ptycho_torch.train", description="Train a model on a scan with PyTorch."
    )
    files = parser.add_argument_group("files")
    files.add_argument("--train_data_file", type=Path, required=True, help="scan to train on (NPZ)")
    files.add_argument("--test_data_file", type=Path, help="scan to validate with (NPZ)")
    files.add_argument("--output_dir", type=Path, required=True, help="folder for model, checkpoints and losses")
    model = parser.add_argument_group("model and training")
    model.add_argument("--max_epochs", type=int, default=100, help="number of passes over the data (default: 100)")
    # The default means the whole scan, a 512 that is typed means 512.
    model.add_argument(
        "--n_images", type=int, default=DEFAULT_N_GROUPS, help="groups of patterns per epoch (default: the whole scan)"
    )
    model.add_argument("--gridsize", type=int, default=2, help="a group has gridsize x gridsize patterns (default: 2)")
    model.add_argument("--batch_size", type=int, default=16, help="groups per step, a power of two (default: 16)")
    model.add_argument(
        "--torch-loss-mode",
        choices=("poisson", "mae"),
        default="poisson",
        help="loss: negative log-likelihood of the counts, or mean absolute error of the amplitudes (default: poisson)",
    )
    shared.add_execution_flags(parser, "training")
    parser.add_argument("--disable_mlflow", action="store_true", help="deprecated: use --logger none and --quiet")
    return parser


def cli_main() -> None:
    """Train with the settings given on the command line."""
    shared.run_guarded(build_parser(), _train)


def _train(args: argparse.Namespace) -> None:
    shared.validate_paths(args.train_data_file, args.test_data_file, args.output_dir)
    execution = build_execution_config_from_args(args, "training")
    # PyTorch takes seconds to load; wrong arguments fail at once.
    from ptychopinn.historic.torch import components
    from ptychopinn.historic.torch.config_factory import create_training_payload

    names = ("gridsize", "batch_size", "max_epochs", "torch_loss_mode", "test_data_file")
    overrides = {"n_groups": args.n_images, **{name: getattr(args, name) for name in names}}
    payload = create_training_payload(args.train_data_file, args.output_dir, overrides, execution)
    config = payload.tf_training_config
    train = RawData.from_file(args.train_data_file, validate_config=True, current_config=config)
    test = None if args.test_data_file is None else RawData.from_file(args.test_data_file)
    components.run_cdi_example(train, test, config, execution_config=payload.execution_config)
    if not args.quiet:
        print(f"The model is in {args.output_dir}")
