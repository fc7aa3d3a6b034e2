"""Historic command line ``python -m ptycho_torch.inference`` (API specification, section 7.2)."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from ptychopinn.historic.cli import shared
from ptychopinn.historic.names import second_name
from ptychopinn.historic.raw_data import RawData

build_execution_config_from_args = second_name(shared.build_execution_config_from_args, vars(shared))


def build_parser() -> argparse.ArgumentParser:
    """Return the argument parser of this command."""
    parser = argparse.ArgumentParser(
        prog="python -m ptycho_torch.inference", description="Reconstruct a scan with a trained PyTorch model."
    )
    parser.add_argument("--model_path", type=Path, required=True, help="folder of a training run, or its wts.h5.zip")
    parser.add_argument("--test_data", type=Path, required=True, help="scan to reconstruct (NPZ)")
    parser.add_argument("--output_dir", type=Path, required=True, help="folder for the amplitude and phase images")
    parser.add_argument("--n_images", type=int, default=32, help="number of groups to reconstruct (default: 32)")
    shared.add_execution_flags(parser, "inference")
    return parser


def cli_main() -> None:
    """Reconstruct with the settings given on the command line."""
    shared.run_guarded(build_parser(), _reconstruct)


def _reconstruct(args: argparse.Namespace) -> None:
    shared.validate_paths(None, args.test_data, args.output_dir)
    execution = build_execution_config_from_args(args, "inference")
    # PyTorch takes seconds to load; wrong arguments fail at once.
    from ptychopinn.backends.torch.precision import choose_device
    from ptychopinn.historic.torch import components
    from ptychopinn.historic.torch.config_factory import create_inference_payload
    from ptychopinn.historic.torch.scan_prediction import predict_scan

    overrides = {"n_groups": args.n_images}
    payload = create_inference_payload(args.model_path, args.test_data, args.output_dir, overrides, execution)
    module, _ = components.load_inference_bundle(args.model_path)
    data = RawData.from_file(args.test_data, validate_config=True, current_config=module.config)
    settings = replace(
        module.inference_config,
        batch_size=module.config.model.gridsize**2 * (execution.inference_batch_size or module.config.batch_size),
        middle_trim=execution.middle_trim,
        window=0,
        pad_eval=True,
    )
    device = choose_device(payload.execution_config.accelerator)
    obj = predict_scan(module, data, settings, n_groups=args.n_images, device=device)
    components.save_outputs(np.abs(obj), np.angle(obj), {}, str(args.output_dir))
    if not args.quiet:
        print(f"The images are in {args.output_dir}")
