"""An archive fills the model form; conflicts with data or settings are marked before a job starts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import app_fakes
import pytest
from app_support import finish, toast_texts, trained, use_task
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn.archive.bundle import write_bundle
from ptychopinn.archive.manifest import new_manifest
from ptychopinn.backends.stored_settings import plain_settings
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn_app.jobs.tasks import ScanWork
from ptychopinn_app.main_window import MainWindow

OTHER: dict[str, Any] = {
    "gridsize": 2,
    "n_filters_scale": 3,
    "architecture": "cnn",
    "amp_activation": "softplus",
    "probe_mask": True,
    "probe_scale": 6.5,
    "object_big": False,
}


def write_archive(path: Path, backend: str = "pytorch", **model: Any) -> Path:
    """Write an archive with the whole configuration, as a training does."""
    config = TrainingConfig(ModelConfig(**{"N": 32, "gridsize": 1, **model}), backend=backend)  # type: ignore[arg-type]
    write_bundle(path, {"payload.bin": b"weights"}, new_manifest(backend, "a test", plain_settings(config)))
    return path


def opened_model(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    with qtbot.waitSignal(window.session.state.modelChanged, timeout=15_000):
        window.session.files.open_model(path)


def codes(window: MainWindow) -> set[str]:
    return {each.code for each in window.session.check_list.checks}


def problem_shown(window: MainWindow, field: str) -> str:
    return window.forms.forms["model"].rows[field].problem()


def note_shown(window: MainWindow, field: str) -> str:
    return window.forms.forms["model"].rows[field].note()


def keeping_settings(emit: Any, stop: Any, on: ScanWork, *, config: TrainingConfig, **others: Any) -> Any:
    """Train like the fake, and save the whole configuration."""
    import app_fakes

    result = app_fakes.train(emit, stop, on, config=config, **others)
    write_archive(result.model_path, **asdict(config.model))
    return result


def test_opening_a_saved_model_restores_its_settings(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    session = opened.session
    use_task("train", keeping_settings)
    for field, value in OTHER.items():
        session.state.set_value("model", field, value)
    trained_with = dict(session.state.config.values("model"))
    trained(opened, qtbot)
    target = tmp_path / "kept" / "wts.h5.zip"
    target.parent.mkdir()
    with qtbot.waitSignal(session.state.modelChanged, timeout=15_000):
        session.files.save_model(target)
    session.state.set_all({})
    session.state.set_value("model", "N", 32)
    assert dict(session.state.config.values("model")) != trained_with
    opened_model(opened, qtbot, target)
    assert dict(session.state.config.values("model")) == trained_with
    session.check_list.look()
    assert not codes(opened) & {"model_data", "model_settings", "model.N"}
    assert all(not row.note() and not row.problem() for row in opened.forms.forms["model"].rows.values())


def test_a_model_of_another_size_is_marked_at_its_field_and_can_be_fixed(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    opened_model(opened, qtbot, write_archive(tmp_path / "wts.h5.zip", N=128))
    assert opened.session.state.config.values("model")["N"] == 128
    assert "32 pixels wide" in problem_shown(opened, "N")
    qtbot.waitUntil(lambda: {"model.N", "model_data"} <= codes(opened))
    button = opened.findChild(QPushButton, "fix.model.N")
    assert button is not None and button.text() == "Set N to 32"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert problem_shown(opened, "N") == "" and note_shown(opened, "N") == "128 in the open model wts.h5.zip."
    assert opened.session.queue.why_not("train") == ""


def test_an_impossible_reconstruction_is_explained_before_it_starts(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    opened_model(opened, qtbot, write_archive(tmp_path / "wts.h5.zip", N=128))
    opened.session.check_list.apply_fix("model.N")
    opened.session.state.set_value("model", "N", 32)
    reason = opened.session.queue.why_not("reconstruct")
    assert "wts.h5.zip" in reason and "128 pixels" in reason and "32 pixels" in reason
    assert not opened.action("actionReconstruct").isEnabled()
    assert "128 pixels" in opened.action("actionReconstruct").toolTip()
    opened.session.jobs.reconstruct()
    assert opened.session.runner.info is None and "128 pixels" in toast_texts(opened)
    opened_model(opened, qtbot, write_archive(tmp_path / "fits.h5.zip", N=32))
    assert opened.session.queue.why_not("reconstruct") == ""


def test_data_opened_later_mark_the_model_that_does_not_fit(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    opened_model(window, qtbot, write_archive(tmp_path / "wts.h5.zip", N=64, gridsize=2))
    assert window.session.state.config.values("model")["N"] == 64
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        window.session.datasets.open(write_scan(tmp_path / "scan.npz"))
    assert note_shown(window, "N") == "64 in the open model wts.h5.zip."
    qtbot.waitUntil(lambda: {"model_data", "model_settings"} <= codes(window))
    assert "64 pixels" in window.session.queue.why_not("reconstruct")


def test_settings_that_differ_from_the_model_are_marked_and_restored_with_one_undo(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    session = opened.session
    opened_model(opened, qtbot, write_archive(tmp_path / "wts.h5.zip", **OTHER))
    session.state.set_value("model", "gridsize", 3)
    session.state.set_value("model", "probe_mask", False)
    assert note_shown(opened, "gridsize") == "2 in the open model wts.h5.zip."
    assert note_shown(opened, "probe_mask") == "on in the open model wts.h5.zip."
    assert session.queue.why_not("train") == "", "another network may be trained"
    qtbot.waitUntil(lambda: "model_settings" in codes(opened))
    session.check_list.apply_fix("model_settings")
    assert {field: session.state.config.values("model")[field] for field in OTHER} == OTHER
    assert note_shown(opened, "gridsize") == ""
    opened.action("actionUndo").trigger()
    values = session.state.config.values("model")
    assert (values["gridsize"], values["probe_mask"]) == (3, False)


def test_a_model_of_a_missing_backend_is_reported_before_the_start(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ptychopinn_app.jobs.run_tasks.backend_problem",
        lambda backend: "no TensorFlow here" if backend == "tensorflow" else "",
    )
    opened_model(opened, qtbot, write_archive(tmp_path / "wts.h5.zip", backend="tensorflow"))
    qtbot.waitUntil(lambda: opened.session.queue.why_not("reconstruct") == "no TensorFlow here", timeout=15_000)
    qtbot.waitUntil(lambda: not opened.action("actionReconstruct").isEnabled())
    assert opened.session.queue.why_not("train") == ""
    opened_model(opened, qtbot, write_archive(tmp_path / "other.h5.zip"))
    assert opened.session.queue.why_not("reconstruct") == ""


def test_a_fitting_model_still_reconstructs(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    opened_model(opened, qtbot, write_archive(tmp_path / "wts.h5.zip"))
    opened.session.state.set_value("model", "gridsize", 2)
    assert finish(opened, qtbot, opened.session.jobs.reconstruct).status == "done"


def test_a_running_training_will_provide_a_fitting_model(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    opened_model(opened, qtbot, write_archive(tmp_path / "wts.h5.zip", N=128))
    opened.session.state.set_value("model", "N", 32)
    use_task("train", app_fakes.endless_train)
    assert "128 pixels" in opened.session.queue.why_not("reconstruct")
    with qtbot.waitSignal(opened.session.state.jobProgress, timeout=15_000):
        opened.session.jobs.train()
    assert opened.session.queue.why_not("reconstruct") == ""
    finish(opened, qtbot, opened.session.runner.cancel)
    assert "128 pixels" in opened.session.queue.why_not("reconstruct")
