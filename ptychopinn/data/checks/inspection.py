"""Inspect a scan and report its problems; bad content never raises an exception."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data import npz, scan_file
from ptychopinn.data.checks.keys import key_findings, missing_keys
from ptychopinn.data.checks.pattern_stats import gather
from ptychopinn.data.checks.patterns import pattern_findings
from ptychopinn.data.checks.positions import (
    extent_findings,
    median_step,
    outside_findings,
    overlap_findings,
    overlap_of,
    position_findings,
)
from ptychopinn.data.checks.probe import probe_diameter, probe_findings
from ptychopinn.data.finding import Finding, raise_errors
from ptychopinn.data.npz_schema import KNOWN_KEYS, schema_name
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.scan_arrays import layout_findings
from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn.data.units import decide_units
from ptychopinn.errors import DataError, MissingFileError, PtychoError

_CHECKED_KEYS = tuple(key for key in KNOWN_KEYS if key not in ("Y", "norm_Y_I"))
_SEVERITIES = ("error", "warning", "info")


@dataclass
class _Scan:
    """The arrays of a scan by schema key, and the findings from reading them."""

    path: Path | None
    keys: Sequence[str]
    arrays: dict[str, NDArray[Any]]
    findings: list[Finding] = field(default_factory=list)

    @property
    def source(self) -> str:
        return self.path.name if self.path else ""


def inspect(
    path_or_raw: str | Path | RawData, units: str = "auto", gridsize: int = 1, *, source: Path | None = None
) -> ScanSummary:
    """Return the summary of a scan file or of a scan in memory, with its findings.

    Bad content never raises an exception; the summary of an unreadable file contains a single error.

    Parameters
    ----------
    units : 'amplitude' or 'intensity' to override the file, 'auto' to decide as the reader does
    gridsize : grid size that the scan must support
    source : file that a scan in memory was read from, to be named in the findings

    Raises
    ------
    DataError
        `units` has another value.
    """
    if units != "auto":
        decide_units(np.zeros(0), units)
    if isinstance(path_or_raw, RawData):
        return _examine(_from_memory(path_or_raw, source), units, gridsize)
    path = Path(path_or_raw)
    try:
        scan = _from_file(path)
    except PtychoError as error:
        code = "missing_file" if isinstance(error, MissingFileError) else "unreadable"
        return ScanSummary(path=path, findings=(_as_finding(error, code),))
    return _examine(scan, units, gridsize)


def require_sound(
    path_or_raw: str | Path | RawData, units: str = "auto", gridsize: int = 1, *, source: Path | None = None
) -> ScanSummary:
    """Return the summary of a scan that has no errors; the caller reports the warnings. See `inspect`.

    Raises
    ------
    DataError
        The scan has errors; the message lists them all.
    """
    summary = inspect(path_or_raw, units, gridsize, source=source)
    raise_errors(summary.findings)
    return summary


def _from_memory(raw: RawData, source: Path | None) -> _Scan:
    values = {key: getattr(raw, key) for key in _CHECKED_KEYS}
    arrays = {key: np.asarray(value) for key, value in values.items() if value is not None}
    return _Scan(source, list(arrays), arrays)


def _from_file(path: Path) -> _Scan:
    if not scan_file.is_npz(path):
        arrays = scan_file.read_arrays(path)
        return _Scan(path, list(arrays), arrays)
    specs = npz.header(path)
    scan = _Scan(path, list(specs), {})
    pickled = set()
    for key, (_, dtype) in specs.items():
        name = schema_name(key, frozenset(specs))
        if dtype.hasobject and name in _CHECKED_KEYS:
            scan.findings += layout_findings({name: specs[key]}, path.name)
            pickled.add(name)
    for name in _CHECKED_KEYS:
        try:
            scan.arrays.update({} if name in pickled else npz.read_arrays(path, (name,)))
        except DataError as error:
            scan.findings.append(_as_finding(error, "unreadable"))
    scan.arrays = npz.in_schema_order(scan.arrays)
    return scan


def _as_finding(error: PtychoError, code: str) -> Finding:
    return Finding("error", code, str(type(error)(error.found, error.expected)), error.mend)


def _examine(scan: _Scan, units: str, gridsize: int) -> ScanSummary:
    specs = {key: (array.shape, array.dtype) for key, array in scan.arrays.items()}
    # A faulty array does not prevent checks of the others.
    sound = {key: array for key, array in scan.arrays.items() if not layout_findings({key: specs[key]})}
    findings = [*scan.findings, *key_findings(scan.keys, scan.source or "The scan")]
    findings += layout_findings(specs, scan.source)
    facts: dict[str, Any] = {}
    if "diff3d" in sound:
        findings += _look_at_patterns(sound, units, scan.source, facts)
    if "probeGuess" in sound:
        findings += _look_at_probe(sound["probeGuess"], scan.source, facts)
    findings += _look_at_positions(sound, gridsize, scan.source, facts)
    findings.sort(key=lambda finding: _SEVERITIES.index(finding.severity))
    facts |= {"keys_found": tuple(scan.keys), "keys_missing": missing_keys(scan.keys)}
    return ScanSummary(path=scan.path, findings=tuple(findings), **facts)


def _look_at_patterns(sound: dict[str, NDArray[Any]], units: str, source: str, facts: dict[str, Any]) -> list[Finding]:
    """Return findings about the patterns, and store the shape, units and counts of the patterns in `facts`."""
    patterns, findings = sound["diff3d"], []
    declared = npz.declared_units(sound, units)
    try:
        decided, reason = decide_units(patterns, declared)
    except DataError as error:
        findings.append(_as_finding(error, "bad_units"))
        declared = None
        decided, reason = decide_units(patterns)
    stats = gather(patterns, decided)
    facts.update(
        n_patterns=stats.n_patterns,
        pattern_shape=tuple(patterns.shape[1:]),
        dtype=str(patterns.dtype),
        units=decided,
        units_reason=reason,
        mean_counts=stats.mean_counts,
    )
    findings += pattern_findings(stats, decided, reason, declared is not None, source)
    return findings


def _look_at_probe(probe: NDArray[Any], source: str, facts: dict[str, Any]) -> list[Finding]:
    facts["probe_modes"] = 1 if probe.ndim == 2 else probe.shape[0]
    facts["probe_diameter_px"] = probe_diameter(probe)
    return list(probe_findings(probe, facts.get("mean_counts"), source))


def _look_at_positions(
    sound: dict[str, NDArray[Any]], gridsize: int, source: str, facts: dict[str, Any]
) -> list[Finding]:
    if "objectGuess" in sound:
        facts["object_shape"] = tuple(sound["objectGuess"].shape[-2:])
    x, y = sound.get("xcoords"), sound.get("ycoords")
    if x is None or y is None or x.shape != y.shape:
        return []
    positions = np.stack([y, x], axis=1).astype(np.float64)
    findings = list(position_findings(positions, gridsize, source))
    usable = positions[np.isfinite(positions).all(axis=1)]
    if len(usable):
        low, high = usable.min(axis=0), usable.max(axis=0)
        facts["y_range_px"], facts["x_range_px"] = zip(low.tolist(), high.tolist(), strict=True)
        facts["scan_fov_px"] = tuple((high - low).tolist())
    facts["median_step_px"] = step = median_step(usable)
    if any(finding.code == "position_units" for finding in findings) or "pattern_shape" not in facts:
        return findings
    size = facts["pattern_shape"][-1]
    findings += extent_findings(positions, size, source)
    if "object_shape" in facts:
        findings += outside_findings(positions, size, facts["object_shape"], source)
    diameter = facts.get("probe_diameter_px")
    if step is not None and diameter is not None:
        facts["overlap"] = overlap_of(step, diameter)
        findings += overlap_findings(step, diameter, size, source)
    return findings
