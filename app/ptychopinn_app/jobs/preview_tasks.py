"""Short tasks about the previews of a run (no Qt)."""

from __future__ import annotations

from pathlib import Path

from ptychopinn.events import Preview
from ptychopinn_app.jobs.spec import Emit, Stop
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.runs.preview_store import list_previews, read_preview


def previews(emit: Emit, stop: Stop, *, run_dir: Path) -> tuple[tuple[tuple[int, int], ...], str]:
    """List the previews of a run as (number, epoch), and give the run's kind."""
    return list_previews(run_dir), str(runs.read_note(run_dir).get("kind", "train"))


def preview(emit: Emit, stop: Stop, *, run_dir: Path, number: int) -> Preview | None:
    """Read one preview."""
    return read_preview(run_dir, number)
