"""Facts about a scan as text, line by line (no Qt)."""

from __future__ import annotations

from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn.wording import counted

UNKNOWN = "unknown"


def headline(facts: ScanSummary) -> str:
    """Return the number, size and type of the patterns as text: '516 patterns · 64 × 64 px · float32'."""
    shape = facts.pattern_shape
    size = f"{shape[-2]} × {shape[-1]}" if shape and len(shape) >= 2 else UNKNOWN
    count = f"{facts.n_patterns:,} patterns" if facts.n_patterns is not None else UNKNOWN
    return " · ".join(part for part in (count, f"{size} px", facts.dtype) if part)


def lines(facts: ScanSummary) -> tuple[tuple[str, str], ...]:
    """Return (name, value) for each line of the data card."""
    return (
        ("Counts", f"{_short(facts.mean_counts)} per pattern" if facts.mean_counts is not None else UNKNOWN),
        ("Positions", _positions(facts)),
        ("Overlap", _overlap(facts)),
        ("Probe", _probe(facts)),
        ("Object", _object(facts)),
        ("Keys", _keys(facts)),
    )


def _positions(facts: ScanSummary) -> str:
    if facts.y_range_px is None or facts.x_range_px is None:
        return UNKNOWN
    (top, bottom), (left, right) = facts.y_range_px, facts.x_range_px
    return f"y {top:.0f} to {bottom:.0f}, x {left:.0f} to {right:.0f} px"


def _overlap(facts: ScanSummary) -> str:
    if facts.overlap is None:
        return UNKNOWN
    step = f", median step {facts.median_step_px:.1f} px" if facts.median_step_px is not None else ""
    return f"{100 * facts.overlap:.0f} %{step}"


def _probe(facts: ScanSummary) -> str:
    if facts.probe_modes is None:
        return "none in the file"
    diameter = f", {facts.probe_diameter_px:.0f} px wide" if facts.probe_diameter_px is not None else ""
    return counted(facts.probe_modes, "mode") + diameter


def _object(facts: ScanSummary) -> str:
    shape = facts.object_shape
    return f"{shape[-2]} × {shape[-1]} px" if shape and len(shape) >= 2 else "none in the file"


def _keys(facts: ScanSummary) -> str:
    missing = f"no {', no '.join(facts.keys_missing)}; " if facts.keys_missing else ""
    return missing + (", ".join(facts.keys_found) or UNKNOWN)


def _short(value: float) -> str:
    if value < 1e4:
        return f"{value:.4g}"
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{float(mantissa):g}e{int(exponent)}"
