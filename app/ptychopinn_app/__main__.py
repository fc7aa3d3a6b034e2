"""Entry point of ``python -m ptychopinn_app`` and ``ptychopinn-gui``; Qt-free, because job processes may import it."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Run the desktop application and return its exit code."""
    multiprocessing.freeze_support()
    from ptychopinn_app.application import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
