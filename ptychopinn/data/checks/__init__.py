"""Checks of a scan: problems in plain sentences, and automatic fixes."""

from ptychopinn.data.checks.fixes import FIX_CODES, apply_fixes, fix_scan
from ptychopinn.data.checks.inspection import inspect, require_sound
from ptychopinn.data.finding import Finding
from ptychopinn.data.scan_summary import ScanSummary

__all__ = ["FIX_CODES", "Finding", "ScanSummary", "apply_fixes", "inspect", "fix_scan", "require_sound"]
