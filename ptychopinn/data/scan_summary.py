"""Facts about a scan and the findings of its checks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ptychopinn.data.finding import Finding


@dataclass(frozen=True)
class ScanSummary:
    """Facts about a scan; unknown facts are None.

    Attributes
    ----------
    path : the file, None for a scan in memory
    n_patterns, pattern_shape, dtype : number, shape and dtype of the diffraction patterns
    keys_found, keys_missing : keys in the file, and required schema keys that it lacks
    units, units_reason : 'amplitude' or 'intensity', and a sentence with the reason
    mean_counts : mean of the patterns' summed intensities
    probe_modes : number of incoherent modes
    probe_diameter_px : diameter of the circle that contains 90 % of the probe's intensity
    object_shape : (height, width) of objectGuess
    y_range_px, x_range_px : smallest and largest scan position, in object pixels
    median_step_px : median distance from a position to its nearest neighbour
    overlap : 1 - step / probe diameter, from 0 to 1
    scan_fov_px : (height, width) of the region that the positions span
    findings : errors first, then warnings, then information
    """

    path: Path | None = None
    n_patterns: int | None = None
    pattern_shape: tuple[int, ...] | None = None
    dtype: str | None = None
    keys_found: tuple[str, ...] = ()
    keys_missing: tuple[str, ...] = ()
    units: str | None = None
    units_reason: str | None = None
    mean_counts: float | None = None
    probe_modes: int | None = None
    probe_diameter_px: float | None = None
    object_shape: tuple[int, ...] | None = None
    y_range_px: tuple[float, float] | None = None
    x_range_px: tuple[float, float] | None = None
    median_step_px: float | None = None
    overlap: float | None = None
    scan_fov_px: tuple[float, float] | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the scan can be used, that is, no finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)
