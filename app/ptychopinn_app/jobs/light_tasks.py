"""The short tasks of the helper process: reading scans, models and runs, exporting (no Qt)."""

from __future__ import annotations

import contextlib
import csv
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from ptychopinn_app.jobs.spec import Emit, Stop
from ptychopinn_app.records import (
    LossHistory,
    LostRun,
    Model,
    ObjectResult,
    RunEntry,
    Scan,
    ScanPreview,
)
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.services.devices import Device
from ptychopinn_app.services.devices import find_devices as find

if TYPE_CHECKING:
    from ptychopinn.data.raw_data import RawData

MEAN_PATTERNS = 512
PATTERNS_AT_ONCE = 32

_Key = tuple[Path, str, tuple[str, ...]]
_opened: dict[_Key, RawData] = {}


def get_ready(emit: Emit, stop: Stop) -> None:
    """Import what opening a scan needs."""
    import ptychopinn.data.checks
    import ptychopinn.data.hdf5_scan
    import ptychopinn.data.scan_file  # noqa: F401


def open_scan(emit: Emit, stop: Stop, *, path: Path, units: str, gridsize: int, fixes: tuple[str, ...]) -> Scan:
    """Inspect a scan, with repairs applied, and read what the views show of it."""
    from ptychopinn.data.checks import inspect
    from ptychopinn.errors import PtychoError

    _opened.clear()
    if not fixes:
        summary = inspect(path, units=units, gridsize=gridsize)
    else:
        summary = inspect(scan_in_memory(path, units, fixes), units=units, gridsize=gridsize)
    try:
        preview = _preview(scan_in_memory(path, units, fixes))
    except PtychoError:
        # The findings of the summary say what is wrong.
        preview = None
    return Scan(path, summary, units, fixes, preview)


def pattern(
    emit: Emit, stop: Stop, *, path: Path, units: str, fixes: tuple[str, ...], index: int
) -> tuple[int, NDArray[np.float32]]:
    """Read the amplitude (N, N) of one pattern."""
    return index, scan_in_memory(path, units, fixes).amplitude(slice(index, index + 1))[0]


def read_probe(emit: Emit, stop: Stop, *, path: Path, size: int | None) -> NDArray[np.complexfloating]:
    """Read a probe that takes the place of the scan's, complex (modes, N, N).

    Raises
    ------
    ValueError
        It does not fit patterns of `size` pixels.
    """
    from ptychopinn.files.npz_members import read_array

    probe = read_array(path, "probeGuess")
    if probe.ndim not in (2, 3) or (size is not None and probe.shape[-2:] != (size, size)):
        raise ValueError(f"its shape is {probe.shape}, the patterns are {size} pixels wide.")
    return probe if probe.ndim == 3 else probe[np.newaxis]


def open_model(emit: Emit, stop: Stop, *, path: Path, saved: bool) -> Model:
    """Read the manifest of a model archive; nothing in it is run."""
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
        about=f"Written by {manifest.get('created_by', 'an unknown program')}, version {manifest.get('version')};"
        f" holds {', '.join(map(str, manifest.get('models', ())))}.",
    )


def load_object(emit: Emit, stop: Stop, *, run_dir: Path) -> ObjectResult:
    """Read the object and the report of a reconstruction run."""
    from ptychopinn_app.runs.results import read_result

    return read_result(run_dir)


def load_history(emit: Emit, stop: Stop, *, run_dir: Path) -> LossHistory:
    """Read the losses of a training run from its metrics table."""
    table = run_dir / runs.METRICS_FILE
    if not table.is_file():
        return LossHistory()
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    columns = [tuple(_number(row.get(name)) for row in rows) for name in ("loss", "val_loss")]
    return LossHistory(columns[0], columns[1] if np.isfinite(columns[1]).any() else ())


def list_runs(emit: Emit, stop: Stop, *, root: Path) -> tuple[RunEntry, ...]:
    """List the runs in the runs folder."""
    return runs.list_runs(root)


def list_scans(emit: Emit, stop: Stop, *, folder: Path) -> dict[Path, tuple[int, int]]:
    """List the scan files of a watched folder with size and time of change."""
    from ptychopinn.workflow.arrivals import scan_stamps

    return scan_stamps(folder)


def lost_run(emit: Emit, stop: Stop, *, run_dir: Path) -> LostRun | None:
    """Look how far a run came whose window was killed; None when it is gone, or had ended after all."""
    note = runs.read_note(run_dir)
    if note.get("status") not in ("running", "interrupted"):
        return None
    with contextlib.suppress(OSError):
        runs.write_note(run_dir, status="interrupted")
    losses = load_history(emit, stop, run_dir=run_dir).loss
    model = run_dir / runs.MODEL_FILE
    return LostRun(run_dir, str(note.get("title", run_dir.name)), len(losses), model if model.is_file() else None)


