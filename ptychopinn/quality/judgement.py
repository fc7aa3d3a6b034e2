"""Assess a reconstruction: R, PSNR and SSIM against a known object, and notices for the user."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Notice, Stop, never
from ptychopinn.quality.collapse import collapse_notice
from ptychopinn.quality.compare import compare
from ptychopinn.quality.coverage import dose, well_lit
from ptychopinn.quality.rfactor import MeasureR, r_factor

# Above this noise floor, R falls when an object fits noise.
_BLIND_FLOOR = 0.25
# Pixels below this fraction of the largest dose are ignored when an object is tested for flatness.
_SEEN = 0.05


@dataclass(frozen=True)
class Judgement:
    """R and its noise floor, PSNR and SSIM if the ground truth is known, and notices for the user."""

    r_factor: float
    noise_floor: float
    metrics: dict[str, float]
    notices: tuple[Notice, ...] = ()

    @property
    def figures(self) -> dict[str, float]:
        """Return all figures of merit by name."""
        return {"r_factor": self.r_factor, "noise_floor": self.noise_floor, **self.metrics}


def judge(
    raw: RawData,
    obj: NDArray[np.complex64],
    probe: NDArray[np.complex64],
    positions_px: NDArray[np.float64],
    light: NDArray[np.float32],
    truth: NDArray[np.complexfloating] | None,
    should_stop: Stop = never,
    measure_r: MeasureR = r_factor,
) -> Judgement:
    """Assess a reconstruction against its patterns and, if known, the ground-truth object.

    Parameters
    ----------
    obj : array (rows, columns), complex64
    probe : array (mode, N, N), complex64
    positions_px : array (position, 2), float64
        (y, x) in pixels of ``obj``.
    light : array (rows, columns), float32
        Dose; zero outside the stitched patches.
    truth : array (rows, columns) or (layers, rows, columns), complex, or None
        Ground truth on the grid of the scan's coordinates; a flat placeholder is ignored.

    Raises
    ------
    DataError
        The object or the probe is not finite.
    JobCancelled
        ``should_stop`` returned True.
    """
    figure = measure_r(raw, obj, probe, positions_px, should_stop)
    metrics = {}
    if truth is not None:
        # The dose of the scan, as in a report on the same object; zero outside the stitched patches.
        seen = np.where(light > 0, dose(probe, positions_px, obj.shape), np.float32(0))
        part = known_part(obj, truth, seen, grid_shift(positions_px, raw))
        metrics = {} if part is None else compare(*part, should_stop)
    notices = []
    if flat := collapse_notice(obj[light > _SEEN * light.max()]):
        notices.append(Notice("warning", flat))
    if figure.noise_floor > _BLIND_FLOOR:
        text = (
            f"With {raw.mean_counts():.3g} counts per pattern, the noise floor of R is {figure.noise_floor:.2f}, and "
            "an object that fits the noise has a lower R than the true object. Assess this result by the Fourier ring "
            "correlation in a report, or against a known object."
        )
        notices.append(Notice("info", text))
    return Judgement(figure.r, figure.noise_floor, metrics, tuple(notices))


def known_part(
    obj: NDArray[np.complexfloating],
    truth: NDArray[np.complexfloating],
    light: NDArray[np.float32],
    shift_px: NDArray[np.int64],
) -> tuple[NDArray[np.complexfloating], NDArray[np.complexfloating], NDArray[np.bool_]] | None:
    """Crop an object and the true object to their common area; return both and a mask of the pixels to compare.

    The mask selects well-lit pixels where the true object is finite. Pixel (0, 0) of the true object is pixel
    ``shift_px``, (y, x), of ``obj``; see :func:`grid_shift`. Return None if the mask is empty or the true
    object is flat inside it.
    """
    truth = np.asarray(truth)
    truth = truth.reshape(-1, *truth.shape[-2:])[0]
    low = tuple(slice(int(start), None) for start in shift_px)
    lit, obj = well_lit(light)[low], obj[low]
    window = tuple(slice(0, min(a, b)) for a, b in zip(truth.shape, obj.shape, strict=True))
    truth = truth[window]
    finite = np.isfinite(truth)
    mask = lit[window] & finite
    if not mask.any() or float(np.std(truth[mask])) < 1e-6:
        return None
    return obj[window], np.where(finite, truth, 1), mask


def grid_shift(positions_px: NDArray[np.float64], raw: RawData) -> NDArray[np.int64]:
    """Return the shift (y, x) of a reconstruction's pixel grid relative to the coordinates of its scan, shape (2,).

    The mean of the position differences is used, because position correction preserves the mean.
    """
    return np.maximum(np.rint((positions_px - raw.positions_px).mean(axis=0)), 0).astype(np.int64)
