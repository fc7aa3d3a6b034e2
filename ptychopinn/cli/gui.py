"""``ptychopinn gui``: open the desktop app."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ptychopinn.cli.flags import add_output_flags
from ptychopinn.errors import BackendError, MissingFileError


def add(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("gui", help="open the desktop app")
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="scan or model to open")
    parser.add_argument("--data", type=Path, metavar="FILE", help="scan to open")
    parser.add_argument("--model", type=Path, metavar="FILE", help="model to open")
    parser.add_argument("--theme", choices=("dark", "light"), help="colour theme (default: as set in the app)")
    parser.add_argument("--size", metavar="WxH", help="window size in pixels, such as 1280x720")
    parser.add_argument("--screenshot", type=Path, metavar="PNG", help="save a screenshot of the window and quit")
    add_output_flags(parser, quiet=False)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Open the app and wait until its window closes."""
    for file in (args.file, args.data, args.model):
        if file is not None and not file.exists():
            raise MissingFileError(f"File not found: {file}", mend="Check the path.")
    if args.screenshot is not None and not has_display():
        # A screenshot needs no display.
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    arguments = [str(args.file)] if args.file else []
    for name in ("data", "model", "theme", "size", "screenshot"):
        value = getattr(args, name)
        arguments += [f"--{name}", str(value)] if value is not None else []
    try:
        code = open_app(arguments)
    except SystemExit as refused:
        # The app has printed the reason.
        code = int(refused.code or 0)
    if args.json:
        content: dict[str, Any] = {"ok": code == 0}
        if code:
            content["error"] = {"type": "AppError", "message": "See the error message above."}
        print(json.dumps(content))
    return code


def open_app(arguments: Sequence[str]) -> int:
    """Start the app in this process.

    Raises
    ------
    BackendError
        PyQt6 cannot be imported, or no display is available.
    """
    require_display()
    try:
        # By name: the core does not depend on the app.
        module = importlib.import_module("ptychopinn_app.application")
    except ImportError as error:
        raise BackendError(
            f"the desktop app cannot start: {error}", mend="Install its requirements with: pip install PyQt6 pyqtgraph"
        ) from error
    return int(module.run(["ptychopinn-gui", *arguments]))


def require_display() -> None:
    """Raise BackendError if no display is available."""
    if not has_display():
        raise BackendError(
            "the desktop app cannot start: no display is available",
            "DISPLAY or WAYLAND_DISPLAY to be set",
            "Log in to a desktop session, or use the other commands; demo works without --gui.",
        )


def has_display() -> bool:
    """Return whether a display is available."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
