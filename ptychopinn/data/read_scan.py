"""Read a scan for a job, with units, fixes and checks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data import scan_file
from ptychopinn.data.checks import fix_scan, require_sound
from ptychopinn.data.probe_file import fitting_probe, read_probe
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.subsample import subsample
from ptychopinn.errors import ConfigError
from ptychopinn.events import Notice, Phase, Report


class _Checks(TypedDict, total=False):
    gridsize: int
    fixes: Sequence[str]
    n_subsample: int | None
    subsample_seed: int | None


def read_scan(
    path: Path,
    report: Report,
    *,
    units: str = "auto",
    probe_file: Path | None = None,
    spare_probe: NDArray[np.complexfloating] | None = None,
    **checks: Unpack[_Checks],
) -> tuple[RawData, tuple[str, ...]]:
    """Read a scan from a file and check it; return the scan and the warnings from the checks.

    Parameters
    ----------
    units : 'auto', 'amplitude' or 'intensity'
    probe_file : Path or None
        NPZ file whose ``probeGuess`` replaces the probe of the scan; the scan may then lack a probe.
    spare_probe : array (N, N) or (modes, N, N), complex, or None
        Probe to use if the scan has none.
    checks
        See :func:`require_sound_scan`.

    Raises
    ------
    DataError, MissingFileError
        The scan cannot be used; the message says why and how to fix it.
    ConfigError
        `n_subsample` leaves fewer patterns than one group needs.
    """
    path = Path(path)
    report(Phase(f"reading {path.name}"))
    raw = scan_file.read(path, units=units, needs_probe=probe_file is None and spare_probe is None)
    if raw.probeGuess is None and spare_probe is not None:
        raw.probeGuess = fitting_probe(spare_probe, raw.pattern_size, path.name)
    return require_sound_scan(raw, report, probe_file=probe_file, source=path, **checks)


def require_sound_scan(
    raw: RawData,
    report: Report,
    *,
    gridsize: int = 1,
    fixes: Sequence[str] = (),
    n_subsample: int | None = None,
    subsample_seed: int | None = None,
    probe_file: Path | None = None,
    source: Path | None = None,
) -> tuple[RawData, tuple[str, ...]]:
    """Fix and check a scan in memory; return the scan or its subset, and the warnings from the checks.

    Parameters
    ----------
    gridsize : int
        Grid size for which the scan must have enough patterns.
    fixes : sequence of str
        Codes of findings to fix in memory, if this scan has them (see :func:`ptychopinn.data.checks.fix_scan`).
    n_subsample, subsample_seed : int or None
        Number of random patterns to use, and the seed for the choice.
    probe_file : Path or None
        NPZ file whose ``probeGuess`` replaces the probe of the scan.
    source : Path or None
        The file that the scan was read from.

    Raises
    ------
    DataError, MissingFileError, ConfigError
        See :func:`read_scan`.
    """
    as_read = raw
    if fixes:
        raw, done = fix_scan(raw, fixes, gridsize)
        for what in done.values():
            report(Notice("info", f"Fixed: {what}."))
    if probe_file is not None:
        raw.probeGuess = read_probe(Path(probe_file), raw.pattern_size)
        report(Notice("info", f"Probe from {Path(probe_file).name}."))
    # Messages name the file only while they describe its content.
    changed = raw is not as_read or probe_file is not None
    summary = require_sound(raw, units=raw.units, gridsize=gridsize, source=None if changed else source)
    report(Notice("info", raw.units_reason))
    warnings = tuple(str(finding) for finding in summary.findings if finding.severity == "warning")
    for text in warnings:
        report(Notice("warning", text))
    part = subsample(raw, n_subsample, subsample_seed)
    if part.n_patterns < gridsize * gridsize:
        raise ConfigError(
            f"n_subsample is {n_subsample}, which is less than one group",
            f"{gridsize * gridsize} or more for gridsize {gridsize}",
            "Raise n_subsample, or omit it.",
        )
    return part, warnings
