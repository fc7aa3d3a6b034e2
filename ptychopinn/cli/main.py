"""``ptychopinn``: the command line's entry point and its exit codes."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import traceback
from collections.abc import Sequence

from ptychopinn.cli import check, demo, gui, quicklook, reconstruct, report, simulate, train, watch
from ptychopinn.cli.repeat import BAD_INPUT, Parser, UsageError, parse
from ptychopinn.errors import JobCancelled, PtychoError
from ptychopinn.files.atomic import FULL
from ptychopinn.version import __version__

FAILED, INTERRUPTED = 1, 130


def build_parser() -> Parser:
    """Return the parser with all subcommands."""
    parser = Parser(
        prog="ptychopinn",
        description="Ptychographic reconstruction with a network trained on the patterns themselves.",
        epilog="Exit codes: 0 success, 1 failure, 2 bad input or usage, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"ptychopinn {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (demo, simulate, check, quicklook, train, reconstruct, report, watch, gui):
        command.add(subparsers)
    parser.commands = subparsers.choices
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; print an error as one sentence to standard error."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    args = argparse.Namespace(json="--json" in arguments)
    try:
        args = parse(build_parser(), arguments)
        return int(args.run(args))
    except UsageError as usage:
        if args.json:
            _print_error("UsageError", usage.sentence)
        raise
    except (KeyboardInterrupt, JobCancelled):
        return _interrupted(args)
    except SystemExit as end:
        # Lightning ends the program when Ctrl-C reaches it.
        if not isinstance(end.__context__, KeyboardInterrupt):
            raise
        return _interrupted(args)
    except PtychoError as error:
        return _fail(args, type(error).__name__, str(error), BAD_INPUT)
    except OSError as error:
        if error.errno not in FULL:
            return _unexpected(args, error)
        place = f" at {error.filename}" if error.filename else ""
        sentence = f"The disk is full{place} ({error.strerror}). Free some space, or choose another output folder."
        return _fail(args, type(error).__name__, sentence, FAILED)
    except Exception as error:
        return _unexpected(args, error)


def _unexpected(args: argparse.Namespace, error: Exception) -> int:
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="ptychopinn-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.write(traceback.format_exc())
        details = f" Details are in {log.name}."
    except OSError:
        details = ""
    return _fail(args, type(error).__name__, f"Unexpected {type(error).__name__}: {error}.{details}", FAILED)


def _interrupted(args: argparse.Namespace) -> int:
    return _fail(args, "interrupted", "Interrupted; no result was written.", INTERRUPTED)


def _fail(args: argparse.Namespace, kind: str, sentence: str, code: int) -> int:
    print(f"ptychopinn: {sentence}", file=sys.stderr)
    if getattr(args, "json", False):
        _print_error(kind, sentence)
    return code


def _print_error(kind: str, sentence: str) -> None:
    print(json.dumps({"ok": False, "error": {"type": kind, "message": sentence}}))


if __name__ == "__main__":
    sys.exit(main())
