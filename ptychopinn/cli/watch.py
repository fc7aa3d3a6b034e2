"""``ptychopinn watch``: reconstruct the scans of a folder as they arrive."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptychopinn.cli.interrupt import stop_on_interrupt
from ptychopinn.cli.output import finish
from ptychopinn.cli.progress import Progress
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.presets import own_execution_defaults
from ptychopinn.errors import ConfigError, PtychoError

if TYPE_CHECKING:
    from ptychopinn.results import ReconstructResult


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("watch", help="reconstruct the scans of a folder as they arrive")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder that scans arrive in")
    parser.add_argument("--model", type=Path, required=True, metavar="MODEL", help="wts.h5.zip or its folder")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder of the results")
    parser.add_argument(
        "--refine", type=int, default=0, metavar="N", help="iterative sweeps after the network (default: 0)"
    )
    parser.add_argument("--once", action="store_true", help="end when every scan was tried; exit code 1 if one failed")
    parser.add_argument("--fix", action="store_true", help="mend what 'check' can mend, in memory")
    parser.add_argument("--quiet", action="store_true", help="print warnings only")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Watch until Ctrl-C, or with ``--once`` until all is done; exit code 1 when a scan could not be done then."""
    if args.refine < 0:
        raise ConfigError(f"--refine is {args.refine}", "0 or more sweeps", "Leave it out for none.")
    from ptychopinn.archive.bundle import read_manifest
    from ptychopinn.data.checks import FIX_CODES
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

    with stop_on_interrupt("Watching no more.") as should_stop:
        done, failed = watch(
            args.folder,
            args.model,
            args.output,
            PyTorchExecutionConfig(**own_execution_defaults()),
            refine=IterativeConfig(sweeps=args.refine) if args.refine else None,
            fixes=tuple(FIX_CODES) if args.fix else (),
            once=args.once,
            report=progress,
            should_stop=should_stop,
            tell=tell,
        )
    progress.close()
    text = f"{len(done)} scans reconstructed, {len(failed)} could not be."
    names = ", ".join(path.name for path in failed)
    failure = f"{names} could not be reconstructed." if args.once and failed else ""
    return finish(args, text, {"done": done, "failed": failed}, failure)
