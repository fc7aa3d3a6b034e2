"""Reconstruct a scan file with a trained model and leave object, pictures and report in one folder."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptychopinn.archive.atomic import atomic_path
from ptychopinn.archive.bundle import read_manifest
from ptychopinn.backends import registry
from ptychopinn.backends.base import Reconstruction
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import JobCancelled
from ptychopinn.product import hdf5, npz
from ptychopinn.product.images import write_png, write_tiff
from ptychopinn.product.product import Product
from ptychopinn.quality.collapse import collapse_notice
from ptychopinn.quality.compare import compare
from ptychopinn.quality.rfactor import r_factor
from ptychopinn.workflow.events import Metric, Notice, Phase, Report, Stop, ignore, never
from ptychopinn.workflow.read_scan import read_scan
from ptychopinn.workflow.run_folder import LOGGER_NAME, log_to, logged, make_folder

# Pixels with less than this part of the median dose of the lit pixels are left out of pictures.
_LIT = 0.05


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


def reconstruct(
    model_path: Path,
    data_file: Path,
    output_dir: Path,
    config: InferenceConfig | None = None,
    execution: PyTorchExecutionConfig | None = None,
    *,
    refine_sweeps: int = 0,
    fixes: tuple[str, ...] = (),
    report: Report = ignore,
    should_stop: Stop = never,
) -> ReconstructResult:
    """Reconstruct a scan; write ``object.npz``, ``product.h5``, PNG and TIFF pictures and ``report.json``.

    Parameters
    ----------
    model_path : Path
        ``wts.h5.zip``, or a folder that holds it; its manifest chooses the backend.
    data_file : Path
        NPZ file of the scan.
    output_dir : Path
        Made when absent.
    config : InferenceConfig or None
    execution : PyTorchExecutionConfig or None
    refine_sweeps : int
        Iterative sweeps over the data after the network.
    fixes : tuple of str
        Codes of findings to mend before use.

    Raises
    ------
    ArchiveError, DataError, ConfigError, MissingFileError, BackendError
        The model or the scan cannot be used; nothing is written then.
    JobCancelled
        ``should_stop`` answered yes; no result is written.
    """
    model_path, data_file = Path(model_path), Path(data_file)
    config = config or InferenceConfig(ModelConfig(), model_path, data_file)
    # Before the folder is made: bad input leaves nothing behind.
    report(Phase(f"opening {model_path.name}"))
    manifest = read_manifest(model_path)
    registry.require(str(manifest["backend"]))
    stored = manifest.get("config", {}).get("model", {})
    raw, notices = read_scan(
        data_file,
        report,
        units=config.diff3d_units,
        gridsize=int(stored.get("gridsize", config.model.gridsize)),
        fixes=fixes,
        n_subsample=config.n_subsample,
        subsample_seed=config.subsample_seed or 0,
    )
    model = registry.load(str(manifest["backend"])).load(model_path)
    output_dir = make_folder(Path(output_dir))
    level = logging.DEBUG if config.debug else logging.INFO
    with log_to(output_dir / "log.txt", level) as logger:
        logger.info("reconstructing %s with %s: %s", data_file, model_path, raw.units_reason)
        for text in notices:
            logger.warning("%s", text)
        send = logged(report, logger)
        try:
            found = model.reconstruct(raw, config, execution, send, should_stop, refine_sweeps=refine_sweeps)
            result = _judge(raw, found, output_dir, notices, send, should_stop)
            send(Phase("writing the result"))
            _write(result, found, model.history.loss, data_file, model_path, refine_sweeps)
        except Exception:
            logger.exception("the reconstruction ended with an error")
            raise
    return result


def _judge(
    raw: RawData,
    found: Reconstruction,
    output_dir: Path,
    notices: tuple[str, ...],
    report: Report,
    should_stop: Stop,
) -> ReconstructResult:
    _stop_here(should_stop)
    report(Phase("judging the result"))
    figure = r_factor(raw, found.object_, found.probe, found.positions_px, should_stop)
    if figure is None:
        raise JobCancelled("the reconstruction was stopped", mend="Start it again for a result.")
    metrics = _against_truth(raw, found)
    flat = collapse_notice(found.object_[found.dose > _LIT * found.dose.max()])
    if flat:
        logging.getLogger(LOGGER_NAME).warning("%s", flat)
        report(Notice("warning", flat))
        notices = (*notices, flat)
    for name, value in {"r_factor": figure.r, "noise_floor": figure.noise_floor, **metrics}.items():
        report(Metric(name, value))
    return ReconstructResult(
        output_dir,
        output_dir / "object.npz",
        output_dir / "product.h5",
        output_dir / "amplitude.png",
        output_dir / "phase.png",
        output_dir / "report.json",
        figure.r,
        figure.noise_floor,
        found.seconds,
        raw.n_patterns,
        metrics,
        notices + found.notices,
    )


def _stop_here(should_stop: Stop) -> None:
    if should_stop():
        raise JobCancelled("the reconstruction was stopped", mend="Start it again for a result.")


def lit_mask(dose: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixels (rows, columns) that enough light has seen to be shown."""
    touched = dose[dose > 0.01 * dose.max()]
    return np.asarray(dose > _LIT * np.median(touched)) if touched.size else np.zeros(dose.shape, bool)


def _against_truth(raw: RawData, found: Reconstruction) -> dict[str, float]:
    """Return psnr and ssim against the object in the file, when it is one and not a flat placeholder."""
    if raw.objectGuess is None:
        return {}
    truth = np.asarray(raw.objectGuess)
    truth = truth.reshape(-1, *truth.shape[-2:])[0]
    shape = tuple(min(a, b) for a, b in zip(truth.shape, found.object_.shape, strict=True))
    window = tuple(slice(0, side) for side in shape)
    mask = found.dose[window] > 0.25 * np.median(found.dose[found.dose > 0.1 * found.dose.max()])
    if float(np.std(truth[window][mask])) < 1e-6:
        return {}
    return compare(found.object_[window], truth[window], mask)


def _write(
    result: ReconstructResult,
    found: Reconstruction,
    losses: tuple[float, ...],
    data_file: Path,
    model_path: Path,
    refine_sweeps: int,
) -> None:
    product = Product(
        found.object_,
        found.probe,
        found.positions_px,
        losses=losses,
        name=data_file.stem,
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
        "data": data_file.name,
        "model": model_path.name,
        "patterns": result.n_patterns,
        "refine_sweeps": refine_sweeps,
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
