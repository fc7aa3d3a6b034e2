"""Short words of the tests of the checks: scans as objects, findings by their codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.checks import Finding, ScanSummary
from ptychopinn.data.raw_data import RawData

Arrays = dict[str, NDArray[Any]]
Save = Callable[..., Path]


def raw_of(scan: Arrays, **changes: Any) -> RawData:
    return RawData.from_coords_without_pc(**{**scan, "scan_index": None, **changes})


def counts_of(scan: Arrays) -> NDArray[Any]:
    return np.rint(np.square(scan["diff3d"]))


def codes(summary: ScanSummary) -> dict[str, str]:
    return {finding.code: finding.severity for finding in summary.findings}


def the(summary: ScanSummary, code: str) -> Finding:
    [finding] = [finding for finding in summary.findings if finding.code == code]
    return finding
