"""A picture seconds after a file is there, and the probe that explains the data: no training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.presets import CALIBRATION_SWEEPS, QUICK_LOOK_SWEEPS
from ptychopinn.data.read_scan import read_scan
from ptychopinn.events import Metric, Phase, Report, Stop, ignore, never
from ptychopinn.files import names
from ptychopinn.files.npz_members import write_npz
from ptychopinn.product.images import write_png
from ptychopinn.results import Calibration, ReconstructResult
from ptychopinn.workflow.iterate import flat_start, from_flat, solve
from ptychopinn.workflow.reconstruct import judged
from ptychopinn.workflow.result_files import NO_MODEL, Origin, write_json, write_result
from ptychopinn.workflow.run_folder import log_to, logged, make_folder, write_record

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
    """Reconstruct a scan by a few sweeps from an empty object; the files are those of a reconstruction.

    Shows whether patterns, probe and positions belong together before a network is trained.

    Parameters
    ----------
    data_file : Path
        NPZ file of the scan.
    output_dir : Path
        Made when absent.
    config : IterativeConfig
    execution : PyTorchExecutionConfig or None
    units : 'auto', 'amplitude' or 'intensity'
        What ``diff3d`` holds.
    fixes : tuple of str
        Codes of findings to mend before use.

    Raises
    ------
    DataError, MissingFileError, BackendError
        The scan cannot be used, or PyTorch is not installed; nothing is written then.
    JobCancelled
        ``should_stop`` answered yes; no result is written.
    """
    data_file = Path(data_file)
    raw, notices = read_scan(data_file, report, units=units, fixes=fixes)
    output_dir = make_folder(Path(output_dir))
    with log_to(output_dir / names.LOG_FILE) as logger:
        logger.info("quick look at %s: %s", data_file, raw.units_reason)
        send = logged(report, logger)
        found, sweeps = from_flat(raw, config, execution, send, should_stop)
        judgement = judged(raw, found, send, should_stop)
        origin = Origin(data_file.name, NO_MODEL, network=False, sweeps=sweeps)
        result = write_result(output_dir, found, judgement, origin, notices, send)
        made_with = {"file": data_file, "output": output_dir, "units": units, "fixes": fixes}
        write_record(output_dir, "quicklook", made_with, iterations=config, execution=execution)
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
    """Retrieve probe and modes from a scan; write ``probe.npz``, ``probe.png`` and ``calibration.json``.

    Parameters and exceptions as of :func:`quick_look`. A network learns faster, and more, with the probe
    that the beam really had.
    """
    data_file = Path(data_file)
    raw, _ = read_scan(data_file, report, units=units, fixes=fixes)
    output_dir = make_folder(Path(output_dir))
    with log_to(output_dir / names.LOG_FILE) as logger:
        logger.info("calibrating the probe of %s", data_file)
        send = logged(report, logger)
        fixed = replace(config, update_probe=False, modes=None, position_correction=False, stop_early=False)
        short = replace(fixed, sweeps=min(config.sweeps, QUICK_LOOK_SWEEPS))
        send(Phase("measuring R with the probe as it is"))
        start = flat_start(raw)
        before = solve(raw, start, short, execution, send, should_stop).r_factors[-1]
        found = solve(raw, start, config, execution, send, should_stop)
        send(Phase("measuring R with the new probe"))
        after = solve(raw, replace(start, probe=found.probe), short, execution, send, should_stop).r_factors[-1]
        power = np.square(np.abs(found.probe)).sum(axis=(1, 2))
        result = Calibration(
            output_dir,
            output_dir / names.PROBE_FILE,
            output_dir / names.PROBE_PNG,
            before,
            after,
            tuple(float(part) for part in power / power.sum()),
            len(found.r_factors),
        )
        for name in ("r_before", "r_after"):
            send(Metric(name, getattr(result, name)))
        write_npz(result.probe_path, {"probeGuess": found.probe})
        write_png(result.picture, np.concatenate(list(np.abs(found.probe)), axis=1), "viridis")
        content = {
            "data": data_file.name,
            "r_before": result.r_before,
            "r_after": result.r_after,
            "mode_powers": list(result.mode_powers),
            "sweeps": result.sweeps,
        }
        write_json(output_dir / names.CALIBRATION_FILE, content)
        made_with = {"file": data_file, "output": output_dir, "units": units, "fixes": fixes}
        write_record(output_dir, "calibrate", made_with, iterations=config, execution=execution)
        logger.info("R %.4f with the given probe, %.4f with the new one", before, result.r_after)
    return result
