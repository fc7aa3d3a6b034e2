"""Compare two runs: aligned objects, their differences, and losses (no Qt)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptychopinn_app.jobs.run_tasks import load_history
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.runs.preview_store import list_previews, read_preview


@dataclass(frozen=True)
class ComparedRun:
    """One of the two compared runs.

    Attributes
    ----------
    losses : validation loss per epoch, or the training loss if there is no validation
    amplitude, phase : (rows, columns) float32, None without an object
    origin : source of the object: 'result' or 'last preview'
    """

    run_dir: Path
    title: str
    losses: tuple[float, ...] = ()
    amplitude: NDArray[np.float32] | None = None
    phase: NDArray[np.float32] | None = None
    pixel_size_m: float | None = None
    origin: str = ""
    r_factor: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Two runs, A and B, and the difference B - A after removing shift, phase offset and phase ramp.

    Attributes
    ----------
    amplitude_difference, phase_difference : (rows, columns) float32, NaN where either object is not illuminated
    agreement : PSNR in dB and SSIM for amplitude and phase of B, with A as the reference
    problem : why the difference could not be computed; empty if it could
    """

    first: ComparedRun
    second: ComparedRun
    amplitude_difference: NDArray[np.float32] | None = None
    phase_difference: NDArray[np.float32] | None = None
    agreement: dict[str, float] = field(default_factory=dict)
    problem: str = ""


def compare_runs(first: Path, second: Path) -> Comparison:
    """Read two runs and compare their objects."""
    from ptychopinn.quality.align import align
    from ptychopinn.quality.compare import compare

    a, b = _read(first), _read(second)
    if a.amplitude is None or b.amplitude is None or a.phase is None or b.phase is None:
        without = a if a.amplitude is None else b
        return Comparison(a, b, problem=f"'{without.title}' has no object. Reconstruct with its model first.")
    if a.amplitude.shape != b.amplitude.shape:
        sizes = " and ".join(f"{rows} × {columns}" for rows, columns in (a.amplitude.shape, b.amplitude.shape))
        problem = f"The objects have different sizes ({sizes} px); no difference can be computed."
        return Comparison(a, b, problem=problem)
    mask = (a.amplitude > 0) & (b.amplitude > 0)
    if mask.sum() < 64:
        return Comparison(a, b, problem="The objects have no illuminated area in common.")
    one, other = a.amplitude * np.exp(1j * a.phase), b.amplitude * np.exp(1j * b.phase)
    aligned, _ = align(other, one, mask)
    figures = compare(other, one, mask)
    amplitude = np.where(mask, np.abs(aligned) - np.abs(one), np.nan).astype(np.float32)
    phase = np.where(mask, np.angle(aligned * np.conj(one)), np.nan).astype(np.float32)
    names = ("amplitude_psnr_db", "amplitude_ssim", "phase_psnr_db", "phase_ssim")
    return Comparison(a, b, amplitude, phase, {name: figures[name] for name in names})


def _read(run_dir: Path) -> ComparedRun:
    note = runs.read_note(run_dir)
    history = load_history(run_dir)
    model = note.get("model")
    if not history.loss and isinstance(model, str):
        # A reconstruction shows the losses of the training of its model.
        history = load_history(Path(model).parent)
    losses = history.val_loss if np.isfinite(history.val_loss).any() else history.loss
    title = _title(note, run_dir)
    if (run_dir / runs.OBJECT_FILE).is_file():
        from ptychopinn_app.runs.results import read_result

        result = read_result(run_dir)
        r = result.report.get("r_factor")
        r_factor = float(r) if isinstance(r, int | float) else None
        return ComparedRun(
            run_dir, title, losses, result.amplitude, result.phase, result.pixel_size_m, "result", r_factor
        )
    stored = list_previews(run_dir)
    preview = read_preview(run_dir, stored[-1][0]) if stored else None
    if preview is None:
        return ComparedRun(run_dir, title, losses)
    return ComparedRun(run_dir, title, losses, preview.amplitude, preview.phase, None, "last preview")


def _title(note: Mapping[str, object], run_dir: Path) -> str:
    """Return a run's title with its time, because runs of the same scan share a title."""
    words, started = str(note.get("title", run_dir.name)), note.get("started")
    if not isinstance(started, int | float):
        return words
    return f"{words}, {time.strftime('%H:%M:%S', time.localtime(started))}"
