"""Historic module ``ptycho_torch.lightning_utils``: the best checkpoint of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch


def find_best_checkpoint(run_dir: str | Path) -> Path | None:
    """Return the checkpoint with the lowest monitored loss anywhere in a folder; None if it holds none.

    Checkpoints that do not tell their loss count last, the newest of them first.
    """
    files = sorted(Path(run_dir).rglob("*.ckpt"), key=lambda file: file.stat().st_mtime, reverse=True)
    return min(files, key=_score, default=None)


def _score(file: Path) -> float:
    try:
        checkpoint = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    except (RuntimeError, OSError, ValueError, EOFError):
        return float("inf")
    scores = [_monitored(state) for state in dict(checkpoint.get("callbacks", {})).values()]
    return min((score for score in scores if score is not None), default=float("inf"))


def _monitored(state: Any) -> float | None:
    value = state.get("current_score") if isinstance(state, Mapping) else None
    return None if value is None else float(value)
