"""``ptychopinn report``: assess the quality of a reconstruction."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ptychopinn.cli import flags
from ptychopinn.cli.interrupt import stop_on_interrupt
from ptychopinn.cli.output import finish
from ptychopinn.cli.progress import Progress


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("report", help="assess the quality of a reconstruction: figures and one page")
    flags.add_result(parser)
    flags.add_scan(parser)
    parser.add_argument("--reference", type=Path, metavar="NPZ", help="file whose objectGuess is the true object")
    flags.add_output(parser, "that of RESULT")
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
        help="also iterate from an empty object, to see what the network gains (default: yes)",
    )
    flags.add_units(parser)
    flags.add_job_flags(parser)
    flags.add_execution_flags(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report."""
    execution = flags.execution_of(args)
    from ptychopinn.workflow.quality_report import quality_report

    progress = Progress(quiet=args.quiet)
    with stop_on_interrupt("Stopping; no report will be written.") as should_stop:
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
            report=progress,
            should_stop=should_stop,
        )
    progress.close()
    return finish(args, report_text(result), {"result": result})


def report_text(result: Any) -> str:
    """Return the figures of a report in a few lines."""
    # The command line starts without numpy.
    from ptychopinn.quality.frc import resolution_words

    lines = [
        f"R {result.r_factor:.4f} (noise alone would give {result.noise_floor:.4f})",
        f"R of the median pattern {result.r_median:.4f}; the worst is {result.worst_pattern} with {result.r_worst:.4f}",
    ]
    if result.split_half_px is not None:
        found = resolution_words(result.split_half_px)
        lines.append(f"Two halves of the scan agree down to {found} (half period).")
    if result.truth_px is not None:
        lines.append(f"Against the truth: {resolution_words(result.truth_px)} (half period).")
    for name in ("amplitude", "phase") if result.metrics else ():
        psnr, ssim = result.metrics[f"{name}_psnr_db"], result.metrics[f"{name}_ssim"]
        lines.append(f"{name} against the truth: PSNR {psnr:.1f} dB, SSIM {ssim:.3f}")
    lines += [sentence for sentence in (result.flat_start, result.flat) if sentence]
    lines += [f"Page:    {result.page_path}", f"Figures: {result.json_path}"]
    return "\n".join(lines)
