"""Data doctor: what is wrong with a scan, in plain sentences, and what can be mended automatically."""

from ptychopinn.data.checks.fixes import FIX_CODES, apply_fixes
from ptychopinn.data.checks.inspection import inspect, require_sound
from ptychopinn.data.checks.mending import mend
from ptychopinn.data.finding import Finding
from ptychopinn.data.scan_summary import ScanSummary

__all__ = ["FIX_CODES", "Finding", "ScanSummary", "apply_fixes", "inspect", "mend", "require_sound"]
