"""The judgement of a reconstruction: R, figures against a known object, and what the user should read of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Notice, Stop, never
from ptychopinn.quality.collapse import collapse_notice
from ptychopinn.quality.compare import compare
from ptychopinn.quality.coverage import dose, well_lit
from ptychopinn.quality.rfactor import r_factor

# Where noise alone gives more than this, R falls when an object takes up noise.
_BLIND_FLOOR = 0.25
# Pixels with less than this part of the largest dose do not say whether an object is flat.
_SEEN = 0.05


@dataclass(frozen=True)
class Judgement:
    """R and its noise floor, psnr and ssim where a truth is known, and notices for the user."""

    r_factor: float
    noise_floor: float
    metrics: dict[str, float]
    notices: tuple[Notice, ...] = ()

    @property
    def figures(self) -> dict[str, float]:
        """All figures by name."""
        return {"r_factor": self.r_factor, "noise_floor": self.noise_floor, **self.metrics}


def judge(
    raw: RawData,
    obj: NDArray[np.complex64],
    probe: NDArray[np.complex64],
    positions_px: NDArray[np.float64],
    light: NDArray[np.float32],
    truth: NDArray[np.complexfloating] | None,
    should_stop: Stop = never,
) -> Judgement:
    """Judge a reconstruction by its patterns, and by the true object where one is known.

    Parameters
    ----------
    raw : RawData
    obj : array (rows, columns), complex64
    probe : array (mode, N, N), complex64
    positions_px : array (position, 2), float64
        (y, x) in pixels of ``obj``.
    light : array (rows, columns), float32
        Dose; zero where nothing was stitched.
    truth : array (rows, columns) or (layers, rows, columns), complex, or None
        On the grid of the scan's own coordinates; a flat placeholder is no truth.

    Raises
    ------
    DataError
        Object or probe are not finite.
    JobCancelled
        ``should_stop`` answered yes.
    """
    figure = r_factor(raw, obj, probe, positions_px, should_stop)
    metrics = {}
    if truth is not None:
        # The light of the scan, by which a report judges the same object; where nothing was stitched, all is dark.
        seen = np.where(light > 0, dose(probe, positions_px, obj.shape), np.float32(0))
        part = known_part(obj, truth, seen, grid_shift(positions_px, raw))
        metrics = {} if part is None else compare(*part, should_stop)
    notices = []
    if flat := collapse_notice(obj[light > _SEEN * light.max()]):
        notices.append(Notice("warning", flat))
    if figure.noise_floor > _BLIND_FLOOR:
        text = (
            f"With {raw.mean_counts():.3g} counts in a pattern, noise alone gives R {figure.noise_floor:.2f}, and an "
            "object that has taken up noise gives a lower R than the true one: judge this one by the Fourier ring "
            "correlation of a report, or against a known object."
        )
        notices.append(Notice("info", text))
    return Judgement(figure.r, figure.noise_floor, metrics, tuple(notices))


def known_part(
    obj: NDArray[np.complexfloating],
    truth: NDArray[np.complexfloating],
    light: NDArray[np.float32],
    shift_px: NDArray[np.int64],
) -> tuple[NDArray[np.complexfloating], NDArray[np.complexfloating], NDArray[np.bool_]] | None:
    """Return an object and the true one, cut to what both have, and the well-lit pixels that are known there.

    Pixel (0, 0) of the true object lies at ``shift_px`` (2,), (y, x), of the other; see :func:`grid_shift`.
    None when the true object shows nothing (a flat placeholder, values that are not numbers) or lies in the dark.
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
    """Return (2,), (y, x), what the pixels of a reconstruction are shifted by against the coordinates of its scan.

    Positions that were corrected keep their mean.
    """
    return np.maximum(np.rint((positions_px - raw.positions_px).mean(axis=0)), 0).astype(np.int64)
