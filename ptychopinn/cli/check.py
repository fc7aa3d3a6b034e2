"""``ptychopinn check``: describe a scan file and find its problems."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ptychopinn.cli.flags import add_output_flags, add_scan, add_units
from ptychopinn.cli.output import plain, require_file_target, writing
from ptychopinn.errors import ConfigError
from ptychopinn.wording import counted

_MARKS = {"error": "ERROR  ", "warning": "WARNING", "info": "info   "}


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("check", help="summarise a scan file and report its problems")
    add_scan(parser)
    help = "grid size the scan must support (default: 1)"
    parser.add_argument("--gridsize", type=int, default=1, metavar="G", help=help)
    add_units(parser)
    parser.add_argument("--fix", type=Path, metavar="OUT.npz", help="write a fixed copy")
    add_output_flags(parser, quiet=False)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check a scan; return exit code 2 if it cannot be used and was not fixed."""
    if args.gridsize < 1:
        raise ConfigError(f"--gridsize is {args.gridsize}", "1 or more", "Omit --gridsize to use 1.")
    if args.fix is not None:
        require_file_target(args.fix)
    from ptychopinn.data import npz, scan_file
    from ptychopinn.data.checks import fix_scan, inspect

    summary = inspect(args.file, args.units, args.gridsize)
    written = None
    if args.fix is not None:
        fixed, _ = fix_scan(scan_file.read(args.file, units=args.units), gridsize=args.gridsize)
        summary = inspect(fixed, fixed.units, args.gridsize)
        if summary.ok:
            with writing(args.fix):
                npz.write(args.fix, fixed)
            written = args.fix
    stream = sys.stderr if args.json else sys.stdout
    for line in _lines(summary, args.file):
        print(line, file=stream)
    if written is not None:
        print(f"Wrote the fixed scan to {written}.", file=stream)
    elif args.fix is not None:
        print("Nothing was written: the remaining problems have no automatic fix.", file=stream)
    if args.json:
        content = {"ok": summary.ok, "fixed": plain(written), "summary": plain(summary)}
        if not summary.ok:
            content["error"] = {"type": "DataError", "message": _errors(summary)}
        print(json.dumps(content))
    return 0 if summary.ok else 2


def _errors(summary: Any) -> str:
    errors = [finding for finding in summary.findings if finding.severity == "error"]
    return " ".join(f"{finding.sentence} {finding.mend}".strip() for finding in errors)


def _lines(summary: Any, path: Path) -> list[str]:
    lines = [f"{path}"]
    if summary.n_patterns:
        shape = " x ".join(str(side) for side in summary.pattern_shape)
        lines.append(f"  patterns   {summary.n_patterns}, {shape} px, {summary.dtype}")
        lines.append(f"  units      {summary.units}")
        if summary.mean_counts:
            lines.append(f"  counts     {summary.mean_counts:.4g} per pattern")
        if summary.probe_modes:
            width = f", {summary.probe_diameter_px:.0f} px wide" if summary.probe_diameter_px else ""
            lines.append(f"  probe      {counted(summary.probe_modes, 'mode')}{width}")
        if summary.overlap is not None and summary.median_step_px is not None:
            lines.append(f"  overlap    {100 * summary.overlap:.0f} % (median step {summary.median_step_px:.1f} px)")
    for finding in summary.findings:
        lines.append(f"  {_MARKS[finding.severity]} {finding.sentence} {finding.mend}".rstrip())
        if finding.fix:
            lines.append(f"          can be fixed: {finding.fix}")
    lines.append("  The scan is usable." if summary.ok else "  The scan is not usable yet.")
    return lines
