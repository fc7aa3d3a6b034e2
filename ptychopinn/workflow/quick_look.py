"""Quick look and probe calibration: results within seconds, without training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ptychopinn.backends import registry
from ptychopinn.backends.iterative import IterativeStart
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.presets import CALIBRATION_SWEEPS, QUICK_LOOK_SWEEPS
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.read_scan import read_scan
from ptychopinn.events import Metric, Phase, Report, Stop, ignore, never
from ptychopinn.files import names
from ptychopinn.files.npz_members import write_npz
from ptychopinn.product.images import write_png
from ptychopinn.results import Calibration, ReconstructResult
from ptychopinn.workflow.iterate import Iteration, flat_start
from ptychopinn.workflow.reconstruct import judged
from ptychopinn.workflow.result_files import NO_MODEL, Origin, write_json, write_result
from ptychopinn.workflow.run_folder import make_folder, run_log, write_record

_QUICK = IterativeConfig(sweeps=QUICK_LOOK_SWEEPS)
_CALIBRATION = IterativeConfig(sweeps=CALIBRATION_SWEEPS)


def quick_look(
    data_file: Path,
    output_dir: Path,
    config: IterativeConfig = _QUICK,
    execution: PyTorchExecutionConfig | None = None,
    *,
    units: str = "auto",
    fixes: tuple[str, ...] = (),
    report: Report = ignore,
    should_stop: Stop = never,
) -> ReconstructResult:
    """Reconstruct a scan by a few sweeps from an empty object; write the files of a reconstruction.

    The result shows, before a training run, whether patterns, probe and positions are consistent.

    Parameters
    ----------
    data_file : Path
        Scan file (NPZ, HDF5 or CXI).
    output_dir : Path
        Output folder, created if missing.
    units : 'auto', 'amplitude' or 'intensity'
        Units of ``diff3d``.
    fixes : tuple of str
        Codes of findings to fix before use.

    Raises
    ------
    DataError, MissingFileError, BackendError
        The scan cannot be used, or PyTorch is not installed; nothing is written.
    JobCancelled
        ``should_stop`` returned True before the first sweep was completed; no result is written.
    """
    data_file = Path(data_file)
    raw, notices = read_scan(data_file, report, units=units, fixes=fixes)
    output_dir = make_folder(Path(output_dir))
    with run_log(output_dir, report, f"quick look at {data_file}: {raw.units_reason}", notices) as send:
        reconstruction = Iteration(raw, config, execution, send, should_stop).from_flat()
        judgement = judged(raw, reconstruction, send, should_stop, execution)
        origin = Origin(data_file.name, NO_MODEL, network=False, sweeps=len(reconstruction.r_work))
        result = write_result(output_dir, reconstruction, judgement, origin, notices, send)
        run = {"file": data_file, "output": output_dir, "units": units, "fixes": fixes}
        write_record(output_dir, "quicklook", run, iterations=config, execution=execution)
        return result


def calibrate_probe(
    data_file: Path,
    output_dir: Path,
    config: IterativeConfig = _CALIBRATION,
    execution: PyTorchExecutionConfig | None = None,
    *,
    units: str = "auto",
    fixes: tuple[str, ...] = (),
    report: Report = ignore,
    should_stop: Stop = never,
) -> Calibration:
    """Retrieve the probe modes from a scan; write ``probe.npz``, ``probe.png`` and ``calibration.json``.

    Parameters and exceptions are those of :func:`quick_look`. A network learns faster and better with the actual
    probe.
    """
    data_file = Path(data_file)
    raw, notices = read_scan(data_file, report, units=units, fixes=fixes)
    output_dir = make_folder(Path(output_dir))
    with run_log(output_dir, report, f"calibrating the probe of {data_file}: {raw.units_reason}", notices) as send:
        fixed = replace(config, update_probe=False, modes=None, position_correction=False, stop_early=False)
        fixed = replace(fixed, free_fraction=0)
        short = replace(fixed, sweeps=min(config.sweeps, QUICK_LOOK_SWEEPS))
        engine, start = Iteration(raw, config, execution, send, should_stop), flat_start(raw)
        check = replace(engine, config=short)
        send(Phase("measuring R with the probe of the scan"))
        before = _r_of(raw, check.completed(start), execution)
        solution = engine.completed(start)
        send(Phase("measuring R with the new probe"))
        after = _r_of(raw, check.completed(replace(start, probe=solution.probe)), execution)
        power = np.square(np.abs(solution.probe)).sum(axis=(1, 2))
        result = Calibration(
            output_dir,
            output_dir / names.PROBE_FILE,
            output_dir / names.PROBE_PNG,
            before,
            after,
            tuple(float(part) for part in power / power.sum()),
            len(solution.r_factors),
        )
        for name in ("r_before", "r_after"):
            send(Metric(name, getattr(result, name)))
        write_npz(result.probe_path, {"probeGuess": solution.probe})
        write_png(result.picture, np.concatenate(list(np.abs(solution.probe)), axis=1), "viridis")
        figures = {name: getattr(result, name) for name in ("r_before", "r_after", "mode_powers", "sweeps")}
        write_json(output_dir / names.CALIBRATION_FILE, {"data": data_file.name, **figures})
        run = {"file": data_file, "output": output_dir, "units": units, "fixes": fixes}
        write_record(output_dir, "calibrate", run, iterations=config, execution=execution)
        return result


def _r_of(raw: RawData, state: IterativeStart, execution: PyTorchExecutionConfig | None) -> float:
    measure = registry.measure_r(execution.accelerator if execution else "auto")
    return measure(raw, state.object_, state.probe, state.positions_px, never).r
