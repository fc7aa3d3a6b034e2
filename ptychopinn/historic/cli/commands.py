"""What the historic command lines share: their common flags, and how they end."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable

from ptychopinn.errors import PtychoError
from ptychopinn.log_errors import reported_by_caller


def add_device_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags about hardware and output that training and inference share (API specification, section 7)."""
    parser.add_argument(
        "--accelerator",
        choices=("auto", "cpu", "gpu", "cuda", "tpu", "mps"),
        default="auto",
        help="hardware that computes; 'auto' takes a GPU when there is one (default: auto)",
    )
    parser.add_argument(
        "--num-workers", type=int, default=0, help="processes that prepare batches; 0 does it in this one (default: 0)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), default=None, help="deprecated: use --accelerator (default: none)"
    )


def guarded(work: Callable[[], None]) -> None:
    """Run a command; an error that we foresaw ends it with its message on stderr and exit code 1."""
    try:
        with reported_by_caller():
            work()
    except PtychoError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from error


def run_as_command(main: Callable[[], None]) -> None:
    """Run a command line with its deprecation warnings shown, which Python hides outside ``__main__``."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", DeprecationWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"(?!ptychopinn).*")
        main()
