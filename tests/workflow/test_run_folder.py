"""The log and the losses of a run."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

import pytest

from ptychopinn.events import Epoch
from ptychopinn.workflow.run_folder import MetricsFile, log_to

needs_full_disk = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
EPOCH = Epoch(1, 2, 0.5, None, 1.0, None, 1e-3, best=True)


@needs_full_disk
def test_a_log_on_a_full_disk_prints_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with log_to(Path("/dev/full")) as logger:
        logger.info("reading")
    assert capsys.readouterr().err == ""


def test_a_failed_run_keeps_its_losses(tmp_path: Path) -> None:
    for rows in (0, 1):
        with pytest.raises(ZeroDivisionError), MetricsFile(tmp_path / "metrics.csv") as metrics:
            for _ in range(rows):
                metrics.add(EPOCH)
            raise ZeroDivisionError
        assert (tmp_path / "metrics.csv").is_file() == bool(rows)


def test_losses_of_an_earlier_run_are_replaced_only_by_new_losses(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("earlier")
    with pytest.raises(ZeroDivisionError), MetricsFile(path):
        raise ZeroDivisionError
    assert path.read_text() == "earlier"
    with MetricsFile(path):
        pass
    assert path.read_text().startswith("epoch,loss")


def test_a_wrong_log_record_is_not_hidden(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # pytest's own handler would raise.
    monkeypatch.setattr(logging.getLogger("ptychopinn"), "propagate", False)
    with log_to(tmp_path / "log.txt") as logger:
        logger.info("%d patterns", "many")
    assert "Logging error" in capsys.readouterr().err


@needs_full_disk
def test_a_full_disk_names_the_file_of_losses(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"metrics\.csv") as found, MetricsFile(path) as metrics:
        metrics.add(EPOCH)
    assert found.value.errno == errno.ENOSPC
