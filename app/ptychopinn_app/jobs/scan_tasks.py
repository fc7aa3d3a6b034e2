"""Short tasks about scans: inspect a scan, read a pattern or a probe (no Qt)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptychopinn_app.records import Scan, ScanPreview

if TYPE_CHECKING:
    from ptychopinn.data.raw_data import RawData

MEAN_PATTERNS = 512
PATTERNS_AT_ONCE = 32

_Key = tuple[Path, str, tuple[str, ...]]
_opened: dict[_Key, RawData] = {}


def get_ready() -> None:
    """Import the modules needed to open a scan."""
    import ptychopinn.data.checks
    import ptychopinn.data.hdf5_scan
    import ptychopinn.data.scan_file  # noqa: F401


def open_scan(path: Path, units: str, fixes: tuple[str, ...]) -> Scan:
    """Inspect a scan after applying its fixes, and read the arrays shown in the views."""
    from ptychopinn.data.checks import inspect
    from ptychopinn.errors import PtychoError

    _opened.clear()
    # `checks.compatibility` checks whether there are enough patterns for a group.
    summary = inspect(scan_in_memory(path, units, fixes) if fixes else path, units=units, gridsize=1)
    try:
        preview = _preview(scan_in_memory(path, units, fixes))
    except PtychoError:
        # The findings of the summary describe the problem.
        preview = None
    return Scan(path, summary, units, fixes, preview)


def pattern(path: Path, units: str, fixes: tuple[str, ...], index: int) -> tuple[int, NDArray[np.float32]]:
    """Read the amplitude (N, N) of one pattern."""
    return index, scan_in_memory(path, units, fixes).amplitude(slice(index, index + 1))[0]


def read_probe(path: Path, size: int | None) -> NDArray[np.complexfloating]:
    """Read a probe that replaces the scan's own, complex (modes, N, N).

    Raises
    ------
    ValueError
        The probe does not fit patterns of `size` pixels.
    """
    from ptychopinn.files.npz_members import read_array

    probe = read_array(path, "probeGuess")
    if probe.ndim not in (2, 3) or (size is not None and probe.shape[-2:] != (size, size)):
        raise ValueError(
            f"The probe has shape {probe.shape}; expected {size} × {size} pixels, the size of the patterns."
            " Choose another probe file."
        )
    return probe if probe.ndim == 3 else probe[np.newaxis]


def scan_in_memory(path: Path, units: str, fixes: tuple[str, ...]) -> RawData:
    """Return a scan with its fixes applied; only the last scan read is cached."""
    key = (path, units, fixes)
    if key not in _opened:
        from ptychopinn.data import scan_file
        from ptychopinn.data.checks import apply_fixes

        raw = scan_file.read(path, units)
        _opened.clear()
        _opened[key] = apply_fixes(raw, fixes) if fixes else raw
    return _opened[key]


def _preview(raw: RawData) -> ScanPreview:
    """Read positions, probe, the first pattern and the mean of at most 512 evenly spaced patterns."""
    chosen = np.unique(np.linspace(0, raw.n_patterns - 1, min(raw.n_patterns, MEAN_PATTERNS)).astype(np.int64))
    total = np.zeros(raw.diff3d.shape[1:])
    # A few at a time, so that they stay in the cache of the processor.
    for start in range(0, len(chosen), PATTERNS_AT_ONCE):
        amplitude = raw.amplitude(chosen[start : start + PATTERNS_AT_ONCE])
        total += np.where(np.isfinite(amplitude), amplitude, 0).sum(axis=0, dtype=np.float64)
    mean = (total / len(chosen)).astype(np.float32)
    probe = None if raw.probeGuess is None else raw.probe_modes
    return ScanPreview(np.asarray(raw.positions_px), probe, mean, raw.amplitude(slice(0, 1))[0])
