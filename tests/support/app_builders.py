"""Records of the app for tests: scans as the window holds them, and settings with changes (no Qt)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Scan, ScanPreview

_IMAGE = np.zeros((64, 64), np.float32)
_PREVIEW = ScanPreview(np.zeros((100, 2)), None, _IMAGE, _IMAGE)
_SUMMARY = ScanSummary(
    n_patterns=100,
    pattern_shape=(64, 64),
    dtype="float32",
    mean_counts=1e6,
    probe_modes=1,
    probe_diameter_px=24.0,
    object_shape=(200, 200),
    y_range_px=(30.0, 90.0),
    x_range_px=(30.0, 90.0),
    median_step_px=6.0,
    overlap=0.75,
)


def opened_scan(name: str = "a.npz", **facts: Any) -> Scan:
    """An opened scan of 100 patterns of 64 x 64 pixels that fits the default settings, with other facts."""
    return Scan(Path(name), replace(_SUMMARY, **facts), preview=_PREVIEW)


def job_settings(**changes: Any) -> JobSettings:
    """Default settings with changes like ``training_batch_size=4``."""
    config = JobSettings()
    for place, value in changes.items():
        section, _, field = place.partition("_")
        config.set(section, field, value)
    return config
