"""``ptychopinn quicklook``, ``calibrate`` and ``refine``: the iterative engine, without a network."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ptychopinn.cli.flags import add_config_flags, given
from ptychopinn.cli.interrupt import stop_on_interrupt
from ptychopinn.cli.output import finish, fresh_folder
from ptychopinn.cli.progress import Progress
from ptychopinn.cli.reconstruct import summary_text
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.presets import (
    CALIBRATION_SWEEPS,
    QUICK_LOOK_SWEEPS,
    REFINEMENT_SWEEPS,
    own_execution_defaults,
)

_SWEEPS = {"quicklook": QUICK_LOOK_SWEEPS, "calibrate": CALIBRATION_SWEEPS, "refine": REFINEMENT_SWEEPS}
_HELP = {
    "quicklook": "picture of a scan in seconds, without training",
    "calibrate": "find the probe, and its modes, from a scan",
    "refine": "improve a finished reconstruction by iterative sweeps",
}


def add(subparsers: Any) -> None:
    """Add the subcommands."""
    for name, text in _HELP.items():
        parser = subparsers.add_parser(name, help=text)
        if name == "refine":
            parser.add_argument(
                "result", type=Path, metavar="RESULT", help="object.npz of a reconstruction, or its folder"
            )
        parser.add_argument("file", type=Path, metavar="FILE", help="scan: NPZ, HDF5 or CXI")
        parser.add_argument(
            "--output", "--output-dir", type=Path, metavar="DIR", help="folder of the result (default: a new one)"
        )
        parser.add_argument("--fix", action="store_true", help="mend what 'check' can mend, in memory")
        parser.add_argument(
            "--diff3d-units", choices=("auto", "amplitude", "intensity"), default="auto", help="what diff3d holds"
        )
        parser.add_argument("--quiet", action="store_true", help="print warnings only")
        parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
        add_config_flags(parser, IterativeConfig, "iterations", {"sweeps": _SWEEPS[name]})
        skipped = [entry for entry in PyTorchExecutionConfig.__dataclass_fields__ if entry != "accelerator"]
        add_config_flags(parser, PyTorchExecutionConfig, "PyTorch", own_execution_defaults(), skip=skipped)
        parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run one of the three."""
    config = IterativeConfig(**{"sweeps": _SWEEPS[args.command], **given(args, IterativeConfig)})
    execution = PyTorchExecutionConfig(**{**own_execution_defaults(), **given(args, PyTorchExecutionConfig)})
    from ptychopinn.data.checks import FIX_CODES
    from ptychopinn.results import Calibration
    from ptychopinn.workflow.quick_look import calibrate_probe, quick_look
    from ptychopinn.workflow.refine import refine

    jobs: dict[str, Callable[..., Any]] = {"quicklook": quick_look, "calibrate": calibrate_probe, "refine": refine}
    inputs = [args.result, args.file] if args.command == "refine" else [args.file]
    progress = Progress(quiet=args.quiet)
    with stop_on_interrupt("Stopping; no result will be written.") as should_stop:
        result = jobs[args.command](
            *inputs,
            args.output or fresh_folder(f"{args.file.stem}-{args.command}"),
            config,
            execution,
            units=args.diff3d_units,
            fixes=tuple(FIX_CODES) if args.fix else (),
            report=progress,
            should_stop=should_stop,
        )
    progress.close()
    text = calibration_text(result) if isinstance(result, Calibration) else summary_text(result)
    return finish(args, text, {"result": result})


def calibration_text(result: Any) -> str:
    """Return what a calibration found, in a few lines."""
    powers = ", ".join(f"{100 * power:.1f} %" for power in result.mode_powers)
    return "\n".join(
        [
            f"R {result.r_before:.4f} with the probe of the file, {result.r_after:.4f} with the new one.",
            f"Power of the modes: {powers}",
            f"Probe:   {result.probe_path}",
            f"Picture: {result.picture}",
        ]
    )
