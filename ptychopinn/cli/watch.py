"""``ptychopinn watch``: reconstruct the scans of a folder as they arrive."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptychopinn.cli import flags
from ptychopinn.cli.output import finish
from ptychopinn.cli.progress import Progress
from ptychopinn.cli.reconstruct import refinement
from ptychopinn.errors import PtychoError
from ptychopinn.wording import counted

if TYPE_CHECKING:
    from ptychopinn.results import ReconstructResult


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("watch", help="reconstruct scans as they arrive in a folder")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder to watch for scans")
    parser.add_argument("--model", type=Path, required=True, metavar="MODEL", help="wts.h5.zip or its folder")
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder for the results; scans that already have a result there are skipped",
    )
    flags.add_refine(parser)
    parser.add_argument(
        "--once",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="stop once every scan has been tried; exit code 1 if any failed",
    )
    flags.add_job_flags(parser)
    flags.add_execution_flags(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Watch a folder until Ctrl-C.

    With ``--once``, stop when every scan has been tried; the exit code is then 1 if any scan failed.
    """
    refine = refinement(args)
    execution = flags.execution_of(args)
    from ptychopinn.archive.bundle import read_manifest
    from ptychopinn.workflow.watch import watch

    # A wrong model would fail every scan.
    read_manifest(args.model)
    progress = Progress(quiet=args.quiet)

    def tell(path: Path, outcome: ReconstructResult | PtychoError) -> None:
        progress.close()
        if isinstance(outcome, PtychoError):
            print(f"{path.name}: {outcome}", flush=True)
        elif not args.quiet:
            print(f"{path.name}: R {outcome.r_factor:.4f}, {outcome.run_dir}", flush=True)

    fixes = flags.fixes_of(args)
    with progress.job("Watching stopped.") as options:
        done, failed = watch(
            args.folder,
            args.model,
            args.output,
            execution,
            refine=refine,
            fixes=fixes,
            once=args.once,
            tell=tell,
            **options,
        )
    text = f"{counted(len(done), 'scan')} reconstructed, {len(failed)} failed."
    names = ", ".join(path.name for path in failed)
    failure = f"Not reconstructed: {names}." if args.once and failed else ""
    return finish(args, text, {"done": done, "failed": failed}, failure)
