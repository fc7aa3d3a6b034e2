"""Short tasks about runs, models and backends (no Qt)."""

from __future__ import annotations

import contextlib
import csv
import shutil
from pathlib import Path
from typing import cast

import numpy as np

from ptychopinn_app.records import LossHistory, LostRun, Model, ObjectResult
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.runs.preview_store import list_previews


def open_model(path: Path, saved: bool) -> Model:
    """Read the manifest of a model archive without running code from the archive."""
    from ptychopinn.archive.bundle import read_manifest

    manifest = read_manifest(path)
    config = manifest.get("config")
    config = config if isinstance(config, dict) else {}
    section = config.get("model")
    settings = section if isinstance(section, dict) else config
    size, gridsize = settings.get("N"), settings.get("gridsize")
    return Model(
        path=path,
        backend=str(manifest.get("backend", "unknown")),
        pattern_size=size if isinstance(size, int) else None,
        gridsize=gridsize if isinstance(gridsize, int) else None,
        settings={key: value for key, value in settings.items() if isinstance(value, bool | int | float | str)},
        saved=saved,
        about=f"Written by {manifest.get('created_by', 'an unknown program')}, version {manifest.get('version')}."
        f" Contains {', '.join(map(str, manifest.get('models', ())))}.",
    )


def backend_problem(backend: str) -> str:
    """Return why a backend cannot be used, or an empty string if it can; no framework is imported."""
    from ptychopinn.backends import registry
    from ptychopinn.errors import BackendError

    try:
        registry.require(backend)
    except BackendError as error:
        return str(error)
    return ""


def load_object(run_dir: Path) -> ObjectResult:
    """Read the object and the report of a reconstruction run."""
    from ptychopinn_app.runs.results import read_result

    return read_result(run_dir)


def load_history(run_dir: Path) -> LossHistory:
    """Read a training run's losses from its metrics table."""
    table = run_dir / runs.METRICS_FILE
    if not table.is_file():
        return LossHistory()
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    columns = [tuple(_number(row.get(name)) for row in rows) for name in ("loss", "val_loss")]
    return LossHistory(columns[0], columns[1] if np.isfinite(columns[1]).any() else ())


def lost_run(run_dir: Path) -> LostRun | None:
    """Mark a run as interrupted and return how far it got; None if it no longer exists or ended properly."""
    note = runs.read_note(run_dir)
    if note.get("status") not in ("running", "interrupted"):
        return None
    with contextlib.suppress(OSError):
        runs.write_note(run_dir, status="interrupted")
    losses = load_history(run_dir).loss
    model = run_dir / runs.MODEL_FILE
    return LostRun(run_dir, str(note.get("title", run_dir.name)), len(losses), model if model.is_file() else None)


def delete_run(run_dir: Path) -> None:
    """Delete the folder of a cancelled run."""
    shutil.rmtree(run_dir, ignore_errors=True)


def previews(run_dir: Path) -> tuple[tuple[tuple[int, int], ...], str]:
    """Return a run's previews as (number, epoch) pairs, and the kind of the run."""
    return list_previews(run_dir), str(runs.read_note(run_dir).get("kind", "train"))


def _number(text: str | None) -> float:
    try:
        return float(cast(str, text))
    except (TypeError, ValueError):
        return float("nan")
