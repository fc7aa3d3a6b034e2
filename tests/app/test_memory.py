"""The device menu shows free memory; the status bar shows the memory of a running job."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import app_fakes
import psutil
import pytest
from app_support import finish, use_task
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from ptychopinn_app.binder.values import GB
from ptychopinn_app.jobs.failure import JobFailure
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.presenters.machine_presenter import memory_text
from ptychopinn_app.services import memory
from ptychopinn_app.services.devices import Device, Gpu, menu_entry, parse_gpus
from ptychopinn_app.services.memory import MemoryReading

CHILD = "import time; block = bytearray(60_000_000); print('ready', flush=True); time.sleep(60)"
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE, text=True)
print(child.stdout.readline(), flush=True)
try:
    child.wait()
finally:
    child.kill()
"""


def status(window: MainWindow) -> QLabel:
    label = window.findChild(QLabel, "statusMemory")
    assert label is not None
    return label


def test_the_device_menu_lists_gpus_with_free_memory_and_keeps_the_choice(window: MainWindow) -> None:
    combo = window.findChild(QComboBox, "deviceCombo")
    assert combo is not None

    def offer(free: int) -> None:
        label = f"cuda:0  NVIDIA H100  ({free}.0 GB free)"
        window.session.machine.set_devices(
            (Device("auto", "Automatic"), Device("cpu", "CPU"), Device("cuda", label, "0", free * GB))
        )

    offer(78)
    combo.setCurrentIndex(2)
    combo.activated.emit(2)
    assert window.session.state.config.device_index == "0"
    offer(12)
    assert combo.currentText() == "cuda:0  NVIDIA H100  (12.0 GB free)", "the new value, the same choice"


def test_a_process_is_measured_with_its_children() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None and parent.stdout.readline().strip() == "ready"
        whole, alone = memory.tree_bytes(parent.pid), psutil.Process(parent.pid).memory_info().rss
        assert whole is not None and whole - alone > 60_000_000
        assert memory.read_memory(parent.pid, False).job == pytest.approx(whole, rel=0.1)
    finally:
        parent.terminate()
        parent.wait()
    assert memory.tree_bytes(parent.pid) is None


def test_a_child_that_ends_during_the_reading_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = psutil.Process()

    def ended() -> None:
        raise psutil.NoSuchProcess(1)

    monkeypatch.setattr(gone, "memory_info", ended)
    monkeypatch.setattr(psutil.Process, "children", lambda self, recursive: [gone])
    assert memory.tree_bytes(os.getpid()) == pytest.approx(psutil.Process().memory_info().rss, rel=0.1)


def test_gpus_are_read_from_the_output_of_nvidia_smi() -> None:
    answer = "0, NVIDIA H100, 2765, 21811, 24576\nno devices\n1, NVIDIA H100, 80, 512, 592\n"
    gpus = parse_gpus(answer)
    assert gpus[0] == Gpu("0", "NVIDIA H100", 2765 * 2**20, 21811 * 2**20, 24576 * 2**20)
    assert [menu_entry(gpu) for gpu in gpus] == [
        Device("cuda", "cuda:0  NVIDIA H100  (21.3 GB free)", "0", 21811 * 2**20),
        Device("cuda", "cuda:1  NVIDIA H100  (0.5 GB free)", "1", 512 * 2**20),
    ]
    assert parse_gpus("") == ()


def test_the_free_memory_of_this_machine_is_read() -> None:
    reading = memory.read_memory(None, False)
    assert reading.free is not None and reading.free > 10_000_000 and reading.job is None


def test_the_text_names_job_machine_and_gpu() -> None:
    gpus = (Gpu("0", "A", GB, 23 * GB, 24 * GB), Gpu("1", "B", int(2.7 * GB), 77 * GB, 80 * GB))
    reading = MemoryReading(free=18 * GB, job=int(1.23 * GB), gpus=gpus)
    assert memory_text(reading, "1") == "Job 1.2 GB  ·  18 GB free  ·  GPU 2.7 of 80 GB"
    assert memory_text(reading) == "Job 1.2 GB  ·  18 GB free  ·  GPU 1.0 of 24 GB"
    assert memory_text(MemoryReading()) == ""


def test_the_status_bar_shows_memory_while_a_job_runs_and_nothing_else(opened: MainWindow, qtbot: QtBot) -> None:
    use_task("train", app_fakes.endless_train)
    opened.session.machine._timer.setInterval(20)
    assert status(opened).isHidden()
    opened.session.jobs.train()
    qtbot.waitUntil(lambda: status(opened).isVisible(), timeout=15_000)
    assert status(opened).text().startswith("Job ") and "GB free" in status(opened).text()
    finish(opened, qtbot, opened.session.runner.cancel)
    assert status(opened).isHidden()
    assert not opened.session.machine._timer.isActive()


def test_the_job_process_is_measured(
    make_window: Callable[[], MainWindow], store: QSettings, scan: Path, qtbot: QtBot
) -> None:
    store.setValue("jobs/mode", "process")
    window = make_window()
    session = window.session
    use_task("train", app_fakes.endless_train)
    session.machine._timer.setInterval(100)
    with qtbot.waitSignal(session.state.scanChanged, timeout=60_000):
        session.datasets.open(scan)
    with qtbot.waitSignal(session.state.jobProgress, timeout=60_000):
        session.jobs.train()
    with qtbot.waitSignal(session.machine.jobMemoryRead, timeout=30_000) as read:
        pass
    job = session.runner.pid
    assert job is not None and job != os.getpid()
    own = memory.tree_bytes(job)
    assert own is not None and read.args[0].job == pytest.approx(own, rel=0.5)
    finish(window, qtbot, session.runner.cancel)


def test_unreadable_memory_stops_the_readings_not_the_job(opened: MainWindow, qtbot: QtBot) -> None:
    use_task("train", app_fakes.endless_train)
    with qtbot.waitSignal(opened.session.state.jobProgress, timeout=15_000):
        opened.session.jobs.train()
    opened.session.machine._failed(JobFailure("exception", "no memory readings"))
    assert not opened.session.machine._timer.isActive() and opened.session.runner.info is not None
    assert finish(opened, qtbot, opened.session.runner.stop_keep).status == "stopped"


def test_reading_the_memory_does_not_block_the_window(
    opened: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    main = []

    def read(pid: int | None, with_gpus: bool) -> MemoryReading:
        main.append(threading.current_thread() is threading.main_thread())
        time.sleep(0.05)
        return MemoryReading(free=GB)

    monkeypatch.setattr("ptychopinn_app.services.memory.read_memory", read)
    qtbot.waitUntil(lambda: not opened.session.machine._looking, timeout=15_000)
    for _ in range(5):
        opened.session.machine.look()
    qtbot.waitUntil(lambda: not opened.session.machine._looking, timeout=15_000)
    assert main == [False], "one reading at a time, and not in the window's thread"
