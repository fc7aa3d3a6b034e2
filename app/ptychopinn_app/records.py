"""What short tasks hand to the window: frozen records of files that were read (no Qt)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.scan_summary import ScanSummary


@dataclass(frozen=True)
class ScanPreview:
    """What the views show of a scan before any work is done.

    Attributes
    ----------
    positions_px : (P, 2) float, [y, x] in object pixels
    probe : (modes, N, N) complex64, None when the file has none
    mean_amplitude : (N, N) float32
    first_amplitude : (N, N) float32, pattern 0
    """

    positions_px: NDArray[np.float64]
    probe: NDArray[np.complex64] | None
    mean_amplitude: NDArray[np.float32]
    first_amplitude: NDArray[np.float32]


@dataclass(frozen=True)
class Scan:
    """An opened scan: what the checks found, with which units and repairs.

    Attributes
    ----------
    units : the user's choice: 'auto', 'amplitude' or 'intensity'
    fixes : codes of the automatic repairs that are applied whenever the scan is used
    preview : None when the file cannot be read
    """

    path: Path
    summary: ScanSummary
    units: str = "auto"
    fixes: tuple[str, ...] = ()
    preview: ScanPreview | None = None

    @property
    def usable(self) -> bool:
        """Whether no error stands in the way."""
        return self.preview is not None and self.summary.ok

    @property
    def mendable(self) -> bool:
        """Whether every error has an automatic repair."""
        errors = [finding for finding in self.summary.findings if finding.severity == "error"]
        return self.preview is not None and all(finding.fix for finding in errors)


@dataclass(frozen=True)
class Model:
    """An opened model archive.

    Attributes
    ----------
    settings : the model section the archive was trained with, field -> value; empty when it does not say
    saved : False for a model that lies only in its run folder
    about : what else the manifest says, in words
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
        """Name for people: the file's, or that of the run that made it."""
        return self.path.name if self.saved else f"run {self.path.parent.name}"


@dataclass(frozen=True)
class ObjectResult:
    """A reconstructed object, ready to be shown.

    Attributes
    ----------
    amplitude, phase : (rows, columns) float32; zero where nothing was measured; phase in radians
    report : content of the run's report.json
    """

    run_dir: Path
    amplitude: NDArray[np.float32]
    phase: NDArray[np.float32]
    pixel_size_m: float | None = None
    report: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class RunEntry:
    """One line of the runs list."""

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
    """Losses of a run, one value per epoch; NaN where there is none."""

    loss: tuple[float, ...] = ()
    val_loss: tuple[float, ...] = ()


@dataclass(frozen=True)
class LostRun:
    """A run that ended with its window: how many epochs it has losses of, and the model it saved."""

    run_dir: Path
    title: str
    epochs: int
    model_path: Path | None = None

    def describe(self) -> str:
        """Say how far the run came."""
        done = f" after {self.epochs} epoch{'s' if self.epochs != 1 else ''}" if self.epochs else ""
        kept = "its model so far was kept" if self.model_path is not None else "it has left no model"
        return f"'{self.title}' was interrupted{done}; {kept}."
