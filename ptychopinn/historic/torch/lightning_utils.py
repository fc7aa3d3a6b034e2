"""Historic module ``ptycho_torch.lightning_utils``: the best checkpoint of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch


def find_best_checkpoint(run_dir: str | Path) -> Path | None:
    """Return the checkpoint with the lowest monitored loss anywhere in a folder; None if there is no checkpoint.

    If no checkpoint stores a loss, the newest one is returned.
    """
    files = sorted(Path(run_dir).rglob("*.ckpt"), key=lambda file: file.stat().st_mtime, reverse=True)
    return min(files, key=_score, default=None)


def _score(file: Path) -> float:
    try:
        checkpoint = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    except (RuntimeError, OSError, ValueError, EOFError):
        return float("inf")
    states = [state for state in dict(checkpoint.get("callbacks", {})).values() if isinstance(state, Mapping)]
    scores = [float(state["current_score"]) for state in states if state.get("current_score") is not None]
    return min(scores, default=float("inf"))
