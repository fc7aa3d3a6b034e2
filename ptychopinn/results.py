"""Results of the workflows as paths and numbers; this module has no heavy imports."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class TrainResult:
    """A trained model and the record of its training; ``history`` holds 'loss' and 'val_loss' by epoch."""

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
    """A reconstruction and its quality.

    Attributes
    ----------
    metrics : dict
        PSNR and SSIM if the ground truth is known.
    r_work, r_free : tuples of float
        For each sweep, R of the fitted patterns, computed just before their updates, and R of the free patterns after
        the sweep (None if no patterns are free).
    stopped : bool
        Whether the sweeps were stopped early by request.
    """

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
    r_work: tuple[float, ...] = ()
    r_free: tuple[float | None, ...] = ()
    stopped: bool = False


@dataclass(frozen=True)
class Calibration:
    """A probe that was calibrated on a scan.

    Attributes
    ----------
    probe_path : Path
        NPZ file with ``probeGuess`` (mode, N, N), for use as ``probe_file`` in training runs and reconstructions.
    r_before : float
        R of a short reconstruction that updates only the object, with the probe of the scan file.
    r_after : float
        R of the same short reconstruction with the calibrated probe.
    mode_powers : tuple of float
        Fraction of the power in each mode.
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
    """Quality figures of a reconstruction, and the files that hold them.

    Attributes
    ----------
    r_factor, noise_floor : float
        Sum of |A - A_model| divided by the sum of A, and the value that counting noise alone would cause.
    r_median, r_p95, r_worst : float
        Median, 95th percentile and maximum of R over the patterns; ``worst_pattern`` is the index of the maximum.
    lit_fraction : float
        Fraction of the object's pixels with enough dose.
    split_half_px : float or None
        Half-period resolution, in pixels, down to which two halves of the scan agree.
    truth_px : float or None
        Half-period resolution, in pixels, down to which the object agrees with the known object.
    metrics : dict
        PSNR and SSIM against the known object.
    flat : str or None
        A warning sentence if the object is flat, otherwise None.
    flat_start : str or None
        Sentences that compare the result with a reconstruction by iteration from an empty object;
        ``flat_start_r`` is R of the latter.
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
