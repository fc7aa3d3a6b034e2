"""A whole session with the real backend: drop, train, stop, save, open, reconstruct, export."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_support import send_drop
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn.events import Epoch, Preview
from ptychopinn_app.application import build_window
from ptychopinn_app.jobs.job import Outcome

JOB_TIMEOUT_MS = 240_000


@pytest.fixture
def process_store(store: QSettings) -> QSettings:
    store.setValue("jobs/mode", "process")
    return store


def test_from_drop_to_export_with_the_real_backend(qtbot: QtBot, process_store: QSettings, tmp_path: Path) -> None:
    window = build_window([], process_store)
    qtbot.addWidget(window)
    window.show()
    session = window.session
    scan = write_scan(tmp_path / "scan.npz", n=32, count=40)
    with qtbot.waitSignal(session.state.scanChanged, timeout=60_000):
        assert send_drop(window, scan)
    assert "40 patterns" in window.card.findChild(QLabel, "headline").text()
    for section, field, value in (
        ("model", "gridsize", 1),
        ("model", "n_filters_scale", 1),
        ("training", "batch_size", 4),
        ("training", "nepochs", 10_000),
    ):
        session.state.set_value(section, field, value)
    session.state.set_device("cpu")
    assert session.queue.why_not("train") == ""

    events: list[object] = []
    outcomes: list[Outcome] = []
    session.state.jobProgress.connect(events.append)
    session.state.jobEnded.connect(outcomes.append)
    window.action("actionTrain").trigger()
    qtbot.waitUntil(
        lambda: (
            bool(outcomes)
            or (any(isinstance(e, Epoch) for e in events) and any(isinstance(e, Preview) for e in events))
        ),
        timeout=JOB_TIMEOUT_MS,
    )
    assert not outcomes, outcomes
    window.action("actionStopKeep").trigger()
    with qtbot.waitSignal(session.state.modelChanged, timeout=JOB_TIMEOUT_MS):
        qtbot.waitUntil(lambda: bool(outcomes), timeout=JOB_TIMEOUT_MS)
    assert outcomes[0].status == "stopped"
    assert len(session.state.history.loss) >= 1
    assert window.central.reconstruction.has_object()

    saved = tmp_path / "kept" / "wts.h5.zip"
    saved.parent.mkdir()
    with qtbot.waitSignal(session.state.modelChanged, timeout=60_000):
        session.files.save_model(saved)
    with qtbot.waitSignal(session.state.modelChanged, timeout=60_000):
        session.files.open_model(saved)
    assert (
        session.state.model is not None and session.state.model.path == saved and session.state.model.pattern_size == 32
    )

    with qtbot.waitSignal(session.state.resultChanged, timeout=JOB_TIMEOUT_MS):
        window.action("actionReconstruct").trigger()
        qtbot.waitUntil(lambda: len(outcomes) == 2, timeout=JOB_TIMEOUT_MS)
    assert outcomes[1].status == "done", outcomes[1]
    assert session.state.result is not None and session.state.result.report["r_factor"] > 0

    for name, written in (("product.h5", ["product.h5"]), ("o.png", ["o_amplitude.png", "o_phase.png"])):
        with qtbot.waitSignal(session.messages.written, timeout=60_000):
            session.files.export(tmp_path / name)
        assert all((tmp_path / each).stat().st_size > 0 for each in written)
    window.close()
