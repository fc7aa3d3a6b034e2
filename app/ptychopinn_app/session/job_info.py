"""What the window says about the running job (no Qt)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ptychopinn_app.jobs.spec import Outcome


@dataclass(frozen=True)
class JobInfo:
    """The job that runs: 'train' or 'reconstruct', its title, folder and log."""

    kind: str
    title: str
    run_dir: Path
    log: Path


def step_of(kind: str) -> str:
    """Return what the previews of a job count."""
    return "epoch" if kind == "train" else "sweep"


def closing_words(outcome: Outcome) -> str:
    """Return the log's sentence about how a job ended."""
    words = {"done": "Finished", "stopped": "Stopped, result kept", "cancelled": "Cancelled", "failed": "Failed"}
    text = f"{words[outcome.status]} after {outcome.seconds:.1f} s"
    return f"{text}: {outcome.failure.summary}" if outcome.failure is not None else text
