"""Settings undone, saved to files, loaded from runs, and copied as text."""

from __future__ import annotations

import json
import runpy
import shlex
from pathlib import Path
from typing import Any

import pytest
from app_support import finish, toast_texts, trained
from PyQt6.QtWidgets import QApplication, QListWidget, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

import ptychopinn
from ptychopinn.cli.flags import overrides
from ptychopinn.cli.main import build_parser
from ptychopinn.cli.reconstruct import refinement
from ptychopinn.cli.train import configuration
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.presets import own_execution_defaults
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.yaml_file import save_settings
from ptychopinn_app.job_settings.scripts import command_line, python_program
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services import dialogs
from ptychopinn_app.services.issue_report import without_folders

CHANGES = (
    ("model", "gridsize", 2),
    ("model", "architecture", "cnn"),
    ("model", "probe_mask", True),
    ("training", "neighbor_count", 9),
    ("training", "intensity_scale_trainable", False),
    ("training", "max_minutes", 1.5),
    ("training", "n_groups", 30),
    ("execution", "learning_rate", 3e-4),
    ("execution", "accelerator", "cpu"),
    ("inference", "refine_sweeps", 7),
    ("iterations", "modes", 2),
    ("iterations", "update_probe", False),
)


def clipboard() -> str:
    board = QApplication.clipboard()
    assert board is not None
    return board.text()


def change(window: MainWindow) -> None:
    for section, field, value in CHANGES:
        window.session.state.set_value(section, field, value)


def values(window: MainWindow) -> dict[str, object]:
    return window.session.state.config.to_table()


