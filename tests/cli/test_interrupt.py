"""Ctrl-C: the first asks to stop and keeps the work, the second ends it."""

from __future__ import annotations

import json
import signal
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ptychopinn.cli.interrupt import stop_on_interrupt
from ptychopinn.cli.main import main
from ptychopinn.errors import JobCancelled
from ptychopinn.results import TrainResult


def test_the_first_ctrl_c_requests_a_stop_and_the_second_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), stop_on_interrupt("Stopping.") as should_stop:
        assert not should_stop()
        signal.raise_signal(signal.SIGINT)
        assert should_stop()
        assert "Stopping." in capsys.readouterr().err
        signal.raise_signal(signal.SIGINT)


def test_the_former_handler_is_restored() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt("Stopping."):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_stopped_training_saves_the_model_and_exits_with_0(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fake(file: Path, output: Path, *args: Any, should_stop: Any, **more: Any) -> TrainResult:
        signal.raise_signal(signal.SIGINT)
        history = {"loss": (1.0,), "val_loss": ()}
        return TrainResult(output, output / "wts.h5.zip", history, 1, 1, 2.0, stopped=should_stop())

    monkeypatch.setattr("ptychopinn.workflow.train.train", fake)
    assert main(["train", "scan.npz", "--output", str(tmp_path)]) == 0
    assert "the model was saved" in capsys.readouterr().out


def test_a_library_exit_after_the_second_ctrl_c_is_an_interruption(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fake(*args: Any, **more: Any) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            sys.exit(1)

    monkeypatch.setattr("ptychopinn.workflow.train.train", fake)
    assert main(["train", "scan.npz", "--output", str(tmp_path), "--json"]) == 130
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "interrupted"


def test_a_job_that_was_cancelled_exits_130(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fake(*args: Any, **more: Any) -> None:
        raise JobCancelled("cancelled")

    monkeypatch.setattr("ptychopinn.workflow.train.train", fake)
    assert main(["train", "scan.npz", "--output", str(tmp_path)]) == 130


def test_ctrl_c_while_modules_are_imported_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting:
        def find_spec(self, name: str, *more: Any) -> None:
            if name == "ptychopinn.cli.main":
                raise KeyboardInterrupt

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    module, function = project["scripts"]["ptychopinn"].split(":")
    start = getattr(import_module(module), function)
    monkeypatch.delitem(sys.modules, "ptychopinn.cli.main")
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    monkeypatch.setattr(sys, "argv", ["ptychopinn", "check", "scan.npz", "--json"])
    assert start() == 130
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1 and "Interrupted" in printed.err
    assert json.loads(printed.out)["error"]["type"] == "interrupted"
