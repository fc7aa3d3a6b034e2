"""Reconstruct the scans of a folder as they arrive."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.errors import JobCancelled, MissingFileError, PtychoError
from ptychopinn.events import Report, Stop, ignore, never
from ptychopinn.files.names import LOG_FILE, REPORT_FILE
from ptychopinn.results import ReconstructResult
from ptychopinn.workflow.arrivals import Arrivals, scan_stamps
from ptychopinn.workflow.reconstruct import ReconstructOptions, reconstruct
from ptychopinn.workflow.run_folder import make_folder, write_record

POLL_S = 1.0
Outcome = ReconstructResult | PtychoError

_logger = logging.getLogger("ptychopinn")


def watch(
    folder: Path,
    model_path: Path,
    output_dir: Path,
    execution: PyTorchExecutionConfig | None = None,
    *,
    refine: IterativeConfig | None = None,
    fixes: tuple[str, ...] = (),
    once: bool = False,
    report: Report = ignore,
    should_stop: Stop = never,
    tell: Callable[[Path, Outcome], None] = lambda path, outcome: None,
) -> tuple[list[Path], list[Path]]:
    """Reconstruct every scan in a folder that has no result yet, then new scans as they arrive.

    Parameters
    ----------
    folder, model_path : Path
        Folder with the scans, and ``wts.h5.zip`` or the folder that holds it.
    output_dir : Path
        Receives one folder per result, named after the scan file (without its suffix, unless the stem is taken).
    once : bool
        Return as soon as all scans are done.
    tell : callable
        Called with each scan and its result or error; an error does not affect the other scans.

    Returns
    -------
    done, failed : lists of Path
        Scans with and without a result.

    Raises
    ------
    MissingFileError
        The folder is missing, or the results cannot be written.
    """
    folder, model_path, output_dir = Path(folder), Path(model_path), Path(output_dir)
    if not folder.is_dir():
        raise MissingFileError(f"Folder not found: {folder}", "a folder with scans", "Check the path.")
    run = {"folder": folder, "model": model_path, "output": output_dir, "once": once, "fixes": fixes}
    write_record(make_folder(output_dir), "watch", run, iterations=refine, execution=execution)
    options = ReconstructOptions(refine=refine, fixes=fixes, report=report, should_stop=should_stop)
    work = partial(reconstruct, model_path, execution=execution, **options)
    known = {path: stamp for path, stamp in scan_stamps(folder).items() if _has_result(output_dir, path)}
    arrivals, done, failed = Arrivals(known), list[Path](), list[Path]()
    while not should_stop():
        for path in arrivals.look(_stamps(folder), time.monotonic()):
            if should_stop():
                break
            # A changed file is a new scan: its earlier outcome no longer counts.
            done, failed = ([each for each in earlier if each != path] for earlier in (done, failed))
            outcome = _outcome(work, path, _run_dir(output_dir, path))
            if isinstance(outcome, JobCancelled):
                break
            (failed if isinstance(outcome, PtychoError) else done).append(path)
            tell(path, outcome)
        if once and not arrivals.pending:
            break
        time.sleep(POLL_S)
    return done, failed


def _outcome(work: Callable[[Path, Path], ReconstructResult], scan: Path, run_dir: Path) -> Outcome:
    """Reconstruct a scan; return the result or the error, so that the following scans are still reconstructed."""
    try:
        result = work(scan, run_dir)
        if not result.stopped:
            return result
        # Without its report, the scan is reconstructed again by the next watch.
        result.report_path.unlink(missing_ok=True)
        return JobCancelled("the refinement was stopped", mend="Watch the folder again to repeat it.")
    except PtychoError as error:
        return error
    except Exception as error:
        log = run_dir / LOG_FILE
        return PtychoError(f"unexpected {type(error).__name__}: {error}", mend=f"See {log}." if log.is_file() else "")


def _has_result(output_dir: Path, scan: Path) -> bool:
    return (_run_dir(output_dir, scan) / REPORT_FILE).is_file()


def _run_dir(output_dir: Path, scan: Path) -> Path:
    """Return the result folder, named after the scan's stem, or its full name if another scan has used the stem."""
    folder = output_dir / scan.stem
    try:
        report = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return folder
    own = not isinstance(report, dict) or report.get("data", scan.name) == scan.name
    return folder if own else output_dir / scan.name


def _stamps(folder: Path) -> dict[Path, tuple[int, int]]:
    try:
        return scan_stamps(folder)
    except OSError as error:
        # A network share may be unavailable for a while.
        _logger.warning("%s cannot be read at the moment: %s", folder, error)
        return {}
