"""Judge a reconstruction and leave object, pictures and report in one folder."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.base import Reconstruction
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import JobCancelled
from ptychopinn.events import Metric, Notice, Phase, Report, Stop
from ptychopinn.files.atomic import atomic_path
from ptychopinn.product import hdf5, npz
from ptychopinn.product.images import write_png, write_tiff
from ptychopinn.product.product import Product
from ptychopinn.quality.collapse import collapse_notice
from ptychopinn.quality.compare import compare
from ptychopinn.quality.coverage import dose
from ptychopinn.quality.rfactor import r_factor
from ptychopinn.results import ReconstructResult
from ptychopinn.workflow.run_folder import LOGGER_NAME

# Pixels with less than this part of the median dose of the lit pixels are left out of pictures.
_LIT = 0.05
# Where noise alone gives more than this, R falls when an object takes up noise.
_BLIND_FLOOR = 0.25
# What a report names as the model of an object that was found by iteration alone.
NO_MODEL = "none (iterative)"
_REPORT = "report.json"


@dataclass(frozen=True)
class Origin:
    """What an object was made by: whether a network predicted it, and the sweeps that it had."""

    network: bool = True
    sweeps: int = 0

    @classmethod
    def of(cls, object_file: Path) -> Origin:
        """Return what the report beside ``object.npz`` tells; a network and no sweeps when it tells nothing."""
        try:
            told = json.loads((object_file.parent / _REPORT).read_text(encoding="utf-8"))
            network = bool(told.get("network", told["model"] != NO_MODEL))
            return cls(network, int(told.get("sweeps", told.get("refine_sweeps", 0))))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()


def judge_and_write(
    raw: RawData,
    found: Reconstruction,
    output_dir: Path,
    notices: tuple[str, ...],
    report: Report,
    should_stop: Stop,
    told: dict[str, Any],
    losses: tuple[float, ...] = (),
) -> ReconstructResult:
    """Judge a reconstruction and write ``object.npz``, ``product.h5``, pictures and ``report.json``.

    Parameters
    ----------
    raw : RawData
    found : Reconstruction
    output_dir : Path
    notices : tuple of str
        What the user should read, besides what is found here.
    told : dict
        What else the report says, in values for JSON: the name of the data, which model was used.
    losses : tuple of float
        Of the training, for the product.

    Raises
    ------
    JobCancelled
        ``should_stop`` answered yes; no result is written.
    """
    result = _judge(raw, found, output_dir, notices, report, should_stop)
    report(Phase("writing the result"))
    _write(result, found, losses, told)
    return result


def _judge(
    raw: RawData,
    found: Reconstruction,
    output_dir: Path,
    notices: tuple[str, ...],
    report: Report,
    should_stop: Stop,
) -> ReconstructResult:
    stop_here(should_stop)
    report(Phase("judging the result"))
    figure = r_factor(raw, found.object_, found.probe, found.positions_px, should_stop)
    if figure is None:
        raise JobCancelled("the reconstruction was stopped", mend="Start it again for a result.")
    metrics = _against_truth(raw, found, should_stop)
    flat = collapse_notice(found.object_[found.dose > _LIT * found.dose.max()])
    if flat:
        logging.getLogger(LOGGER_NAME).warning("%s", flat)
        report(Notice("warning", flat))
        notices = (*notices, flat)
    if figure.noise_floor > _BLIND_FLOOR:
        text = (
            f"With {raw.mean_counts():.3g} counts in a pattern, noise alone gives R {figure.noise_floor:.2f}, and an "
            "object that has taken up noise gives a lower R than the true one: judge this one by the Fourier ring "
            "correlation of a report, or against a known object."
        )
        logging.getLogger(LOGGER_NAME).info("%s", text)
        report(Notice("info", text))
        notices = (*notices, text)
    for name, value in {"r_factor": figure.r, "noise_floor": figure.noise_floor, **metrics}.items():
        report(Metric(name, value))
    return ReconstructResult(
        output_dir,
        output_dir / "object.npz",
        output_dir / "product.h5",
        output_dir / "amplitude.png",
        output_dir / "phase.png",
        output_dir / _REPORT,
        figure.r,
        figure.noise_floor,
        found.seconds,
        raw.n_patterns,
        metrics,
        notices + found.notices,
    )


def stop_here(should_stop: Stop) -> None:
    """Raise JobCancelled when a stop is asked for."""
    if should_stop():
        raise JobCancelled("the reconstruction was stopped", mend="Start it again for a result.")


def lit_mask(light: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixels (rows, columns) that enough light has seen to be shown."""
    touched = light[light > 0.01 * light.max()]
    return np.asarray(light > _LIT * np.median(touched)) if touched.size else np.zeros(light.shape, bool)


