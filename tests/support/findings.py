"""Findings of the data checks by their codes."""

from __future__ import annotations

from ptychopinn.data.finding import Finding
from ptychopinn.data.scan_summary import ScanSummary


def codes(summary: ScanSummary) -> dict[str, str]:
    """Map the code of each finding to its severity."""
    return {finding.code: finding.severity for finding in summary.findings}


def the(summary: ScanSummary, code: str) -> Finding:
    """The only finding with a code."""
    [finding] = [finding for finding in summary.findings if finding.code == code]
    return finding
