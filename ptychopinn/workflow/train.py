"""Train a model on a scan file and write the results to one folder."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from ptychopinn.backends import registry
from ptychopinn.backends.base import History, TrainingJob
from ptychopinn.backends.job_checks import check_scans
from ptychopinn.backends.processes import Processes
from ptychopinn.backends.reconstruction import NetworkModel
from ptychopinn.backends.stored_settings import check_start, start_settings
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.presets import own_execution_defaults
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.validation import validate_own_training
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.read_scan import read_scan
from ptychopinn.events import Epoch, Event, Phase, Preview, Report, Stop, ignore, never
from ptychopinn.files import names
from ptychopinn.product.images import write_png
from ptychopinn.results import TrainResult
from ptychopinn.workflow.run_folder import MetricsFile, make_folder, run_log, write_record

_THUMBNAIL_PX = 192


class TrainOptions(TypedDict, total=False):
    """The keyword options of :func:`train`, for callers that pass them on."""

    test_file: Path | None
    start_from: Path | None
    fixes: tuple[str, ...]
    report: Report
    should_stop: Stop


def train(
    train_file: Path,
    output_dir: Path,
    config: TrainingConfig,
    execution: PyTorchExecutionConfig | None = None,
    *,
    test_file: Path | None = None,
    start_from: Path | None = None,
    fixes: tuple[str, ...] = (),
    report: Report = ignore,
    should_stop: Stop = never,
    use_whole_scan: bool | None = None,
) -> TrainResult:
    """Train on a scan and write ``wts.h5.zip``, ``metrics.csv``, ``config.yaml``, ``log.txt``, ``thumbnail.png``.

    Parameters
    ----------
    train_file : Path
        Scan file (NPZ, HDF5 or CXI).
    output_dir : Path
        Output folder, created if missing.
    config : TrainingConfig
        ``config.backend`` selects the framework; the data determine ``config.model.N``. If ``n_groups`` is not set, an
        epoch uses the whole scan.
    execution : PyTorchExecutionConfig or None
        If None, a GPU is used if one is available, and neither checkpoint nor tracker files are written.
    test_file : Path or None
        Another scan for validation.
    start_from : Path or None
        Model with the same backend and network; the training continues from its weights, with a new schedule. None
        selects random weights.
    fixes : tuple of str
        Codes of findings to fix before use.
    report, should_stop : callables
        See :mod:`ptychopinn.events`; stopping the training still saves the weights.
    use_whole_scan : bool or None
        Deprecated: set ``config.n_groups``, or leave it unset.

    Raises
    ------
    DataError, ConfigError, MissingFileError, BackendError, ArchiveError
        The scan, a setting or the initial model cannot be used; nothing is written.
    """
    execution = execution or PyTorchExecutionConfig(**own_execution_defaults())
    config = config if use_whole_scan is None else _with_groups(config, use_whole_scan)
    test = test_file or config.test_data_file
    config = replace(config, train_data_file=Path(train_file), test_data_file=test and Path(test), n_images=None)
    main = Processes.from_config(execution if config.backend == "pytorch" else None).is_main
    job, notices = _prepared(config, Path(output_dir), execution, start_from, fixes, report, main)
    history = _recorded(job, notices, report, should_stop) if main else _followed(job)
    return TrainResult(
        job.output_dir,
        job.output_dir / names.MODEL_FILE,
        {"loss": history.loss, "val_loss": history.val_loss},
        len(history.loss),
        history.best_epoch,
        history.seconds,
        history.stopped,
        notices + history.notices,
    )


def _with_groups(config: TrainingConfig, use_whole_scan: bool) -> TrainingConfig:
    words = "use_whole_scan is deprecated; set n_groups, or leave it unset for the whole scan."
    warnings.warn(words, DeprecationWarning, stacklevel=3)
    return replace(config, n_groups=None if use_whole_scan else config.chosen_groups or 512, n_images=None)


def _prepared(
    config: TrainingConfig,
    output_dir: Path,
    execution: PyTorchExecutionConfig,
    start_from: Path | None,
    fixes: tuple[str, ...],
    report: Report,
    main: bool,
) -> tuple[TrainingJob, tuple[str, ...]]:
    """Read and check all inputs, then write ``config.yaml``; return the job and the warnings about the scan."""
    validate_own_training(replace(config, model=replace(config.model, N=config.model.N or 1)))
    registry.require(config.backend)
    stored = start_settings(start_from, config.backend) if start_from else None
    # First, so that bad input leaves nothing behind.
    assert config.train_data_file is not None
    raw, notices = _read(config.train_data_file, config, fixes, report)
    test = _read(config.test_data_file, config, fixes, report)[0] if config.test_data_file else None
    model = replace(config.model, N=raw.pattern_size)
    check_scans(config, model, raw, test)
    if start_from is not None and stored is not None:
        check_start(start_from, stored, model)
    config = replace(config, model=model, output_dir=make_folder(output_dir) if main else output_dir, n_images=None)
    if main:
        run = {"start_from": start_from, "fixes": fixes}
        write_record(output_dir, "train", run, model=model, training=config, execution=execution)
    snapshot = output_dir / names.MODEL_FILE
    return TrainingJob(raw, config, output_dir, execution, test, config.chosen_groups, start_from, snapshot), notices


def _read(
    path: Path, config: TrainingConfig, fixes: tuple[str, ...], report: Report
) -> tuple[RawData, tuple[str, ...]]:
    return read_scan(
        path,
        report,
        units=config.diff3d_units,
        gridsize=config.model.gridsize,
        fixes=fixes,
        n_subsample=config.n_subsample,
        subsample_seed=config.seed if config.subsample_seed is None else config.subsample_seed,
        probe_file=config.probe_file,
    )


def _recorded(job: TrainingJob, notices: tuple[str, ...], report: Report, should_stop: Stop) -> History:
    data = job.train_data
    title = f"training on {job.config.train_data_file}, {data.n_patterns} patterns: {data.units_reason}"
    if job.start_from is not None:
        title += f" Starting from the weights of {job.start_from}."
    with run_log(job.output_dir, report, title, notices) as send:
        return _train(job, send, should_stop).history


def _followed(job: TrainingJob) -> History:
    # The main process of this training reports, stops and writes.
    return registry.load(job.config.backend).train(job, ignore, never).history


def _train(job: TrainingJob, report: Report, should_stop: Stop) -> NetworkModel[Any]:
    previews: list[Preview] = []

    with MetricsFile(job.output_dir / names.METRICS_FILE) as metrics:

        def send(event: Event) -> None:
            if isinstance(event, Preview):
                previews[:] = [event]
            elif isinstance(event, Epoch):
                metrics.add(event)
            report(event)

        send(Phase(f"importing {registry.TITLES[job.config.backend]}"))
        model = registry.load(job.config.backend).train(job, send, should_stop)
        send(Phase("saving the model"))
        model.save(job.output_dir / names.MODEL_FILE)
    if previews:
        write_thumbnail(job.output_dir / names.THUMBNAIL_FILE, previews[0].phase)
    return model


def write_thumbnail(path: Path, phase: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    """Write a small grey image of a phase (rows, columns)."""
    step = -(-max(phase.shape) // _THUMBNAIL_PX)
    write_png(path, phase[::step, ::step], "gray")
