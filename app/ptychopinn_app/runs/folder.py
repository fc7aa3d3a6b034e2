"""Run folders: creating and listing them, writing and reading their notes (no Qt)."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ptychopinn.files import names
from ptychopinn_app.records import RunEntry

NOTE, PROCESS_LOG = names.NOTE_FILE, names.PROCESS_LOG
MODEL_FILE, METRICS_FILE = names.MODEL_FILE, names.METRICS_FILE
OBJECT_FILE, PRODUCT_FILE, REPORT_FILE = names.OBJECT_FILE, names.PRODUCT_FILE, names.REPORT_FILE
REPORT_PAGE, REPORT_ARRAYS = names.QUALITY_PAGE, names.QUALITY_ARRAYS
THUMBNAILS = (names.THUMBNAIL_FILE, names.PHASE_PNG, REPORT_PAGE)
MOST_LISTED = 200


def new_run_folder(root: Path, kind: str, subject: str, now: float | None = None) -> Path:
    """Create an empty folder ``<date>-<time>-<kind>-<subject>`` under `root`, numbered if the name is taken."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    name = f"{stamp}-{kind}-{re.sub(r'[^A-Za-z0-9_.-]+', '_', subject)[:60]}"
    root.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        folder = root / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{root} already has 999 runs named {name}; select another runs folder.")


def write_note(folder: Path, **facts: object) -> None:
    """Add facts to the run's note; if writing fails, e.g. on a full disk, the note stays unchanged.

    Raises
    ------
    OSError
        The note cannot be written.
    """
    note = dict(read_note(folder)) | facts
    # Not flushed to the disk: the window must not wait for a slow one.
    temporary = folder / f".{NOTE}.new"
    try:
        temporary.write_text(json.dumps(note, indent=1, default=str), encoding="utf-8")
        os.replace(temporary, folder / NOTE)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def read_note(folder: Path) -> Mapping[str, object]:
    """Read the run's note; empty if it is missing or damaged."""
    return read_json(folder / NOTE)


def read_json(path: Path) -> dict[str, object]:
    """Read a JSON object; empty if the file is missing or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def export_paths(target: Path) -> tuple[Path, ...]:
    """Return the files an export writes: for TIFF, amplitude and phase; for PNG, also a figure; otherwise `target`."""
    kind = target.suffix.lower()
    if kind not in (".png", ".tif", ".tiff"):
        return (target,)
    names = ("figure", "amplitude", "phase") if kind == ".png" else ("amplitude", "phase")
    return tuple(target.with_name(f"{target.stem}_{name}{target.suffix}") for name in names)


def judged_run(page: Path) -> Path:
    """Return the folder of the run that a quality report page assesses."""
    about = read_note(page.parent).get("object")
    return Path(about).parent if isinstance(about, str) else page.parent


def listed(names: Sequence[str]) -> str:
    """Join names: 'a', 'a and b', 'a, b and c'."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def list_runs(root: Path) -> tuple[RunEntry, ...]:
    """List the newest runs under `root`, at most 200."""
    if not root.is_dir():
        return ()
    entries = []
    for folder in root.iterdir():
        # A folder may be unreadable, or be deleted in the meantime.
        with contextlib.suppress(OSError):
            if folder.is_dir() and (entry := _describe(folder)) is not None:
                entries.append(entry)
    entries.sort(key=lambda entry: (entry.started, entry.path.name), reverse=True)
    return tuple(entries[:MOST_LISTED])


def _describe(folder: Path) -> RunEntry | None:
    """Describe a run; None if the folder is not a run."""
    note = read_note(folder)
    model = folder / MODEL_FILE
    has_object = (folder / OBJECT_FILE).is_file()
    if not (note or model.is_file() or has_object):
        return None
    started, seconds = note.get("started"), note.get("seconds")
    return RunEntry(
        path=folder,
        kind=str(note.get("kind", "reconstruct" if has_object else "train")),
        title=str(note.get("title", folder.name)),
        started=float(started) if isinstance(started, int | float) else folder.stat().st_mtime,
        status=str(note.get("status", "done")),
        note=str(note.get("note", "")),
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
        thumbnail=next((folder / name for name in THUMBNAILS if (folder / name).is_file()), None),
        model_path=model if model.is_file() else None,
        has_object=has_object,
    )
