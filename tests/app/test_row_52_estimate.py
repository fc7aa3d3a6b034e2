"""The memory of a training is estimated before it starts, and held against what is free."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from app_support import write_scan
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from test_row_56_checks import scan_of, settings

from ptychopinn.data.container import GroupedScan
from ptychopinn.data.container import canvas_side as true_side
from ptychopinn.data.raw_data import RawData
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn_app.checks.memory import canvas_side, training_bytes
from ptychopinn_app.checks.memory_check import memory_checks, memory_line
from ptychopinn_app.checks.training_rules import Case
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.records import Scan
from ptychopinn_app.services.devices import Device
from ptychopinn_app.services.memory import GB, MemoryReading

LARGE = {"model_gridsize": 2, "training_batch_size": 512, "training_n_groups": 4096, "execution_precision": "32-true"}


def estimate(scan: Scan | None = None, backend: str = "pytorch", **changes: Any) -> int:
    config = settings(**{**LARGE, **changes})
    config.backend = backend
    found = training_bytes(config, scan or scan_of(n_patterns=5000))
    assert found is not None
    return found


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
@pytest.mark.parametrize("architecture", ["unrolled", "cnn"])
def test_row_52_the_estimate_grows_with_all_that_takes_memory(backend: str, architecture: str) -> None:
    base = estimate(backend=backend, model_architecture=architecture)
    wide = scan_of(n_patterns=5000, pattern_shape=(128, 128))
    for changes in ({"training_batch_size": 1024}, {"model_n_filters_scale": 3}, {"model_N": 128}):
        assert estimate(backend=backend, model_architecture=architecture, **changes) > base
    assert estimate(wide, backend=backend, model_architecture=architecture, model_N=128) > base
    assert estimate(scan_of(n_patterns=5000, probe_modes=3), backend, model_architecture=architecture) > base
    doubled = estimate(backend=backend, model_architecture=architecture, training_batch_size=1024)
    assert 1.5 < doubled / base < 2.0, "nearly all of it is the batch"


def test_row_52_larger_groups_need_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert estimate(model_gridsize=3) > estimate(model_gridsize=2) > estimate(model_gridsize=1)


def test_row_52_a_batch_cannot_hold_more_groups_than_an_epoch_has() -> None:
    config = settings(model_gridsize=1, training_batch_size=64)
    few = training_bytes(config, scan_of(n_patterns=64))
    config.set("training", "batch_size", 4096)
    assert training_bytes(config, scan_of(n_patterns=64)) == few


def test_row_52_bfloat16_needs_less() -> None:
    assert estimate(execution_precision="bf16-mixed") < estimate(execution_precision="32-true")


@pytest.mark.parametrize("changes", [{"model_N": "x"}, {"training_batch_size": 0}, {"model_N": 37}])
def test_row_52_settings_that_make_no_network_have_no_estimate(changes: dict[str, Any]) -> None:
    assert training_bytes(settings(model_architecture="cnn", **changes), scan_of()) is None
    assert training_bytes(settings(), None) is None


@pytest.mark.parametrize(("n", "count", "neighbours"), [(32, 60, 9), (64, 150, 24), (64, 400, 6)])
def test_row_52_the_size_of_the_canvas_is_close_to_that_of_the_training(n: int, count: int, neighbours: int) -> None:
    raw = RawData(**simulate_scan(n, count, 1e5, 0))
    low, high = raw.positions_px.min(axis=0), raw.positions_px.max(axis=0)
    scan = scan_of(
        n_patterns=count,
        pattern_shape=(n, n),
        y_range_px=(float(low[0]), float(high[0])),
        x_range_px=(float(low[1]), float(high[1])),
    )
    case = Case(settings(model_gridsize=2, training_neighbor_count=neighbours), scan, count)
    true = true_side(n, GroupedScan.build(raw, 4, neighbours).reach_px)
    assert abs(canvas_side(case, n) - true) <= 16


def test_row_52_the_line_has_numbers_and_units() -> None:
    assert memory_line(int(2.13 * GB), 24 * GB, False) == "Needs about 2.1 GB of 24 GB free"
    assert memory_line(GB // 2, 80 * GB, True) == "Needs about 0.50 GB of 80 GB on GPU"
    assert memory_line(GB, None, False) == "Needs about 1.0 GB"
    assert memory_line(None, GB, False) == ""


def test_row_52_a_training_above_the_free_memory_is_warned_of_and_mended_by_a_smaller_batch() -> None:
    config, scan = settings(**LARGE), scan_of(n_patterns=5000)
    fitting = training_bytes(config, scan, batch_size=128)
    assert fitting is not None
    assert list(memory_checks(config, scan, None, 100 * GB, False)) == []
    assert list(memory_checks(config, scan, None, None, False)) == [], "unknown memory is no reason to warn"
    (check,) = memory_checks(config, scan, None, fitting + 1, False)
    assert check.severity == "warning" and check.finding.fix == "Set batch size to 128"
    assert check.mend is not None
    config.set("training", "batch_size", check.mend.edits[0].value)
    assert list(memory_checks(config, scan, None, fitting + 1, False)) == []
    (check,) = memory_checks(config, scan, None, GB // 100, False)
    assert check.mend is None and "grid size" in check.finding.sentence


def test_row_52_the_window_shows_the_estimate_and_its_button_makes_the_batch_fit(
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


def test_row_52_the_memory_is_that_of_the_chosen_device(opened: MainWindow) -> None:
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
