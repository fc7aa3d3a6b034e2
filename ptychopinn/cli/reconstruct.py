"""``ptychopinn reconstruct``: reconstruct a scan with a trained model."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ptychopinn.cli import flags
from ptychopinn.cli.output import finish, fresh_folder
from ptychopinn.cli.progress import Progress
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.errors import ConfigError
from ptychopinn.wording import counted

_OWN_FLAGS = ("model_path", "test_data_file", "output_dir", "backend")
_EXECUTION_FLAGS = ("accelerator", "inference_batch_size", "middle_trim", "precision")


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("reconstruct", help="reconstruct a scan with a trained model")
    parser.add_argument("model", type=Path, metavar="MODEL", help="wts.h5.zip or the folder that contains it")
    flags.add_scan(parser)
    flags.add_output(parser)
    flags.add_refine(parser)
    flags.add_job_flags(parser)
    flags.add_config_flags(parser, IterativeConfig, "refinement", {}, skip=("sweeps",))
    flags.add_config_flags(parser, InferenceConfig, "inference", {}, skip=_OWN_FLAGS)
    flags.add_execution_flags(parser, _EXECUTION_FLAGS)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Reconstruct the scan."""
    refine = refinement(args)
    execution = flags.execution_of(args)
    config = InferenceConfig(ModelConfig(), args.model, args.file, **flags.overrides(args, InferenceConfig))
    from ptychopinn.workflow.reconstruct import reconstruct

    output = args.output or fresh_folder(f"{args.file.stem}-reconstruction")
    fixes = flags.fixes_of(args)
    with Progress(quiet=args.quiet).job("Stopping; only completed sweeps of a refinement are saved.") as options:
        result = reconstruct(args.model, args.file, output, config, execution, refine=refine, fixes=fixes, **options)
    return finish(args, summary_text(result), {"result": result})


def refinement(args: argparse.Namespace) -> IterativeConfig | None:
    """Return the settings of the refinement, or None for ``--refine 0``."""
    if args.refine < 0:
        raise ConfigError(f"--refine is {args.refine}", "0 or more sweeps", "Omit --refine to skip refinement.")
    options = flags.overrides(args, IterativeConfig)
    if options and not args.refine and args.config is None:
        names = ", ".join(flags.flag_of(name) for name in options)
        raise ConfigError(f"{names} without --refine", "--refine N", "Set the number of sweeps, such as --refine 20.")
    return IterativeConfig(**options, sweeps=args.refine) if args.refine else None


def summary_text(result: Any) -> str:
    """Return the results and files of a reconstruction as a few lines of text."""
    lines = [
        f"Reconstructed {counted(result.n_patterns, 'pattern')} in {result.seconds:.1f} s.",
        f"R {result.r_factor:.4f} (noise floor {result.noise_floor:.4f})",
        *truth_lines(result.metrics),
        f"Object:  {result.object_path}",
        f"Product: {result.product_path}",
        f"Images:  {result.amplitude_png}, {result.phase_png}",
    ]
    return "\n".join(lines)


def truth_lines(metrics: Mapping[str, float]) -> list[str]:
    """Return PSNR and SSIM against the known object, one line each for amplitude and phase, if available."""
    return [
        f"{name} against ground truth: PSNR {metrics[f'{name}_psnr_db']:.1f} dB, SSIM {metrics[f'{name}_ssim']:.3f}"
        for name in (("amplitude", "phase") if metrics else ())
    ]
