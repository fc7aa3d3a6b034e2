"""Results of the workflows as paths and numbers; importing them loads nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class TrainResult:
    """Where a trained model is and how its training went; ``history`` holds 'loss' and 'val_loss' by epoch."""

    run_dir: Path
    model_path: Path
    history: dict[str, tuple[float, ...]]
    epochs: int
    best_epoch: int
    seconds: float
    stopped: bool
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReconstructResult:
    """Where a reconstruction is and how good it is; ``metrics`` holds psnr and ssim where a truth is known."""

    run_dir: Path
    object_path: Path
    product_path: Path
    amplitude_png: Path
    phase_png: Path
    report_path: Path
    r_factor: float
    noise_floor: float
    seconds: float
    n_patterns: int
    metrics: dict[str, float] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Calibration:
    """A probe that was retrieved from the data.

    Attributes
    ----------
    probe_path : Path
        NPZ file with ``probeGuess`` (mode, N, N), for ``probe_file`` of trainings and reconstructions.
    r_before : float
        R with the probe of the scan file, after a quick look's sweeps that improve the object alone.
    r_after : float
        The same with the calibrated probe: as many sweeps from an empty object, so that the probe makes the difference.
    mode_powers : tuple of float
        Part of the power in each mode.
    """

    run_dir: Path
    probe_path: Path
    picture: Path
    r_before: float
    r_after: float
    mode_powers: tuple[float, ...]
    sweeps: int


@dataclass(frozen=True)
class QualityReport:
    """Figures of a reconstruction and where they are written.

    Attributes
    ----------
    r_factor, noise_floor : float
        Sum of |A - A_model| over the sum of A, and what counting noise alone gives.
    r_median, r_p95, r_worst : float
        Over the patterns; ``worst_pattern`` is the index of the last.
    lit_fraction : float
        Part of the object's pixels that enough light has seen.
    split_half_px : float or None
        Half-period resolution at which two halves of the scan still agree, in pixels.
    truth_px : float or None
        The same against the known object.
    metrics : dict
        PSNR and SSIM against the known object.
    flat : str or None
        A sentence when the object shows nothing.
    flat_start : str or None
        What as many sweeps from an empty object give, and whether either of the two comes close to the noise
        floor, in words; ``flat_start_r`` is their R.
    """

    folder: Path
    json_path: Path
    page_path: Path
    arrays_path: Path
    r_factor: float
    noise_floor: float
    r_median: float
    r_p95: float
    r_worst: float
    worst_pattern: int
    lit_fraction: float
    split_half_px: float | None
    truth_px: float | None
    metrics: dict[str, float]
    flat: str | None
    flat_start_r: float | None
    flat_start: str | None
