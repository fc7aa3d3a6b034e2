"""Entry of ``python -m ptychopinn_app`` and ``ptychopinn-gui``; imports no Qt, job processes may import it again."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Run the desktop application and give its exit code."""
    multiprocessing.freeze_support()
    from ptychopinn_app.application import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
