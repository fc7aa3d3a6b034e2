"""``ptychopinn report``: assess the quality of a reconstruction."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ptychopinn.cli import flags
from ptychopinn.cli.output import finish
from ptychopinn.cli.progress import Progress
from ptychopinn.cli.reconstruct import truth_lines


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("report", help="assess the quality of a reconstruction and write a summary page")
    flags.add_result(parser)
    flags.add_scan(parser)
    parser.add_argument("--reference", type=Path, metavar="NPZ", help="file whose objectGuess is the true object")
    flags.add_output(parser, "the folder of RESULT")
    parser.add_argument(
        "--split-half",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="also reconstruct two halves of the scan and compare them (default: yes)",
    )
    parser.add_argument(
        "--flat-start",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="also iterate from an empty object, to show whether the network helped (default: yes)",
    )
    flags.add_units(parser)
    flags.add_job_flags(parser)
    flags.add_execution_flags(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report."""
    execution = flags.execution_of(args)
    from ptychopinn.workflow.quality_report import quality_report

    with Progress(quiet=args.quiet).job("Stopping; no report will be written.") as options:
        result = quality_report(
            args.result,
            args.file,
            args.output,
            reference=args.reference,
            split_half=args.split_half,
            flat_start=args.flat_start,
            execution=execution,
            units=args.units,
            fixes=flags.fixes_of(args),
            **options,
        )
    return finish(args, report_text(result), {"result": result})


def report_text(result: Any) -> str:
    """Return the results of a report as a few lines of text."""
    # The command line starts without numpy.
    from ptychopinn.quality.frc import resolution_words

    lines = [
        f"R {result.r_factor:.4f} (noise floor {result.noise_floor:.4f})",
        f"R per pattern: median {result.r_median:.4f}, worst {result.r_worst:.4f} (pattern {result.worst_pattern})",
    ]
    resolutions = {"Half-scan FRC": result.split_half_px, "FRC against ground truth": result.truth_px}
    lines += [f"{name}: {resolution_words(px)} (half period)" for name, px in resolutions.items() if px is not None]
    lines += truth_lines(result.metrics)
    lines += [sentence for sentence in (result.flat_start, result.flat) if sentence]
    lines += [f"Page:    {result.page_path}", f"Figures: {result.json_path}"]
    return "\n".join(lines)
