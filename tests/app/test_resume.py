"""A training continues from the open model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from app_support import finish, toast_texts, trained
from pytestqt.qtbot import QtBot

from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ArchiveError, ConfigError
from ptychopinn.workflow.train import train
from ptychopinn_app.jobs.job import JobSpec
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.runs.folder import read_note


def test_a_training_continues_from_the_open_model(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(opened, qtbot)
    model = opened.session.state.model
    assert model is not None
    asked: list[JobSpec] = []
    start = opened.session.runner.start
    monkeypatch.setattr(opened.session.runner, "start", lambda info, spec: (asked.append(spec), start(info, spec)))
    assert opened.action("actionResume").isEnabled()
    outcome = finish(opened, qtbot, opened.action("actionResume").trigger)
    assert asked[0].call.kwargs["start_from"] == model.path
    assert outcome.run_dir != model.path.parent, "the first run stays as it is"
    assert model.path.parent.name in str(read_note(outcome.run_dir)["title"])
    assert finish(opened, qtbot, opened.session.jobs.train).status == "done"
    assert asked[1].call.kwargs["start_from"] is None


def test_resuming_needs_a_model_of_the_same_network(opened: MainWindow, qtbot: QtBot) -> None:
    assert not opened.action("actionResume").isEnabled()
    assert "Train or open a model first" in opened.action("actionResume").toolTip()
    trained(opened, qtbot)
    gridsize = opened.session.state.config.values("model")["gridsize"]
    opened.session.state.set_value("model", "gridsize", 2 if gridsize != 2 else 3)
    assert not opened.action("actionResume").isEnabled()
    assert f"gridsize {gridsize}" in opened.action("actionResume").toolTip()
    opened.session.jobs.resume()
    assert opened.session.runner.info is None
    assert "gridsize" in toast_texts(opened)


def test_resuming_needs_the_backend_of_the_model(opened: MainWindow, qtbot: QtBot) -> None:
    trained(opened, qtbot)
    opened.session.state.set_backend("tensorflow")
    qtbot.waitUntil(lambda: "pytorch backend" in opened.action("actionResume").toolTip(), timeout=15_000)
    assert not opened.action("actionResume").isEnabled()


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [({"gridsize": 2}, ConfigError, "gridsize = 1"), ({"backend": "tensorflow"}, ArchiveError, "pytorch")],
)
def test_a_model_that_does_not_fit_leaves_no_run_behind(
    scan: Path, tmp_path: Path, changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    from app_fakes import write_model

    archive = write_model(tmp_path / "first.h5.zip", 32, 1)
    model = ModelConfig(N=32, gridsize=changes.pop("gridsize", 1))
    config = TrainingConfig(model, **{"backend": "pytorch", **changes})
    with pytest.raises(error, match=words):
        train(scan, tmp_path / "run", config, start_from=archive)
    assert not (tmp_path / "run").exists()
