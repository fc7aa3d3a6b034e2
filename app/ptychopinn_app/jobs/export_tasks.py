"""Short tasks that write files for the user (no Qt)."""

from __future__ import annotations

import shutil
from pathlib import Path

from ptychopinn.files.atomic import atomic_path
from ptychopinn_app.runs import folder as runs


def copy_file(source: Path, target: Path) -> Path:
    """Copy a file; if copying fails, an existing target stays unchanged."""
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
    return target


def write_text(target: Path, text: str) -> None:
    """Write a text file; if writing fails, an existing file stays unchanged."""
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def export(run_dir: Path, target: Path) -> tuple[Path, ...]:
    """Export a run as an HDF5 product, NPZ, images, a figure or a CSV of losses, depending on the suffix of `target`.

    Raises
    ------
    ValueError
        The suffix of `target` is not a known format.
    """
    kind = target.suffix.lower()
    copies = {".h5": runs.PRODUCT_FILE, ".hdf5": runs.PRODUCT_FILE, ".npz": runs.OBJECT_FILE}
    if kind in copies:
        return (copy_file(run_dir / copies[kind], target),)
    if kind == ".csv":
        return (copy_file(_losses_of(run_dir), target),)
    suffixes = {".tif": ".tiff", ".tiff": ".tiff", ".png": ".png"}
    if kind not in (*suffixes, ".pdf"):
        raise ValueError(f"Unknown format for '{target.name}'; use .h5, .npz, .tiff, .png, .pdf or .csv.")
    paths = runs.export_paths(target)
    for path in paths:
        name = path.stem.rpartition("_")[2]
        if name in ("amplitude", "phase") and kind != ".pdf":
            copy_file(run_dir / f"{name}{suffixes[kind]}", path)
        else:
            from ptychopinn.workflow.figure import write_figure

            write_figure(path, run_dir / runs.OBJECT_FILE)
    return paths


def _losses_of(run_dir: Path) -> Path:
    """Return a run's loss table; if it has none, the table of the run that produced its model or initial object.

    Raises
    ------
    DataError
        No losses are available.
    """
    from ptychopinn.errors import DataError

    folders = [run_dir]
    for folder in folders:
        if (folder / runs.METRICS_FILE).is_file():
            return folder / runs.METRICS_FILE
        note = runs.read_note(folder)
        named = [Path(name).parent for key in ("model", "refined") if isinstance(name := note.get(key), str)]
        # A note edited by hand may point in a circle.
        folders += [each for each in named if each not in folders]
    raise DataError(
        "No losses to export", "a run that trained or used a model", "Train a model, then export its losses."
    )
