"""Faults of the machine: one sentence with cause and remedy, and the work is kept."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from app_support import finish, toast_texts, trained
from pytestqt.qtbot import QtBot

from ptychopinn_app.jobs.fault_words import fault_words
from ptychopinn_app.jobs.spec import failure_of
from ptychopinn_app.main_window import MainWindow


class OutOfMemoryError(RuntimeError):
    """As PyTorch's."""


@pytest.mark.parametrize(
    ("error", "cause", "remedy"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/runs/a"), "/runs/a is full", "another runs folder"),
        (PermissionError(errno.EACCES, "Permission denied", "/runs/a"), "/runs/a may not be", "another folder"),
        (MemoryError(), "memory of the computer", "smaller batch"),
        (
            OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
            "memory of the graphics card",
            "another device",
        ),
        (
            RuntimeError("RESOURCE_EXHAUSTED: OOM when allocating on GPU:0"),
            "memory of the graphics card",
            "smaller batch",
        ),
        (RuntimeError("CUDA error: unspecified launch failure\nmore"), "does not answer", "CPU as device"),
    ],
)
def test_a_fault_of_the_machine_is_told_with_its_remedy(error: BaseException, cause: str, remedy: str) -> None:
    words = failure_of(error, "").summary
    assert cause in words and remedy in words
    assert type(error).__name__ not in words and "\n" not in words


def test_other_errors_keep_their_name() -> None:
    assert fault_words(ValueError("no fault")) == ""
    assert failure_of(ZeroDivisionError("division by zero"), "").summary == "ZeroDivisionError: division by zero"


def test_a_runs_folder_that_cannot_be_made_is_told_and_nothing_is_lost(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    trained(opened, qtbot)
    model = opened.session.model
    (tmp_path / "a file").write_text("in the way")
    opened.session.settings.put("folder/runs", str(tmp_path / "a file" / "runs"))
    for start in (opened.session.train, opened.session.reconstruct, opened.session.iterations.quick_look):
        start()
        assert opened.session.runner.info is None
    assert "Choose another" in toast_texts(opened)
    assert opened.session.model is model
    opened.session.settings.put("folder/runs", str(tmp_path / "other runs"))
    assert finish(opened, qtbot, opened.session.reconstruct).status == "done"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_scan_that_may_not_be_read_is_told(window: MainWindow, scan: Path, qtbot: QtBot) -> None:
    scan.chmod(0)
    window.session.open_data(scan)
    qtbot.waitUntil(lambda: scan.name in toast_texts(window), timeout=15_000)
    assert window.session.dataset is None
