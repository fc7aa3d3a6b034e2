"""Improve a finished reconstruction by iterative sweeps over the patterns."""

from __future__ import annotations

from pathlib import Path

from ptychopinn.backends.base import Reconstruction
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.events import Report, Stop, ignore, never
from ptychopinn.quality.coverage import dose
from ptychopinn.results import ReconstructResult
from ptychopinn.workflow.iterate import Iteration
from ptychopinn.workflow.reconstruct import judged
from ptychopinn.workflow.result_files import Origin, read_result, write_result
from ptychopinn.workflow.run_folder import make_folder, run_log, write_record


def refine(
    object_file: Path,
    data_file: Path,
    output_dir: Path,
    config: IterativeConfig | None = None,
    execution: PyTorchExecutionConfig | None = None,
    *,
    units: str = "auto",
    fixes: tuple[str, ...] = (),
    report: Report = ignore,
    should_stop: Stop = never,
) -> ReconstructResult:
    """Continue from the object, probe and positions of ``object.npz``; write the files of a reconstruction.

    Parameters
    ----------
    object_file : Path
        ``object.npz`` of a reconstruction, or the folder that holds it.
    data_file : Path
        Scan of the object.
    output_dir : Path
        Output folder, created if missing.

    Raises
    ------
    DataError, MissingFileError, BackendError
        A file cannot be used, or the object does not match the scan; nothing is written.
    JobCancelled
        ``should_stop`` returned True before the first sweep was completed; no result is written.
    """
    object_file, product, raw, notices = read_result(object_file, data_file, report, units, fixes)
    output_dir = make_folder(Path(output_dir))
    config = config or IterativeConfig()
    # Before anything is written: the result may go into the same folder.
    before = Origin.of(object_file)
    light = dose(product.probe, product.positions_px, product.object_.shape)
    reconstruction = Reconstruction(product.object_, product.probe, product.positions_px, light)
    with run_log(output_dir, report, f"refining {object_file} on {data_file}", notices) as send:
        better = Iteration(raw, config, execution, send, should_stop).refined(reconstruction)
        origin = Origin(
            Path(data_file).name, object_file.name, before.network, config.sweeps, before.sweeps + len(better.r_work)
        )
        judgement = judged(raw, better, send, should_stop, execution)
        result = write_result(output_dir, better, judgement, origin, notices, send, product.losses)
        run = {"result": object_file, "file": data_file, "output": output_dir, "units": units, "fixes": fixes}
        write_record(output_dir, "refine", run, iterations=config, execution=execution)
        return result
