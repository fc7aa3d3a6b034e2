"""``ptychopinn simulate``: write a simulated scan."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ptychopinn.cli.flags import add_output_flags
from ptychopinn.cli.output import finish, require_file_target, writing
from ptychopinn.wording import counted


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("simulate", help="write a simulated scan with a known object")
    parser.add_argument("out", type=Path, metavar="OUT.npz", help="file to write")
    parser.add_argument("--n", type=int, default=64, help="width of the patterns in pixels (default: 64)")
    parser.add_argument("--positions", type=int, default=600, help="number of scan positions (default: 600)")
    parser.add_argument("--photons", type=float, default=1e6, help="mean counts per pattern (default: 1e6)")
    parser.add_argument("--seed", type=int, default=0, help="seed for object, probe, positions and noise (default: 0)")
    parser.add_argument(
        "--pattern", choices=("raster", "fermat"), default="raster", help="scan pattern (default: raster)"
    )
    add_output_flags(parser, quiet=False)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Simulate a scan and write it to a file."""
    require_file_target(args.out)
    from ptychopinn.data import npz
    from ptychopinn.data.raw_data import RawData
    from ptychopinn.physics.simulate import simulate_scan

    arrays = simulate_scan(args.n, args.positions, args.photons, args.seed, args.pattern)
    with writing(args.out):
        npz.write(args.out, RawData(**arrays, diff3d_units="amplitude"))
    shape = list(arrays["diff3d"].shape)
    patterns = f"{counted(shape[0], 'pattern')} of {shape[1]} x {shape[2]} pixels"
    text = f"Wrote {args.out}: {patterns}, {args.photons:g} counts per pattern on average."
    return finish(args, text, {"path": args.out, "shape": shape, "photons": args.photons, "seed": args.seed})
