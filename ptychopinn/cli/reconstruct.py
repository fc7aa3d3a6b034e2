"""``ptychopinn reconstruct``: reconstruct a scan with a trained model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ptychopinn.cli.flags import add_config_flags, given
from ptychopinn.cli.interrupt import stop_on_interrupt
from ptychopinn.cli.output import finish, fresh_folder
from ptychopinn.cli.progress import Progress
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.presets import own_execution_defaults
from ptychopinn.errors import ConfigError

_OWN_FLAGS = ("model_path", "test_data_file", "output_dir", "backend")
_EXECUTION_FLAGS = ("accelerator", "inference_batch_size", "middle_trim", "precision")


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("reconstruct", help="reconstruct a scan with a trained model")
    parser.add_argument("model", type=Path, metavar="MODEL", help="wts.h5.zip or the folder that holds it")
    parser.add_argument("file", type=Path, metavar="FILE", help="scan: NPZ, HDF5 or CXI")
    parser.add_argument(
        "--output", "--output-dir", type=Path, metavar="DIR", help="folder of the result (default: a new one)"
    )
    parser.add_argument(
        "--refine", type=int, default=0, metavar="N", help="iterative sweeps after the network (default: 0)"
    )
    parser.add_argument("--fix", action="store_true", help="mend what 'check' can mend, in memory")
    parser.add_argument("--quiet", action="store_true", help="print warnings only")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    add_config_flags(parser, IterativeConfig, "refinement", {}, skip=("sweeps", "seed"))
    add_config_flags(parser, InferenceConfig, "inference", {}, skip=_OWN_FLAGS)
    skipped = [info for info in PyTorchExecutionConfig.__dataclass_fields__ if info not in _EXECUTION_FLAGS]
    add_config_flags(parser, PyTorchExecutionConfig, "PyTorch", own_execution_defaults(), skip=skipped)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Reconstruct."""
    refine = refinement(args)
    execution = PyTorchExecutionConfig(**{**own_execution_defaults(), **given(args, PyTorchExecutionConfig)})
    config = InferenceConfig(ModelConfig(), args.model, args.file, **given(args, InferenceConfig))
    from ptychopinn.data.checks import FIX_CODES
    from ptychopinn.workflow.reconstruct import reconstruct

    progress = Progress(quiet=args.quiet)
    with stop_on_interrupt("Stopping; no result will be written.") as should_stop:
        result = reconstruct(
            args.model,
            args.file,
            args.output or fresh_folder(f"{args.file.stem}-reconstruction"),
            config,
            execution,
            refine=refine,
            fixes=tuple(FIX_CODES) if args.fix else (),
            report=progress,
            should_stop=should_stop,
        )
    progress.close()
    return finish(args, summary_text(result), {"result": result})


def refinement(args: argparse.Namespace) -> IterativeConfig | None:
    """Return the settings of the refinement, None where ``--refine`` asks for no sweeps."""
    if args.refine < 0:
        raise ConfigError(f"--refine is {args.refine}", "0 or more sweeps", "Leave it out for none.")
    asked = given(args, IterativeConfig)
    if asked and not args.refine:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in asked)
        raise ConfigError(f"{flags} without --refine", "--refine N", "Say how many sweeps, for example --refine 20.")
    return IterativeConfig(**asked, sweeps=args.refine) if args.refine else None


def summary_text(result: Any) -> str:
    """Return the figures of a reconstruction and where it is, in a few lines."""
    lines = [
        f"Reconstructed {result.n_patterns} patterns in {result.seconds:.1f} s.",
        f"R {result.r_factor:.4f} (noise alone would give {result.noise_floor:.4f})",
    ]
    metrics = result.metrics
    if metrics:
        for name in ("amplitude", "phase"):
            psnr, ssim = metrics[f"{name}_psnr_db"], metrics[f"{name}_ssim"]
            lines.append(f"{name} against the truth: PSNR {psnr:.1f} dB, SSIM {ssim:.3f}")
    lines += [f"Object:  {result.object_path}", f"Product: {result.product_path}"]
    lines += [f"Images:  {result.amplitude_png}, {result.phase_png}"]
    return "\n".join(lines)
