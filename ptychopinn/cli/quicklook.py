"""``ptychopinn quicklook``, ``calibrate`` and ``refine``: iterative sweeps without a network."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ptychopinn.cli import flags
from ptychopinn.cli.output import finish, fresh_folder
from ptychopinn.cli.progress import Progress
from ptychopinn.cli.reconstruct import summary_text
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.presets import CALIBRATION_SWEEPS, QUICK_LOOK_SWEEPS, REFINEMENT_SWEEPS

_SWEEPS = {"quicklook": QUICK_LOOK_SWEEPS, "calibrate": CALIBRATION_SWEEPS, "refine": REFINEMENT_SWEEPS}
_KEEPING = "Stopping; the result after the completed sweeps will be saved."
_STOPPING = {"quicklook": _KEEPING, "calibrate": "Stopping; no result will be written.", "refine": _KEEPING}
_HELP = {
    "quicklook": "reconstruct a scan in seconds, without training",
    "calibrate": "retrieve the probe and its modes from a scan",
    "refine": "improve a reconstruction with iterative sweeps",
}


def add(subparsers: Any) -> None:
    """Add the subcommands."""
    for name, text in _HELP.items():
        parser = subparsers.add_parser(name, help=text)
        if name == "refine":
            flags.add_result(parser)
        flags.add_scan(parser)
        flags.add_output(parser)
        flags.add_units(parser)
        flags.add_job_flags(parser)
        flags.add_config_flags(parser, IterativeConfig, "iterations", {"sweeps": _SWEEPS[name]})
        flags.add_execution_flags(parser)
        parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run one of the three commands."""
    config = IterativeConfig(**{"sweeps": _SWEEPS[args.command], **flags.overrides(args, IterativeConfig)})
    execution = flags.execution_of(args)
    from ptychopinn.results import Calibration
    from ptychopinn.workflow.quick_look import calibrate_probe, quick_look
    from ptychopinn.workflow.refine import refine

    jobs: dict[str, Callable[..., Any]] = {"quicklook": quick_look, "calibrate": calibrate_probe, "refine": refine}
    inputs = [args.result, args.file] if args.command == "refine" else [args.file]
    output = args.output or fresh_folder(f"{args.file.stem}-{args.command}")
    fixes = flags.fixes_of(args)
    with Progress(quiet=args.quiet).job(_STOPPING[args.command]) as options:
        result = jobs[args.command](*inputs, output, config, execution, units=args.units, fixes=fixes, **options)
    text = calibration_text(result) if isinstance(result, Calibration) else summary_text(result)
    return finish(args, text, {"result": result})


def calibration_text(result: Any) -> str:
    """Return the results of a calibration as a few lines of text."""
    powers = ", ".join(f"{100 * power:.1f} %" for power in result.mode_powers)
    return (
        f"R {result.r_before:.4f} with the probe from the file, {result.r_after:.4f} with the new probe.\n"
        f"Power of the modes: {powers}\nProbe:   {result.probe_path}\nImage:   {result.picture}"
    )