def test_settings_are_saved_to_a_file_and_loaded_again(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(window)
    kept = values(window)
    path = tmp_path / "mine.json"
    monkeypatch.setattr(dialogs, "save_settings", lambda *_: path)
    monkeypatch.setattr(dialogs, "choose_settings", lambda *_: path)
    window.action("actionSaveSettings").trigger()
    window.session.state.set_all({})
    assert values(window) != kept
    window.action("actionLoadSettings").trigger()
    assert values(window) == kept


def test_unknown_entries_of_a_settings_file_are_named_and_the_rest_is_applied(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"model": {"gridsize": 3, "flux": 1}, "training": {"batch_size": "many", "nepochs": 5}, "weather": {}}
    path = tmp_path / "older.json"
    path.write_text(json.dumps(table))
    monkeypatch.setattr(dialogs, "choose_settings", lambda *_: path)
    window.action("actionLoadSettings").trigger()
    assert window.session.state.config.values("model")["gridsize"] == 3
    assert window.session.state.config.values("training")["nepochs"] == 5
    assert "model.flux, training.batch_size, weather" in toast_texts(window)


@pytest.mark.parametrize("content", ["", "[1]", "\x00\x01"])
def test_a_file_without_settings_changes_nothing(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    change(window)
    kept = values(window)
    path = tmp_path / "broken.json"
    path.write_text(content)
    monkeypatch.setattr(dialogs, "choose_settings", lambda *_: path)
    window.action("actionLoadSettings").trigger()
    assert values(window) == kept
    assert "broken.json" in toast_texts(window)


def test_edits_are_undone_by_name_one_step_per_field(window: MainWindow) -> None:
    undo, redo, config = window.action("actionUndo"), window.action("actionRedo"), window.session.state.config
    assert not undo.isEnabled() and not redo.isEnabled()
    before = config.values("training")["batch_size"]
    edit = window.session.edits.edit
    edit("training", "batch_size", 4)
    edit("training", "batch_size", 8)
    edit("model", "gridsize", 3)
    assert undo.text() == "&Undo grid size"
    undo.trigger()
    assert undo.text() == "&Undo batch size" and redo.text() == "&Redo grid size"
    undo.trigger()
    assert config.values("training")["batch_size"] == before
    assert not undo.isEnabled()
    redo.trigger()
    assert config.values("training")["batch_size"] == 8
    editor = window.findChild(QSpinBox, "training.batch_size")
    assert editor is not None and editor.value() == 8
    edit("training", "batch_size", before)
    assert not undo.isEnabled()


def test_typing_into_a_field_can_be_undone(window: MainWindow) -> None:
    editor = window.findChild(QSpinBox, "training.nepochs")
    assert editor is not None
    before = editor.value()
    editor.setValue(123)
    assert window.session.state.config.values("training")["nepochs"] == 123
    window.action("actionUndo").trigger()
    assert editor.value() == window.session.state.config.values("training")["nepochs"] == before


def test_settings_of_a_run_are_applied_and_undone_in_one_step(opened: MainWindow, qtbot: QtBot) -> None:
    change(opened)
    made_with = values(opened)
    trained(opened, qtbot)
    opened.session.state.set_all({})
    now = values(opened)
    runs = opened.findChild(QListWidget, "runsView")
    assert runs is not None
    qtbot.waitUntil(lambda: runs.count() == 1, timeout=15_000)
    runs.setCurrentRow(0)
    button = next(one for one in opened.findChildren(QPushButton) if one.text() == "Load settings")
    button.click()
    assert values(opened) == made_with
    assert "settings of" in opened.action("actionUndo").text()
    opened.action("actionUndo").trigger()
    assert values(opened) == now


def test_settings_of_a_command_line_run_are_applied(window: MainWindow, qtbot: QtBot) -> None:
    change(window)
    folder = window.settings.runs_folder() / "by-command"
    folder.mkdir(parents=True)
    (folder / "wts.h5.zip").write_bytes(b"model")
    model = ModelConfig(N=64, gridsize=3, architecture="unrolled")
    training = TrainingConfig(model, backend="tensorflow", batch_size=8, probe_file=folder / "probe.npz")
    configs = {"model": model, "training": training, "execution": PyTorchExecutionConfig(learning_rate=1e-5)}
    save_settings(folder / "config.yaml", configs, {"command": "train"})
    window.session.run_list.refresh()
    runs = window.findChild(QListWidget, "runsView")
    assert runs is not None
    qtbot.waitUntil(lambda: runs.count() == 1, timeout=15_000)
    runs.setCurrentRow(0)
    next(one for one in window.findChildren(QPushButton) if one.text() == "Load settings").click()
    config = window.session.state.config
    assert config.backend == "tensorflow"
    assert (config.values("model")["gridsize"], config.values("model")["architecture"]) == (3, "unrolled")
    found = config.values("training")
    assert (found["batch_size"], found["n_groups"], found["probe_file"]) == (8, None, folder / "probe.npz")
    # The settings of PyTorch, and those of other jobs, are not those of this run.
    assert (config.values("execution")["learning_rate"], config.values("inference")["refine_sweeps"]) == (3e-4, 7)
    assert "Skipped" not in toast_texts(window)


def test_a_record_of_a_run_is_loaded_as_a_settings_file(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.yaml"
    inference = InferenceConfig(ModelConfig(), tmp_path, tmp_path, n_groups=5)
    iterations = IterativeConfig(sweeps=4, modes=2)
    save_settings(path, {"inference": inference, "iterations": iterations}, {"command": "reconstruct"})
    path.write_text(path.read_text() + "weather: {}\n")
    monkeypatch.setattr(dialogs, "choose_settings", lambda *_: path)
    window.action("actionLoadSettings").trigger()
    config = window.session.state.config
    assert (config.values("inference")["n_groups"], config.values("inference")["refine_sweeps"]) == (5, 4)
    assert config.values("iterations")["modes"] == 2
    assert "weather" in toast_texts(window)


@pytest.mark.parametrize("changed", [False, True])
def test_the_copied_command_line_does_the_same_as_the_window(opened: MainWindow, changed: bool) -> None:
    session, scan = opened.session, opened.session.state.scan
    assert scan is not None
    if changed:
        change(opened)
    opened.action("actionCopyCommand").trigger()
    train, reconstruct = (shlex.split(line)[1:] for line in clipboard().splitlines())
    args = build_parser().parse_args(train)
    assert args.file == scan.path
    expected = session.state.config.training(scan.path, None, Path("run"), scan.units)
    found = configuration(args)
    found.train_data_file, found.output_dir = expected.train_data_file, expected.output_dir
    found.model.N = expected.model.N
    assert found == expected
    execution = PyTorchExecutionConfig(**{**own_execution_defaults(), **overrides(args, PyTorchExecutionConfig)})
    assert execution == session.state.config.execution("pytorch")
    second = build_parser().parse_args(reconstruct)
    assert (second.model, second.file) == (Path("run"), scan.path)
    assert refinement(second) == session.state.config.refine


@pytest.mark.parametrize("changed", [False, True])
def test_the_copied_program_does_the_same_as_the_window(
    opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    session, scan = opened.session, opened.session.state.scan
    assert scan is not None
    if changed:
        change(opened)
    opened.action("actionCopyPython").trigger()
    program = tmp_path / "program.py"
    program.write_text(clipboard())
    called: dict[str, Any] = {}

    class Answer:
        model_path, r_factor, noise_floor = Path("run/wts.h5.zip"), 0.1, 0.05

    def pretend(name: str) -> Any:
        return lambda *given, **named: called.update({name: (given, named)}) or Answer()

    for name in ("train", "reconstruct"):
        monkeypatch.setitem(vars(ptychopinn), name, pretend(name))
    runpy.run_path(str(program))
    file, _, config, execution = called["train"][0]
    expected = session.state.config.training(scan.path, None, config.output_dir, scan.units)
    expected.train_data_file, config.model.N = config.train_data_file, expected.model.N
    assert file == scan.path
    assert config == expected
    assert execution == session.state.config.execution("pytorch")
    assert config.chosen_groups == expected.chosen_groups
    assert called["reconstruct"][1].get("refine") == session.state.config.refine


def test_commands_are_available_before_a_scan_is_open(window: MainWindow) -> None:
    window.session.state.set_backend("tensorflow")
    change(window)
    command = command_line(window.session.state.config, None, None)
    assert "--backend tensorflow" in command and "learning-rate" not in command
    build_parser().parse_args(shlex.split(command.splitlines()[0])[1:])
    compile(python_program(window.session.state.config, None, None), "program", "exec")


def test_the_issue_report_has_versions_settings_and_log_but_no_folders(opened: MainWindow, qtbot: QtBot) -> None:
    change(opened)
    finish(opened, qtbot, opened.session.jobs.train)
    opened.action("actionCopyReport").trigger()
    text = clipboard()
    assert opened.session.state.scan is not None
    folder = str(opened.session.state.scan.path.parent)
    assert folder not in text and opened.session.state.scan.path.name in text
    for part in ("PyQt6", "training.neighbor_count = 9", "Training on", "## Log"):
        assert part in text


def test_paths_become_file_names() -> None:
    assert without_folders("read /home/me/data/a.npz, C:\\x\\b.npz and 3/4") == "read …/a.npz, …/b.npz and 3/4"