def delete_run(emit: Emit, stop: Stop, *, run_dir: Path) -> None:
    """Remove the folder of a cancelled run."""
    shutil.rmtree(run_dir, ignore_errors=True)


def copy_file(emit: Emit, stop: Stop, *, source: Path, target: Path) -> Path:
    """Copy a file so that the target is either whole or untouched."""
    from ptychopinn.files.atomic import atomic_path

    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
    return target


def write_text(emit: Emit, stop: Stop, *, target: Path, text: str) -> None:
    """Write a text file so that it is either whole or untouched."""
    from ptychopinn.files.atomic import atomic_path

    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def export(emit: Emit, stop: Stop, *, run_dir: Path, target: Path) -> tuple[Path, ...]:
    """Export a run: HDF5 product, NPZ, images of amplitude and phase, a figure with scale, or the losses as CSV.

    Raises
    ------
    ValueError
        The suffix of `target` names no known format.
    """
    kind = target.suffix.lower()
    copies = {".h5": runs.PRODUCT_FILE, ".hdf5": runs.PRODUCT_FILE, ".npz": runs.OBJECT_FILE}
    if kind in copies:
        return (copy_file(emit, stop, source=run_dir / copies[kind], target=target),)
    if kind == ".csv":
        return (copy_file(emit, stop, source=_losses_of(run_dir), target=target),)
    suffixes = {".tif": ".tiff", ".tiff": ".tiff", ".png": ".png"}
    if kind not in (*suffixes, ".pdf"):
        raise ValueError(f"'{target.name}' names no known format; use .h5, .npz, .tiff, .png, .pdf or .csv.")
    paths = runs.export_paths(target)
    for path in paths:
        name = path.stem.rpartition("_")[2]
        if name in ("amplitude", "phase") and kind != ".pdf":
            copy_file(emit, stop, source=run_dir / f"{name}{suffixes[kind]}", target=path)
        else:
            from ptychopinn.workflow.figure import write_figure

            write_figure(path, run_dir / runs.OBJECT_FILE)
    return paths


def _losses_of(run_dir: Path) -> Path:
    """Give the table of losses of a run, or of the training that made its model; also after refinements.

    Raises
    ------
    DataError
        There is none.
    """
    from ptychopinn.errors import DataError

    folders = [run_dir]
    for folder in folders:
        if (folder / runs.METRICS_FILE).is_file():
            return folder / runs.METRICS_FILE
        note = runs.read_note(folder)
        named = [Path(name).parent for key in ("model", "refined") if isinstance(name := note.get(key), str)]
        # A note that was written by hand may point in a circle.
        folders += [each for each in named if each not in folders]
    raise DataError("There are no losses to export", "an object that a trained network made", "Train, then export.")


def find_devices(emit: Emit, stop: Stop) -> tuple[Device, ...]:
    """Find the devices to compute on."""
    return tuple(find())


def backend_problem(emit: Emit, stop: Stop, *, backend: str) -> str:
    """Say in the registry's own words why a backend cannot be used; empty when it can. Imports no framework."""
    from ptychopinn.backends import registry
    from ptychopinn.errors import BackendError

    try:
        registry.require(backend)
    except BackendError as error:
        return str(error)
    return ""


def scan_in_memory(path: Path, units: str, fixes: tuple[str, ...]) -> RawData:
    """Read a scan with its repairs, once."""
    key = (path, units, fixes)
    if key not in _opened:
        from ptychopinn.data import scan_file
        from ptychopinn.data.checks import apply_fixes

        raw = scan_file.read(path, units)
        _opened.clear()
        _opened[key] = apply_fixes(raw, fixes) if fixes else raw
    return _opened[key]


def _preview(raw: RawData) -> ScanPreview:
    """Read positions, probe, the first pattern and the mean of at most 512 evenly chosen ones."""
    chosen = np.unique(np.linspace(0, raw.n_patterns - 1, min(raw.n_patterns, MEAN_PATTERNS)).astype(np.int64))
    total = np.zeros(raw.diff3d.shape[1:])
    # Few at a time: they stay in the processor's cache.
    for start in range(0, len(chosen), PATTERNS_AT_ONCE):
        amplitude = raw.amplitude(chosen[start : start + PATTERNS_AT_ONCE])
        total += np.where(np.isfinite(amplitude), amplitude, 0).sum(axis=0, dtype=np.float64)
    mean = (total / len(chosen)).astype(np.float32)
    probe = None if raw.probeGuess is None else raw.probe_modes
    return ScanPreview(np.asarray(raw.positions_px), probe, mean, raw.amplitude(slice(0, 1))[0])


def _number(text: str | None) -> float:
    try:
        return float(cast(str, text))
    except (TypeError, ValueError):
        return float("nan")
