"""Read a scan for a job: units, fixes, checks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ptychopinn.data import npz
from ptychopinn.data.checks import apply_fixes, require_sound
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.subsample import subsample
from ptychopinn.workflow.events import Notice, Phase, Report


def read_scan(
    path: Path,
    report: Report,
    *,
    units: str = "auto",
    gridsize: int = 1,
    fixes: Sequence[str] = (),
    n_subsample: int | None = None,
    subsample_seed: int | None = None,
) -> tuple[RawData, tuple[str, ...]]:
    """Return a sound scan and the warnings that the checks gave.

    Parameters
    ----------
    path : Path
    report : callable
    units : 'auto', 'amplitude' or 'intensity'
    gridsize : int
        For the check that there are enough patterns.
    fixes : sequence of str
        Codes of findings to mend in memory (see :func:`ptychopinn.data.checks.apply_fixes`).
    n_subsample, subsample_seed : int or None
        Use only so many patterns, drawn at random.

    Raises
    ------
    DataError, MissingFileError
        The scan cannot be used; the message says why and how to mend it.
    """
    path = Path(path)
    report(Phase(f"reading {path.name}"))
    raw = npz.read(path, units=units)
    if fixes:
        raw = apply_fixes(raw, fixes)
    # In memory once fixes have changed it; otherwise the file, so that messages name it.
    summary = require_sound(raw if fixes else path, units=raw.units, gridsize=gridsize)
    report(Notice("info", raw.units_reason))
    warnings = tuple(str(finding) for finding in summary.findings if finding.severity == "warning")
    for text in warnings:
        report(Notice("warning", text))
    return subsample(raw, n_subsample, subsample_seed), warnings
