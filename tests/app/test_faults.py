"""Faults of the machine: one sentence with cause and remedy, and no work is lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import app_fakes
import pytest
from app_support import finish, lock, toast_texts, trained, use_task
from pytestqt.qtbot import QtBot

from ptychopinn_app.jobs.failure import failure_of, fault_words
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.services.log_tail import LogTail
from ptychopinn_app.session import run_list as run_history


class OutOfMemoryError(RuntimeError):
    """As PyTorch's."""


@pytest.mark.parametrize(
    ("error", "cause", "remedy"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/runs/a"), "/runs/a is full", "another runs folder"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/runs/a"),
            "Permission denied for /runs/a",
            "another folder",
        ),
        (MemoryError(), "Not enough memory", "smaller batch size"),
        (
            OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
            "Not enough GPU memory",
            "another device",
        ),
        (
            RuntimeError("RESOURCE_EXHAUSTED: OOM when allocating on GPU:0"),
            "Not enough GPU memory",
            "smaller batch",
        ),
        (RuntimeError("CUDA error: unspecified launch failure\nmore"), "is not responding", "Select the CPU"),
        (RuntimeError("Found no NVIDIA driver on your system."), "is not responding", "Select the CPU"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), "is not responding", "Select the CPU"),
        (RuntimeError("failed call to cuInit: CUDA_ERROR_NO_DEVICE: none"), "is not responding", "Select the CPU"),
        (RuntimeError("CUDA_ERROR_OUT_OF_MEMORY: out"), "Not enough GPU memory", "smaller batch"),
        (RuntimeError("`CUDAAccelerator` can not run on your system"), "is not responding", "Select the CPU"),
        (RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed"), "full", "Free some space"),
        (OSError("Can't write data (errno = 28, 'No space left on device')"), "full", "Free some space"),
        (RuntimeError("RESOURCE_EXHAUSTED: /a: No space left on device"), "full", "Free some space"),
    ],
)
def test_a_fault_of_the_machine_is_reported_with_its_remedy(error: BaseException, cause: str, remedy: str) -> None:
    words = failure_of(error, "").summary
    assert cause in words and remedy in words
    assert type(error).__name__ not in words and "\n" not in words


def test_an_unknown_error_is_reported_by_its_class() -> None:
    assert fault_words(ValueError("no fault")) == ""
    assert failure_of(ZeroDivisionError("division by zero"), "").summary == "ZeroDivisionError: division by zero"


def test_a_runs_folder_that_cannot_be_created_is_reported_and_nothing_is_lost(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    trained(opened, qtbot)
    model = opened.session.state.model
    (tmp_path / "a file").write_text("in the way")
    opened.session.app_settings.put("folder/runs", str(tmp_path / "a file" / "runs"))
    for start in (opened.session.jobs.train, opened.session.jobs.reconstruct, opened.session.jobs.quick_look):
        start()
        assert opened.session.runner.info is None
    assert "Choose another" in toast_texts(opened)
    assert opened.session.state.model is model
    opened.session.app_settings.put("folder/runs", str(tmp_path / "other runs"))
    assert finish(opened, qtbot, opened.session.jobs.reconstruct).status == "done"


def no_room(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "/runs")


def test_a_disk_that_is_full_at_the_end_of_a_job_does_not_hide_the_end(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_task("train", app_fakes.endless_train)
    with qtbot.waitSignal(opened.session.state.jobProgress, timeout=15_000):
        opened.session.jobs.train()
    with monkeypatch.context() as patch:
        patch.setattr(run_history.runs, "write_note", no_room)
        assert finish(opened, qtbot, opened.session.runner.stop_keep).status == "stopped"
    assert "is full" in toast_texts(opened) and opened.session.state.model is not None
    assert not opened.central.strip.isVisible()
    assert finish(opened, qtbot, opened.session.jobs.reconstruct).status == "done"


def test_a_note_that_cannot_be_written_stays_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.write_note(tmp_path, status="running")
    monkeypatch.setattr(os, "replace", no_room)
    with pytest.raises(OSError, match="No space"):
        runs.write_note(tmp_path, status="done")
    assert runs.read_note(tmp_path) == {"status": "running"}
    assert [path.name for path in tmp_path.iterdir()] == [runs.NOTE]


def test_one_run_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
        runs.write_note(tmp_path / name, status="done")
    lock(monkeypatch, "bad")
    assert [entry.path.name for entry in runs.list_runs(tmp_path)] == ["good"]


def test_a_log_that_cannot_be_read_is_tried_again(tmp_path: Path) -> None:
    heard: list[str] = []
    tail = LogTail(heard.append)
    (tmp_path / "log").mkdir()
    tail.follow(tmp_path / "log")
    assert not tail.read()
    (tmp_path / "log").rmdir()
    (tmp_path / "log").write_text("there\n")
    tail.finish()
    assert heard == ["there"]


def test_the_window_starts_when_its_settings_cannot_be_stored(
    tmp_path: Path, make_window: Callable[[], MainWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", no_room)
        window = make_window()
    assert window.isVisible()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_scan_without_read_permission_is_reported(window: MainWindow, scan: Path, qtbot: QtBot) -> None:
    scan.chmod(0)
    window.session.datasets.open(scan)
    qtbot.waitUntil(lambda: scan.name in toast_texts(window), timeout=15_000)
    assert window.session.state.scan is None
