"""``ptychopinn``: the command line's entry point and its exit codes."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from ptychopinn import __version__
from ptychopinn.cli import check, demo, gui, reconstruct, simulate, train
from ptychopinn.errors import JobCancelled, PtychoError

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with all subcommands."""
    parser = argparse.ArgumentParser(
        prog="ptychopinn",
        description="Ptychographic reconstruction by a network trained on the patterns themselves.",
        epilog="Exit codes: 0 done, 1 failed, 2 bad input or usage, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"ptychopinn {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (demo, simulate, check, train, reconstruct, gui):
        command.add(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors become one sentence on standard error."""
    args = build_parser().parse_args(argv)
    try:
        return int(args.run(args))
    except (KeyboardInterrupt, JobCancelled):
        return _fail(args, "interrupted", "Interrupted; no result was written.", INTERRUPTED)
    except PtychoError as error:
        return _fail(args, type(error).__name__, str(error), BAD_INPUT)
    except Exception as error:
        log = Path(tempfile.mkstemp(prefix="ptychopinn-", suffix=".log")[1])
        log.write_text(traceback.format_exc(), encoding="utf-8")
        sentence = f"Unexpected {type(error).__name__}: {error} Details are in {log}."
        return _fail(args, type(error).__name__, sentence, FAILED)


def _fail(args: argparse.Namespace, kind: str, sentence: str, code: int) -> int:
    print(f"ptychopinn: {sentence}", file=sys.stderr)
    if getattr(args, "json", False):
        print(json.dumps({"ok": False, "error": {"type": kind, "message": sentence}}))
    return code


if __name__ == "__main__":
    sys.exit(main())
