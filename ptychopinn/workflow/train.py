"""Train a model on a scan file and leave everything in one folder."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ptychopinn.archive.atomic import atomic_path
from ptychopinn.backends import registry
from ptychopinn.backends.base import TrainingJob
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.validation import validate_training_config
from ptychopinn.config.yaml_file import save_settings
from ptychopinn.product.images import write_png
from ptychopinn.workflow.events import Event, Phase, Preview, Report, Stop, ignore, never
from ptychopinn.workflow.read_scan import read_scan
from ptychopinn.workflow.run_folder import MetricsFile, log_to, logged, make_folder

MODEL_FILE = "wts.h5.zip"
_THUMBNAIL_PX = 192
_TITLES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}


@dataclass(frozen=True)
class TrainResult:
    """Where a trained model is and how its training went; ``history`` holds 'loss' and 'val_loss' by epoch."""

    run_dir: Path
    model_path: Path
    history: dict[str, tuple[float, ...]]
    epochs: int
    best_epoch: int
    seconds: float
    stopped: bool
    notices: tuple[str, ...] = field(default=())


def train(
    train_file: Path,
    output_dir: Path,
    config: TrainingConfig,
    execution: PyTorchExecutionConfig | None = None,
    *,
    test_file: Path | None = None,
    use_whole_scan: bool = True,
    fixes: tuple[str, ...] = (),
    report: Report = ignore,
    should_stop: Stop = never,
) -> TrainResult:
    """Train on a scan and write ``wts.h5.zip``, ``metrics.csv``, ``config.yaml``, ``log.txt``, ``thumbnail.png``.

    Parameters
    ----------
    train_file : Path
        NPZ file of the scan.
    output_dir : Path
        Made when absent.
    config : TrainingConfig
        ``config.backend`` chooses the framework; ``config.model.N`` is taken from the data.
    execution : PyTorchExecutionConfig or None
    test_file : Path or None
        Another scan that judges the epochs.
    use_whole_scan : bool
        False: an epoch has ``config.n_groups`` groups.
    fixes : tuple of str
        Codes of findings to mend before use.
    report, should_stop : callables
        See :mod:`ptychopinn.workflow.events`; a stop keeps the weights.

    Raises
    ------
    DataError, ConfigError, MissingFileError, BackendError
        Nothing is written but the log.
    """
    output_dir = make_folder(Path(output_dir))
    with log_to(output_dir / "log.txt") as logger:
        try:
            return _train(
                Path(train_file), output_dir, config, execution, test_file, use_whole_scan, fixes, report, should_stop
            )
        except Exception:
            logger.exception("the training ended with an error")
            raise


def _train(
    train_file: Path,
    output_dir: Path,
    config: TrainingConfig,
    execution: PyTorchExecutionConfig | None,
    test_file: Path | None,
    use_whole_scan: bool,
    fixes: tuple[str, ...],
    report: Report,
    should_stop: Stop,
) -> TrainResult:
    picture: list[Preview] = []

    def keep(event: Event) -> None:
        if isinstance(event, Preview):
            picture[:] = [event]
        report(event)

    with MetricsFile(output_dir / "metrics.csv") as metrics:
        send = logged(keep, logging.getLogger("ptychopinn"), metrics)
        size = config.model.gridsize
        raw, notices = read_scan(
            train_file,
            send,
            units=config.diff3d_units,
            gridsize=size,
            fixes=fixes,
            n_subsample=config.n_subsample,
            subsample_seed=config.seed if config.subsample_seed is None else config.subsample_seed,
        )
        test_file = test_file or config.test_data_file
        test = (
            read_scan(Path(test_file), send, units=config.diff3d_units, gridsize=size, fixes=fixes)
            if test_file
            else None
        )
        config = replace(
            config,
            model=replace(config.model, N=raw.pattern_size),
            train_data_file=train_file,
            test_data_file=None if test_file is None else Path(test_file),
            output_dir=output_dir,
            n_images=None,
        )
        validate_training_config(config)
        send(Phase(f"importing {_TITLES.get(config.backend, config.backend)}"))
        backend = registry.load(config.backend)
        groups = None if use_whole_scan else config.n_groups
        job = TrainingJob(raw, config, output_dir, execution, test[0] if test else None, groups)
        model = backend.train(job, send, should_stop)
        send(Phase("saving the model"))
        path = output_dir / MODEL_FILE
        model.save(path)
        with atomic_path(output_dir / "config.yaml") as temporary:
            save_settings(temporary, {"model": config.model, "training": config, "execution": execution})
        if picture:
            write_thumbnail(output_dir / "thumbnail.png", picture[0].phase)
    history = model.history
    return TrainResult(
        output_dir,
        path,
        {"loss": history.loss, "val_loss": history.val_loss},
        len(history.loss),
        history.best_epoch,
        history.seconds,
        history.stopped,
        notices + history.notices,
    )


def write_thumbnail(path: Path, phase: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    """Write a small grey picture of a phase (rows, columns)."""
    step = -(-max(phase.shape) // _THUMBNAIL_PX)
    write_png(path, phase[::step, ::step], "gray")
