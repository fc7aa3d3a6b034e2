"""Queued jobs: their order and settings; parameter sweeps, several files, a watched folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import app_fakes
import pytest
from app_support import finish, send_drop, toast_texts, trained, use_task
from PyQt6.QtWidgets import QComboBox, QLabel, QLineEdit, QListWidget, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn.workflow import arrivals
from ptychopinn_app.binder.values import value_text
from ptychopinn_app.jobs.job import JobSpec, Outcome
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.panels.drop_overlay import DropOverlay
from ptychopinn_app.panels.parameter_sweep_dialog import ParameterSweepDialog
from ptychopinn_app.services import dialogs
from ptychopinn_app.session import job_requests
from ptychopinn_app.session.parameter_sweep import swept_fields


@pytest.fixture
def asked(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> list[JobSpec]:
    """The jobs that were started."""
    specs: list[JobSpec] = []
    start = window.session.runner.start
    monkeypatch.setattr(window.session.runner, "start", lambda info, spec: (specs.append(spec), start(info, spec)))
    use_task("quick_look", app_fakes.quick_look)
    return specs


@pytest.fixture
def busy(opened: MainWindow, asked: list[JobSpec], qtbot: QtBot) -> MainWindow:
    """A window whose training runs until it is stopped."""
    use_task("train", app_fakes.endless_train)
    with qtbot.waitSignal(opened.session.state.jobProgress, timeout=15_000):
        opened.session.jobs.train()
    use_task("train", app_fakes.train)
    return opened


def all_ended(window: MainWindow, qtbot: QtBot, begin: Callable[[], object]) -> list[Outcome]:
    """Start an action and wait until no job runs or waits."""
    outcomes: list[Outcome] = []
    window.session.state.jobEnded.connect(outcomes.append)
    begin()

    def idle() -> bool:
        queue = window.session.queue
        return bool(outcomes) and not queue.running and not queue.waiting

    qtbot.waitUntil(idle, timeout=20_000)
    window.session.state.jobEnded.disconnect(outcomes.append)
    return outcomes


def button(window: MainWindow, name: str) -> QPushButton:
    found = window.findChild(QPushButton, name)
    assert found is not None
    return found


def queue_list(window: MainWindow) -> QListWidget:
    view = window.findChild(QListWidget, "queueView")
    assert view is not None
    return view


def waiting_titles(window: MainWindow) -> list[str]:
    items = [queue_list(window).item(row) for row in range(queue_list(window).count())]
    return [item.text() for item in items if item is not None]


def sweep_message(dialog: ParameterSweepDialog, field: str, values: str) -> str:
    """Fill the dialog and return its message."""
    combo, line, label = (
        dialog.findChild(kind, name)
        for kind, name in ((QComboBox, "sweepField"), (QLineEdit, "sweepValues"), (QLabel, "sweepMessage"))
    )
    assert isinstance(combo, QComboBox) and isinstance(line, QLineEdit) and isinstance(label, QLabel)
    combo.setCurrentIndex(combo.findData(field))
    line.setText(values)
    return label.text()


def test_a_second_job_waits_for_the_first_and_the_tool_tips_say_so(busy: MainWindow, qtbot: QtBot) -> None:
    assert busy.action("actionTrain").isEnabled()
    assert "after the queued jobs" in busy.action("actionTrain").toolTip()
    busy.action("actionTrain").trigger()
    assert "(1 waiting)" in toast_texts(busy)
    assert busy.central.lower_tabs.tabText(3) == "Queue (1)"
    outcomes = all_ended(busy, qtbot, busy.session.runner.stop_keep)
    assert [outcome.status for outcome in outcomes] == ["stopped", "done"]
    assert outcomes[0].run_dir != outcomes[1].run_dir
    assert busy.central.lower_tabs.tabText(3) == "Queue"
    assert "after" not in busy.action("actionTrain").toolTip()


def test_a_queued_job_keeps_the_settings_of_its_request(busy: MainWindow, asked: list[JobSpec], qtbot: QtBot) -> None:
    busy.session.state.set_value("training", "nepochs", 11)
    busy.session.jobs.train()
    busy.session.state.set_value("training", "nepochs", 99)
    all_ended(busy, qtbot, busy.session.runner.cancel)
    assert asked[1].call.kwargs["config"].nepochs == 11


def test_a_reconstruction_behind_a_training_uses_its_model(
    busy: MainWindow, asked: list[JobSpec], qtbot: QtBot
) -> None:
    assert busy.session.state.model is None and busy.action("actionReconstruct").isEnabled()
    busy.session.jobs.reconstruct()
    assert "model from the preceding training run" in waiting_titles(busy)[0]
    outcomes = all_ended(busy, qtbot, busy.session.runner.stop_keep)
    assert asked[1].call.kwargs["model_path"] == outcomes[0].run_dir / "wts.h5.zip"
    assert outcomes[1].status == "done"


def test_a_reconstruction_without_a_model_is_skipped_and_the_queue_continues(
    busy: MainWindow, asked: list[JobSpec], qtbot: QtBot
) -> None:
    busy.session.jobs.reconstruct()
    busy.session.jobs.quick_look()
    outcomes = all_ended(busy, qtbot, busy.session.runner.cancel)
    assert [(outcome.kind, outcome.status) for outcome in outcomes] == [("train", "cancelled"), ("quick", "done")]
    assert "the preceding training run produced no model" in toast_texts(busy)


def test_a_failed_job_is_reported_and_the_next_job_runs(busy: MainWindow, qtbot: QtBot) -> None:
    use_task("quick_look", app_fakes.missing)
    busy.session.jobs.quick_look()
    busy.session.jobs.train()
    outcomes = all_ended(busy, qtbot, busy.session.runner.cancel)
    assert [outcome.status for outcome in outcomes] == ["cancelled", "failed", "done"]
    assert "no_such_module" in toast_texts(busy)


def test_queued_jobs_are_moved_removed_and_paused(busy: MainWindow, qtbot: QtBot) -> None:
    queue = busy.session.queue
    busy.session.jobs.train()
    busy.session.jobs.quick_look()
    busy.session.jobs.calibrate()
    queue_list(busy).setCurrentRow(2)
    button(busy, "queueUp").click()
    assert [each.job.kind for each in queue.waiting] == ["train", "calibrate", "quick"]
    button(busy, "queueRemove").click()
    assert [each.job.kind for each in queue.waiting] == ["train", "quick"]
    assert [title.split("  ")[0] for title in waiting_titles(busy)] == ["1.", "2."]
    button(busy, "queuePause").click()
    assert queue.paused
    finish(busy, qtbot, busy.session.runner.cancel)
    qtbot.wait(200)
    assert busy.session.runner.info is None and len(queue.waiting) == 2, "a paused queue begins nothing"
    outcomes = all_ended(busy, qtbot, button(busy, "queuePause").click)
    assert [outcome.kind for outcome in outcomes] == ["train", "quick"]
    busy.session.jobs.train()
    busy.session.jobs.train()
    button(busy, "queueClear").click()
    assert queue.waiting == ()
    qtbot.waitUntil(lambda: busy.session.runner.info is None, timeout=15_000)


def test_closing_names_the_number_of_queued_jobs_and_drops_them(
    busy: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy.session.jobs.train()
    told: list[int] = []
    monkeypatch.setattr(dialogs, "ask_close", lambda parent, waiting, kind: (told.append(waiting), "cancel")[1])
    busy.close()
    qtbot.waitUntil(lambda: not busy.isVisible(), timeout=15_000)
    assert told == [1]


def test_a_sweep_queues_one_training_for_each_value(opened: MainWindow, asked: list[JobSpec], qtbot: QtBot) -> None:
    opened.action("actionSweep").trigger()
    dialog = opened.findChild(ParameterSweepDialog)
    assert dialog is not None and not dialog.isModal()
    add = dialog.findChild(QPushButton, "sweepAdd")
    assert add is not None and not add.isEnabled()
    assert "cannot be 'many'" in sweep_message(dialog, "nepochs", "5, many") and not add.isEnabled()
    message = sweep_message(dialog, "batch_size", "4, 5")
    assert "cannot be '5'" in message and not add.isEnabled(), "the settings' own rules apply"
    assert sweep_message(dialog, "nepochs", "5, 7, 5").startswith("2 training runs") and add.isEnabled()
    before = opened.session.state.config.values("training")["nepochs"]
    outcomes = all_ended(opened, qtbot, add.click)
    assert [outcome.status for outcome in outcomes] == ["done", "done"]
    assert [spec.call.kwargs["config"].nepochs for spec in asked] == [5, 7]
    assert opened.session.state.config.values("training")["nepochs"] == before
    titles = {entry.title for entry in opened.session.run_list.entries}
    assert any("Epochs = 5" in title for title in titles)


def test_every_swept_setting_accepts_its_default(opened: MainWindow) -> None:
    from ptychopinn_app.session.parameter_sweep import read_values

    for section, info in swept_fields():
        value = opened.session.state.config.values(section)[info.name]
        if value is not None:
            assert read_values(opened.session.state.config, section, info, value_text(value)) == [value], info.name


def test_several_dropped_scans_become_a_queue_of_quick_looks(
    window: MainWindow, asked: list[JobSpec], tmp_path: Path, qtbot: QtBot
) -> None:
    scans = [write_scan(tmp_path / f"scan{number}.npz") for number in range(3)]
    (tmp_path / "scan1.npz").write_bytes(b"damaged")
    texts: list[str] = []
    overlay = window.findChild(DropOverlay)
    assert overlay is not None
    show = overlay.show_text
    overlay.show_text = lambda text: (texts.append(text), show(text))[1]  # type: ignore[method-assign]
    outcomes = all_ended(window, qtbot, lambda: send_drop(window, *scans))
    assert "3 scans to be queued" in texts[0]
    assert [spec.call.args[0].file for spec in asked] == scans
    assert [outcome.kind for outcome in outcomes] == ["quick"] * 3


def test_several_dropped_scans_are_reconstructed_with_the_open_model(
    opened: MainWindow, asked: list[JobSpec], tmp_path: Path, qtbot: QtBot
) -> None:
    trained(opened, qtbot)
    model = opened.session.state.model
    assert model is not None
    asked.clear()
    scans = [write_scan(tmp_path / f"next{number}.npz") for number in range(3)]
    outcomes = all_ended(opened, qtbot, lambda: opened.session.files.open_paths(scans))
    assert [outcome.kind for outcome in outcomes] == ["reconstruct"] * 3
    assert {spec.call.kwargs["model_path"] for spec in asked} == {model.path}
    assert opened.session.state.scan is not None and opened.session.state.scan.path not in scans, "the open scan stays"


def test_new_scans_in_a_watched_folder_are_processed_as_they_arrive(
    window: MainWindow, asked: list[JobSpec], tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "SETTLED_S", 0.05)
    window.session.watch._timer.setInterval(50)
    folder = tmp_path / "beamtime"
    folder.mkdir()
    write_scan(folder / "old.npz")
    monkeypatch.setattr(dialogs, "choose_folder", lambda *_: folder)
    window.action("actionWatch").trigger()
    assert window.action("actionWatch").isChecked()
    label = window.findChild(QLabel, "statusWatch")
    assert label is not None and "Watching beamtime" in label.text() and label.isVisible()
    qtbot.waitUntil(lambda: "already in the folder" in toast_texts(window), timeout=15_000)
    outcomes: list[Outcome] = []
    window.session.state.jobEnded.connect(outcomes.append)
    for name in ("new1.npz", "new2.npz"):
        write_scan(folder / name)
    qtbot.waitUntil(lambda: len(outcomes) == 2, timeout=30_000)
    assert sorted(spec.call.args[0].file.name for spec in asked) == ["new1.npz", "new2.npz"]
    assert "2 arrived" in label.text()
    window.action("actionWatch").trigger()
    assert not window.action("actionWatch").isChecked() and not label.isVisible()
    write_scan(folder / "late.npz")
    qtbot.wait(400)
    assert len(asked) == 2


def test_a_watched_folder_that_disappears_is_reported_once(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.session.watch._timer.setInterval(30)
    refused: list[str] = []
    window.session.messages.notified.connect(
        lambda severity, text: refused.append(text) if severity == "error" else None
    )
    window.session.watch.start(tmp_path / "away")
    qtbot.waitUntil(lambda: bool(refused), timeout=15_000)
    qtbot.wait(300)
    assert len(refused) == 1 and "away" in refused[0]
    assert job_requests.POLL_MS >= 500, "a share is not asked without need"


def test_the_queue_fits_its_panel(busy: MainWindow, qtbot: QtBot) -> None:
    busy.session.jobs.train()
    busy.resize(1280, 720)
    busy.central.select(busy.central.queue)
    qtbot.wait(50)
    for each in busy.central.queue.findChildren(QPushButton):
        assert each.isVisible() and each.width() >= each.sizeHint().width()
    area: QWidget = busy.central.queue
    assert area.isVisible()
