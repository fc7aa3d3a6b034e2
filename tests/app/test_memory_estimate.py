"""The memory of a training is estimated before it starts, and held against what is free."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn_app.binder.values import GB
from ptychopinn_app.checks.memory import training_bytes
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services.devices import Device
from ptychopinn_app.services.memory import MemoryReading


def test_the_window_shows_the_estimate_and_its_button_makes_the_batch_fit(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    session = window.session
    with qtbot.waitSignal(session.state.scanChanged, timeout=15_000):
        session.datasets.open(write_scan(tmp_path / "scan.npz", count=100))
    session.state.set_value("training", "batch_size", 64)
    session.state.set_value("model", "gridsize", 1)
    label = window.findChild(QLabel, "memoryEstimate")
    assert label is not None
    qtbot.waitUntil(lambda: label.text().startswith("Needs about") and label.text().endswith("GB free"))
    need = training_bytes(session.state.config, session.state.scan, batch_size=16)
    assert need is not None
    qtbot.waitUntil(lambda: not session.machine._looking, timeout=15_000)
    session.machine.reading = MemoryReading(free=need)
    session.machine.freeChanged.emit()
    qtbot.waitUntil(lambda: window.findChild(QPushButton, "fix.memory") is not None)
    button = window.findChild(QPushButton, "fix.memory")
    assert button is not None and window.action("actionTrain").isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.state.config.values("training")["batch_size"] == int(button.text().rpartition(" ")[2]) < 64


def test_the_memory_is_that_of_the_chosen_device(opened: MainWindow) -> None:
    machine = opened.session.machine
    machine.set_devices(
        (
            Device("auto", "Automatic"),
            Device("cpu", "CPU"),
            Device("cuda", "cuda:0", "0", 8 * GB),
            Device("cuda", "cuda:1", "1", 40 * GB),
        )
    )
    machine.reading = MemoryReading(free=3 * GB)
    assert machine.free_bytes() == 8 * GB, "'auto' takes the first GPU"
    opened.session.state.set_device("cuda", "1")
    assert machine.free_bytes() == 40 * GB
    opened.session.check_list.look()
    assert opened.session.check_list.memory.endswith("of 40 GB on GPU")
    opened.session.state.set_device("cpu")
    assert machine.free_bytes() == 3 * GB
    opened.session.check_list.look()
    assert opened.session.check_list.memory.endswith("of 3.0 GB free")
