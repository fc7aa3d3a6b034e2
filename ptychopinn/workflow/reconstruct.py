"""Reconstruct a scan file with a trained model and leave object, pictures and report in one folder."""

from __future__ import annotations

import logging
from pathlib import Path

from ptychopinn.archive.bundle import read_manifest
from ptychopinn.backends import registry
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.validation import validate_reconstruction
from ptychopinn.events import Phase, Report, Stop, ignore, never
from ptychopinn.results import ReconstructResult
from ptychopinn.workflow.iterate import refined
from ptychopinn.workflow.read_scan import read_scan
from ptychopinn.workflow.result import judge_and_write, stop_here
from ptychopinn.workflow.run_folder import log_to, logged, make_folder


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
    refine : IterativeConfig or None
        How the iterative engine improves what the network predicts; None: not at all.
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
    validate_reconstruction(config)
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
        probe_file=config.probe_file,
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
            found = model.reconstruct(raw, config, execution, send, should_stop)
            told = {"data": data_file.name, "model": model_path.name, "refine_sweeps": 0, "sweeps": 0}
            if refine is not None:
                stop_here(should_stop)
                found, solution = refined(raw, found, refine, execution, send, should_stop)
                told |= {"refine_sweeps": refine.sweeps, "sweeps": len(solution.r_factors)}
            return judge_and_write(raw, found, output_dir, notices, send, should_stop, told, model.history.loss)
        except Exception:
            logger.exception("the reconstruction ended with an error")
            raise
