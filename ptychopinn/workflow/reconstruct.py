"""Reconstruct a scan with a trained model: from a file into a results folder, or from arrays in memory for a host."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypedDict

from ptychopinn.archive.bundle import read_manifest
from ptychopinn.backends import registry
from ptychopinn.backends.base import Reconstruction
from ptychopinn.backends.reconstruction import NetworkModel
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.ranges import field_problems, refuse
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.read_scan import read_scan, require_sound_scan
from ptychopinn.events import Metric, Phase, Report, Stop, ignore, never, notify
from ptychopinn.quality.judgement import Judgement, judge
from ptychopinn.results import ReconstructResult
from ptychopinn.workflow.iterate import Iteration
from ptychopinn.workflow.result_files import Origin, write_result
from ptychopinn.workflow.run_folder import LOGGER_NAME, make_folder, run_log, write_record


class ReconstructOptions(TypedDict, total=False):
    """The keyword options of :func:`reconstruct`, for callers that pass them on."""

    refine: IterativeConfig | None
    fixes: tuple[str, ...]
    report: Report
    should_stop: Stop


def reconstruct(
    model_path: Path,
    data_file: Path,
    output_dir: Path,
    config: InferenceConfig | None = None,
    execution: PyTorchExecutionConfig | None = None,
    *,
    refine: IterativeConfig | None = None,
    fixes: tuple[str, ...] = (),
    report: Report = ignore,
    should_stop: Stop = never,
) -> ReconstructResult:
    """Reconstruct a scan; write ``object.npz``, ``product.h5``, images, ``report.json`` and ``config.yaml``.

    Parameters
    ----------
    model_path : Path
        ``wts.h5.zip``, or a folder that holds it; its manifest determines the backend.
    data_file : Path
        Scan file (NPZ, HDF5 or CXI).
    output_dir : Path
        Output folder, created if missing.
    refine : IterativeConfig or None
        Settings for refining the object that the network predicts; None for no refinement.
    fixes : tuple of str
        Codes of findings to fix before use.

    Raises
    ------
    ArchiveError, DataError, ConfigError, MissingFileError, BackendError
        The model or the scan cannot be used; nothing is written.
    JobCancelled
        ``should_stop`` returned True; no result is written.
    """
    model_path, data_file = Path(model_path), Path(data_file)
    config = config or InferenceConfig(ModelConfig(), model_path, data_file)
    # First, so that bad input leaves nothing behind.
    backend, reading = _requirements(model_path, config, report)
    raw, notices = read_scan(data_file, report, units=config.diff3d_units, fixes=fixes, **reading)
    model = registry.load(backend).load(model_path)
    output_dir = make_folder(Path(output_dir))
    title = f"reconstructing {data_file} with {model_path}: {raw.units_reason}"
    with run_log(output_dir, report, title, notices, logging.DEBUG if config.debug else logging.INFO) as send:
        reconstruction = _predicted(model, raw, config, execution, refine, send, should_stop)
        sweeps = len(reconstruction.r_work)
        origin = Origin(data_file.name, model_path.name, True, refine.sweeps if refine else 0, sweeps)
        judgement = judged(raw, reconstruction, send, should_stop, execution)
        result = write_result(output_dir, reconstruction, judgement, origin, notices, send, model.history.loss)
        paths: dict[str, Any] = {"model_path": model_path, "test_data_file": data_file, "output_dir": output_dir}
        configs = {"inference": replace(config, n_images=None, **paths), "iterations": refine}
        write_record(output_dir, "reconstruct", {"fixes": fixes}, **configs, execution=execution)
        return result


@dataclass(frozen=True)
class ScanReconstruction:
    """A scan that was reconstructed in memory: the patterns used, the object and its assessment."""

    raw: RawData
    result: Reconstruction
    judgement: Judgement


def reconstruct_scan(
    model_path: Path,
    raw: RawData,
    config: InferenceConfig,
    execution: PyTorchExecutionConfig | None = None,
    *,
    report: Report = ignore,
    should_stop: Stop = never,
) -> ScanReconstruction:
    """Reconstruct a scan in memory with the steps of :func:`reconstruct`; write only log messages.

    ``raw.objectGuess`` only sets the pixel grid: hosts pass their initial object, which is not a ground truth.

    Raises
    ------
    ArchiveError, DataError, ConfigError, MissingFileError, BackendError
        The model or the scan cannot be used.
    JobCancelled
        ``should_stop`` returned True.
    """
    logger = logging.getLogger(LOGGER_NAME)
    backend, reading = _requirements(model_path, config, report)
    raw, notices = require_sound_scan(raw, report, **reading)
    for text in notices:
        logger.warning("%s", text)
    model = registry.load(backend).load(model_path)
    reconstruction = _predicted(model, raw, config, execution, None, report, should_stop)
    judgement = judged(raw, reconstruction, report, should_stop, execution, has_truth=False)
    logger.info("R %.4f (noise floor %.4f)", judgement.r_factor, judgement.noise_floor)
    return ScanReconstruction(raw, reconstruction, judgement)


def _requirements(model_path: Path, config: InferenceConfig, report: Report) -> tuple[str, dict[str, Any]]:
    """Check the settings and the model; return the model's backend and the options for reading a scan."""
    refuse(field_problems(config))
    report(Phase(f"opening {model_path.name}"))
    manifest = read_manifest(model_path)
    backend = str(manifest["backend"])
    registry.require(backend)
    stored = manifest.get("config", {}).get("model", {})
    return backend, {
        "gridsize": int(stored.get("gridsize", config.model.gridsize)),
        "n_subsample": config.n_subsample,
        "subsample_seed": config.subsample_seed or 0,
        "probe_file": config.probe_file,
    }


def _predicted(
    model: NetworkModel[Any],
    raw: RawData,
    config: InferenceConfig,
    execution: PyTorchExecutionConfig | None,
    refine: IterativeConfig | None,
    report: Report,
    should_stop: Stop,
) -> Reconstruction:
    """Predict the object and refine it if requested."""
    reconstruction = model.reconstruct(raw, config, execution, report, should_stop)
    if refine is None:
        return reconstruction
    return Iteration(raw, refine, execution, report, should_stop).refined(reconstruction)


def judged(
    raw: RawData,
    reconstruction: Reconstruction,
    report: Report,
    should_stop: Stop,
    execution: PyTorchExecutionConfig | None = None,
    *,
    has_truth: bool = True,
) -> Judgement:
    """Assess a reconstruction against its patterns and, if known, ``raw.objectGuess``; report the metrics."""
    report(Phase("assessing the result"))
    truth = raw.objectGuess if has_truth else None
    # A stop keeps the completed sweeps, so their result is assessed and written.
    should_stop = never if reconstruction.r_work else should_stop
    judgement = judge(
        raw,
        reconstruction.object_,
        reconstruction.probe,
        reconstruction.positions_px,
        reconstruction.dose,
        truth,
        should_stop,
        registry.measure_r(execution.accelerator if execution else "auto"),
    )
    for notice in judgement.notices:
        notify(report, notice.text, notice.severity)
    for name, value in judgement.figures.items():
        report(Metric(name, value))
    return judgement