def well_lit(light: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixels (rows, columns) that had light enough to be judged."""
    return np.asarray(light > 0.25 * np.median(light[light > 0.1 * light.max()]))


def known_part(
    obj: NDArray[np.complexfloating],
    known: NDArray[np.complexfloating] | None,
    light: NDArray[np.float32],
    shift_px: NDArray[np.int64],
) -> tuple[NDArray[np.complexfloating], NDArray[np.complexfloating], NDArray[np.bool_]] | None:
    """Return an object and the known one, cut to what both have, and the well-lit pixels that are known there.

    Pixel (0, 0) of the known object lies at ``shift_px`` (2,), (y, x), of the other; see :func:`grid_shift`.
    None when there is no known object, when it shows nothing (a flat placeholder, values that are no
    numbers), or when it lies in the dark.
    """
    if known is None:
        return None
    truth = np.asarray(known)
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


def _against_truth(raw: RawData, found: Reconstruction, should_stop: Stop) -> dict[str, float]:
    """Return psnr and ssim against the object in the file, when it is one."""
    if raw.objectGuess is None:
        return {}
    # The light of the scan, by which a report judges the same object; where nothing was stitched, nothing was found.
    light = np.where(found.dose > 0, dose(found.probe, found.positions_px, found.object_.shape), np.float32(0))
    part = known_part(found.object_, raw.objectGuess, light, grid_shift(found.positions_px, raw))
    return {} if part is None else compare(*part, should_stop)


def _write(
    result: ReconstructResult,
    found: Reconstruction,
    losses: tuple[float, ...],
    told: dict[str, Any],
) -> None:
    product = Product(
        found.object_,
        found.probe,
        found.positions_px,
        losses=losses,
        name=str(told.get("data", "PtychoPINN")).removesuffix(".npz"),
        comments=f"R {result.r_factor:.4f}, noise floor {result.noise_floor:.4f}",
    )
    npz.write(result.object_path, product)
    hdf5.write(result.product_path, product)
    mask = lit_mask(found.dose)
    amplitude = np.abs(found.object_)
    phase = centred_phase(found.object_, mask)
    write_png(result.amplitude_png, amplitude, "gray", mask=mask)
    write_png(result.phase_png, phase, "gray", mask=mask)
    write_tiff(result.run_dir / "amplitude.tiff", amplitude)
    write_tiff(result.run_dir / "phase.tiff", phase)
    content = {
        **told,
        "patterns": result.n_patterns,
        "r_factor": result.r_factor,
        "noise_floor": result.noise_floor,
        "seconds": result.seconds,
        "object_shape": list(found.object_.shape),
        "metrics": result.metrics,
        "notices": list(result.notices),
    }
    with atomic_path(result.report_path) as temporary:
        temporary.write_text(json.dumps(content, indent=2), encoding="utf-8")


def centred_phase(obj: NDArray[np.complex64], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the phase in rad (rows, columns) with its mean over the mask at zero, so that it wraps least."""
    mean = obj[mask].mean() if mask.any() else obj.mean()
    return np.angle(obj * np.exp(-1j * np.angle(mean))).astype(np.float32)
