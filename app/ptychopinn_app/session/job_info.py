"""What the window says about the running job (no Qt)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class JobInfo:
    """The job that runs: 'train' or 'reconstruct', its title, folder and log."""

    kind: str
    title: str
    run_dir: Path
    log: Path
