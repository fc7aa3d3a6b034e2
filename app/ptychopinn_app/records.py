"""Frozen records of scans, models, results and runs (no Qt)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn.wording import counted


@dataclass(frozen=True)
class ScanPreview:
    """Arrays of a scan that the views show before a job runs.

    Attributes
    ----------
    positions_px : (P, 2) float, [y, x] in object pixels
    probe : (modes, N, N) complex64, None if the file has none
    mean_amplitude : (N, N) float32
    first_amplitude : (N, N) float32, pattern 0
    """

    positions_px: NDArray[np.float64]
    probe: NDArray[np.complex64] | None
    mean_amplitude: NDArray[np.float32]
    first_amplitude: NDArray[np.float32]


@dataclass(frozen=True)
class Scan:
    """An open scan with the findings of its checks.

    Attributes
    ----------
    units : the user's choice: 'auto', 'amplitude' or 'intensity'
    fixes : codes of the automatic fixes applied whenever the scan is used
    preview : arrays for the views; None if the file cannot be read
    """

    path: Path
    summary: ScanSummary
    units: str = "auto"
    fixes: tuple[str, ...] = ()
    preview: ScanPreview | None = None

    @property
    def usable(self) -> bool:
        """Whether the scan can be read and has no errors."""
        return self.preview is not None and self.summary.ok

    @property
    def fixable(self) -> bool:
        """Whether the scan can be read and every error has an automatic fix."""
        errors = [finding for finding in self.summary.findings if finding.severity == "error"]
        return self.preview is not None and all(finding.fix for finding in errors)


@dataclass(frozen=True)
class Model:
    """An open model archive.

    Attributes
    ----------
    settings : model settings used in training, field -> value; empty if the archive has none
    saved : False for a model that exists only in its run folder
    about : further entries of the manifest, as text
    """

    path: Path
    backend: str
    pattern_size: int | None = None
    gridsize: int | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    saved: bool = True
    about: str = ""

    @property
    def title(self) -> str:
        """Name to display: the file name, or the run that produced the model."""
        return self.path.name if self.saved else f"run {self.path.parent.name}"


@dataclass(frozen=True)
class ObjectResult:
    """A reconstructed object, ready for display.

    Attributes
    ----------
    amplitude : (rows, columns) float32, zero outside the measured area
    phase : (rows, columns) float32, in radians
    report : content of the run's report.json
    """

    run_dir: Path
    amplitude: NDArray[np.float32]
    phase: NDArray[np.float32]
    pixel_size_m: float | None = None
    report: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class RunEntry:
    """One row of the list of runs."""

    path: Path
    kind: str
    title: str
    started: float
    status: str
    note: str = ""
    seconds: float | None = None
    thumbnail: Path | None = None
    model_path: Path | None = None
    has_object: bool = False


@dataclass(frozen=True)
class LossHistory:
    """Losses of a run, one value per epoch; NaN where a loss is missing."""

    loss: tuple[float, ...] = ()
    val_loss: tuple[float, ...] = ()


@dataclass(frozen=True)
class LostRun:
    """A run that was interrupted when the application ended, and its model if one was saved."""

    run_dir: Path
    title: str
    epochs: int
    model_path: Path | None = None

    def describe(self) -> str:
        """Return a sentence stating after how many epochs the run was interrupted and whether its model was saved."""
        after = f" after {counted(self.epochs, 'epoch')}" if self.epochs else ""
        model = "its model was saved" if self.model_path is not None else "no model was saved"
        return f"'{self.title}' was interrupted{after}; {model}."
