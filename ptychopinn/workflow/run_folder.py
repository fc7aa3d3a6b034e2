"""The folder of a run: log, losses, settings."""

from __future__ import annotations

import csv
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from ptychopinn.config.yaml_file import save_settings
from ptychopinn.errors import JobCancelled, MissingFileError
from ptychopinn.events import Epoch, Event, Metric, Phase, Report, Sweep
from ptychopinn.files.atomic import atomic_path, naming_full_disk
from ptychopinn.files.names import CONFIG_FILE, LOG_FILE
from ptychopinn.version import __version__

LOGGER_NAME = "ptychopinn"
_FORMAT = "%(asctime)s %(levelname)s %(message)s"


def make_folder(path: Path) -> Path:
    """Create a folder with its parents.

    Raises
    ------
    MissingFileError
        The folder cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"the folder {path} cannot be created ({error.strerror})"
        raise MissingFileError(problem, "a writable folder", "Choose another output folder.") from error
    return path


def write_record(path: Path, command: str, run: Mapping[str, Any], **configs: Any) -> None:
    """Write all settings of a run, so that ``ptychopinn COMMAND --config FILE`` repeats it.

    Parameters
    ----------
    path : Path
        The file, or the folder for ``config.yaml``.
    command : str
        Command that repeats the run.
    run : mapping
        Arguments of the command that belong to no configuration; those that are None are omitted.
    **configs
        Configurations by section, see :func:`ptychopinn.config.yaml_file.save_settings`.
    """
    with atomic_path(path / CONFIG_FILE if path.is_dir() else path) as temporary:
        save_settings(temporary, configs, {"command": command, "version": __version__, **run})


class _LogFile(logging.FileHandler):
    """A log file that stays incomplete if the disk is full; its base class would print a traceback per record."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Ignore disk errors: they are reported when the result is written."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


@contextmanager
def log_to(path: Path, level: int = logging.INFO) -> Iterator[logging.Logger]:
    """Append the records of the package's logger to a file while the ``with`` block runs."""
    logger = logging.getLogger(LOGGER_NAME)
    handler = _LogFile(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORMAT))
    handler.setLevel(level)
    before = logger.level
    if logger.getEffectiveLevel() > level:
        logger.setLevel(level)
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        with suppress(OSError):
            handler.close()


class MetricsFile:
    """Writes a row of ``metrics.csv`` after every epoch, so that the losses survive if the run is killed.

    A run that fails before its first epoch leaves an earlier file unchanged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> MetricsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            with naming_full_disk(self._path):
                self._opened().close()
        elif self._file is not None:
            # The first error is the one to report.
            with suppress(OSError):
                self._file.close()

    def add(self, epoch: Epoch) -> None:
        """Append one row."""
        val = "" if epoch.val_loss is None else f"{epoch.val_loss:.8g}"
        row = [epoch.epoch, f"{epoch.loss:.8g}", val, f"{epoch.seconds:.3f}", f"{epoch.learning_rate:.6g}"]
        with naming_full_disk(self._path):
            csv.writer(self._opened()).writerow(row)
            self._opened().flush()

    def _opened(self) -> TextIO:
        """Return the file; it is opened as late as possible, because opening erases the losses of an earlier run."""
        if self._file is None:
            self._file = self._path.open("w", newline="", encoding="utf-8")
            csv.writer(self._file).writerow(["epoch", "loss", "val_loss", "seconds", "learning_rate"])
        return self._file


@contextmanager
def run_log(
    folder: Path, report: Report, title: str, notices: tuple[str, ...] = (), level: int = logging.INFO
) -> Iterator[Report]:
    """Write ``log.txt`` during the ``with`` block: title, notices about the scan, events, and any error that ends it.

    Yields
    ------
    Report
        Logs phases, epochs, sweeps and metrics, and passes all events on. Notices are not logged here, because their
        sender logs them.
    """
    with log_to(folder / LOG_FILE, level) as logger:
        logger.info("%s", title)
        for text in notices:
            logger.warning("%s", text)

        def send(event: Event) -> None:
            if isinstance(event, (Phase, Metric)):
                logger.info("%s", event.text if isinstance(event, Phase) else f"{event.name}: {event.value:.4g}")
            elif isinstance(event, (Epoch, Sweep)):
                logger.info("%s", event.line())
            report(event)

        try:
            yield send
        except JobCancelled as error:
            logger.info("%s", error)
            raise
        except Exception:
            logger.exception("the run ended with an error")
            raise
