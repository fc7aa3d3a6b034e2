"""``ptychopinn demo``: simulate, train and reconstruct."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ptychopinn.cli.flags import add_output_flags
from ptychopinn.cli.gui import open_app, require_display
from ptychopinn.cli.output import finish
from ptychopinn.cli.progress import Progress
from ptychopinn.cli.reconstruct import summary_text
from ptychopinn.files.names import SCAN_FILE

_FOLDER = Path("ptychopinn_demo")


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "demo", help="simulate a scan, train on it, reconstruct it, and compare the result with the ground truth"
    )
    parser.add_argument(
        "--output", type=Path, default=_FOLDER, metavar="DIR", help=f"output folder (default: {_FOLDER})"
    )
    parser.add_argument("--gui", action="store_true", help="open the app with the demo scan instead")
    parser.add_argument("--minutes", type=float, default=3.0, metavar="M", help="training time in minutes (default: 3)")
    parser.add_argument(
        "--positions", type=int, default=400, metavar="P", help="number of scan positions (default: 400)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="seed (default: 0)")
    add_output_flags(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demo, or open the app with its scan."""
    if args.gui:
        return _open_app(args)
    from ptychopinn.workflow.demo import demo

    with Progress(args.minutes, quiet=args.quiet).job("Stopping the training and saving the weights.") as options:
        result = demo(args.output, seed=args.seed, minutes=args.minutes, positions=args.positions, **options)
    text = f"{summary_text(result.reconstruct)}\nModel:   {result.train.model_path}"
    return finish(args, text, {"result": result})


def _open_app(args: argparse.Namespace) -> int:
    # First, so that nothing is written if no window can open.
    require_display()
    from ptychopinn.data import npz
    from ptychopinn.data.raw_data import RawData
    from ptychopinn.physics.simulate import simulate_scan

    args.output.mkdir(parents=True, exist_ok=True)
    path = args.output / SCAN_FILE
    arrays = simulate_scan(positions=args.positions, seed=args.seed)
    npz.write(path, RawData(**arrays, diff3d_units="amplitude"))
    return open_app([str(path)])
