"""``ptychopinn report``: judge a finished reconstruction."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ptychopinn.cli.interrupt import stop_on_interrupt
from ptychopinn.cli.output import finish
from ptychopinn.cli.progress import Progress


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("report", help="judge a finished reconstruction: figures and one page")
    parser.add_argument("result", type=Path, metavar="RESULT", help="object.npz of a reconstruction, or its folder")
    parser.add_argument("file", type=Path, metavar="FILE", help="scan: NPZ, HDF5 or CXI")
    parser.add_argument("--reference", type=Path, metavar="NPZ", help="file whose objectGuess is the truth")
    parser.add_argument(
        "--output", "--output-dir", type=Path, metavar="DIR", help="folder of the report (default: RESULT's)"
    )
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
        help="also iterate from an empty object, to see what the network was worth (default: yes)",
    )
    parser.add_argument("--fix", action="store_true", help="mend what 'check' can mend, in memory")
    parser.add_argument(
        "--diff3d-units", choices=("auto", "amplitude", "intensity"), default="auto", help="what diff3d holds"
    )
    parser.add_argument("--quiet", action="store_true", help="print warnings only")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Judge."""
    from ptychopinn.data.checks import FIX_CODES
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
            units=args.diff3d_units,
            fixes=tuple(FIX_CODES) if args.fix else (),
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
