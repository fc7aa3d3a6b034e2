"""``--config``: every run is repeated from the ``config.yaml`` that it wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from ptychopinn.cli.main import build_parser, main
from ptychopinn.cli.repeat import parse
from ptychopinn.cli.train import configuration
from ptychopinn.physics.simulate import simulate_scan

QUICK = ["--nepochs", "1", "--gridsize", "2", "--batch-size", "8", "--n-filters-scale", "1", "--accelerator", "cpu"]


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scan") / "scan.npz"
    arrays = simulate_scan(16, 45, 1e5, 0, step_px=2.0)
    arrays["diff3d"][3, 5, 5] = np.nan
    np.savez(path, **arrays)
    return path


@pytest.fixture(scope="module")
def trained(scan: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "first"
    flags = [*QUICK, "--fix", "--seed", "7", "--max-minutes", "5", "--quiet", "--output", str(folder)]
    assert main(["train", str(scan), *flags]) == 0
    return folder


def record(folder: Path) -> dict[str, Any]:
    """The record of a run, less its output folder."""
    content = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    for values in content.values():
        values.pop("output", None)
        values.pop("output_dir", None)
    return content


def repeated(command: str, folder: Path, *flags: str) -> Path:
    again = folder.with_name(f"{folder.name}-again")
    arguments = ["--config", str(folder / "config.yaml"), "--output", str(again), "--quiet", *flags]
    assert main([command, *arguments]) == 0
    return again


def parsed(*arguments: str) -> Any:
    return parse(build_parser(), arguments)


def losses(folder: Path) -> list[list[str]]:
    return [line.split(",")[:3] for line in (folder / "metrics.csv").read_text().splitlines()]


def test_a_training_is_repeated_with_all_its_settings(trained: Path) -> None:
    again = repeated("train", trained)
    content = record(again)
    assert content == record(trained)
    assert (content["training"]["seed"], content["training"]["max_minutes"], content["training"]["nepochs"]) == (
        7,
        5,
        1,
    )
    assert "non_finite" in content["run"]["fixes"]
    assert losses(again) == losses(trained)


def test_arguments_override_the_file(trained: Path, tmp_path: Path) -> None:
    flags = ("--gridsize", "1", "--epochs", "3", "--n-groups", "512", "--no-fix", "--start-from", "model.zip")
    args = parsed("train", "other.npz", "--config", str(trained), *flags)
    assert (args.file, args.start_from, args.fix, args.output) == (Path("other.npz"), Path("model.zip"), False, None)
    args.start_from = None
    config = configuration(args)
    assert (config.model.gridsize, config.nepochs, config.chosen_groups, config.seed) == (1, 3, 512, 7)


def test_a_continued_training_names_its_initial_model(trained: Path, scan: Path, tmp_path: Path) -> None:
    flags = [*QUICK, "--fix", "--start-from", str(trained), "--output", str(tmp_path / "more"), "--quiet"]
    assert main(["train", str(scan), *flags]) == 0
    assert record(tmp_path / "more")["run"]["start_from"] == str(trained)
    assert parsed("train", "--config", str(tmp_path / "more")).start_from == trained


@pytest.mark.parametrize("sweeps", ["0", "2"])
def test_a_reconstruction_is_repeated_with_its_refinement(
    trained: Path, scan: Path, tmp_path: Path, sweeps: str
) -> None:
    flags = ["--fix", "--quiet", "--n-subsample", "30", "--subsample-seed", "3", "--accelerator", "cpu"]
    refinement = ["--refine", sweeps, "--modes", "2", "--seed", "4"] if sweeps != "0" else []
    folder = tmp_path / "first"
    assert main(["reconstruct", str(trained), str(scan), *flags, *refinement, "--output", str(folder)]) == 0
    again = repeated("reconstruct", folder)
    assert record(again) == record(folder)
    assert ("iterations" in record(folder)) is (sweeps != "0")
    with np.load(folder / "object.npz") as first, np.load(again / "object.npz") as second:
        assert np.array_equal(first["objectGuess"], second["objectGuess"])
    if sweeps != "0":
        args = parsed("reconstruct", "--config", str(folder), "--refine", "0")
        from ptychopinn.cli.reconstruct import refinement as settings

        assert settings(args) is None


@pytest.mark.parametrize("command", ["quicklook", "calibrate", "refine"])
def test_iterations_are_repeated_bit_by_bit(command: str, scan: Path, tmp_path: Path) -> None:
    folder = tmp_path / "first"
    inputs = [str(scan)]
    if command == "refine":
        assert main(["quicklook", str(scan), "--fix", "--quiet", "--sweeps", "2", "--output", str(tmp_path / "q")]) == 0
        inputs = [str(tmp_path / "q"), str(scan)]
    flags = ["--fix", "--quiet", "--sweeps", "3", "--seed", "5", "--method", "ePIE", "--diff3d-units", "amplitude"]
    assert main([command, *inputs, *flags, "--output", str(folder)]) == 0
    again = repeated(command, folder)
    content = record(again)
    assert content == record(folder)
    assert (content["iterations"]["seed"], content["run"]["units"]) == (5, "amplitude")
    name = "probe.npz" if command == "calibrate" else "object.npz"
    with np.load(folder / name) as first, np.load(again / name) as second:
        for key in first.files:
            assert np.array_equal(first[key], second[key]), key


def test_a_report_is_repeated_and_leaves_the_record_of_the_result(scan: Path, tmp_path: Path) -> None:
    made = tmp_path / "q"
    assert main(["quicklook", str(scan), "--fix", "--quiet", "--sweeps", "2", "--output", str(made)]) == 0
    arguments = ["report", str(made), str(scan), "--fix", "--no-split-half", "--no-flat-start", "--quiet"]
    assert main(arguments) == 0
    assert record(made)["run"]["command"] == "quicklook"
    assert parsed("report", "--config", str(made)).split_half is False
    assert main([*arguments, "--output", str(tmp_path / "r")]) == 0
    assert record(repeated("report", tmp_path / "r")) == record(tmp_path / "r")


def test_watching_continues_in_its_folder(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "scans").mkdir()
    flags = ["--model", str(trained), "--output", str(tmp_path / "out"), "--refine", "3", "--once", "--fix"]
    assert main(["watch", str(tmp_path / "scans"), *flags]) == 0
    before = record(tmp_path / "out")
    assert main(["watch", "--config", str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["ok"]
    assert record(tmp_path / "out") == before
    assert before["iterations"]["sweeps"] == 3 and before["run"]["once"] is True


def test_a_file_of_another_command_is_refused_and_names_the_right_command(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quicklook", "--config", str(trained), "--json"]) == 2
    message = json.loads(capsys.readouterr().out.splitlines()[-1])["error"]["message"]
    assert "written by 'train'" in message and "ptychopinn train --config" in message


def test_a_file_of_the_first_release_belongs_to_a_training(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "model: {N: 32, gridsize: 2, architecture: cnn}\n"
        "training: {train_data_file: sim.npz, n_groups: 512, nepochs: 2, output_dir: old, seed: 1}\n"
        "execution: {accelerator: auto, pad_eval: false, logger_backend: none}\n"
    )
    args = parsed("train", "--config", str(path))
    config = configuration(args)
    assert (args.file, config.chosen_groups, config.nepochs) == (Path("sim.npz"), None, 2)
    assert config.model.architecture == "cnn"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (None, "cannot be read"),
        ("- 1", "contains a list"),
        ("\x00", "not valid YAML"),
        ("run: {command: train}\nmodel: {gridsize: 2}", "FILE"),
        ("training: {train_data_file: a.npz, nepochs: many}", "many"),
        ("training: {train_data_file: a.npz, batch_size: [1]}", "batch_size"),
    ],
)
def test_an_unusable_file_is_reported_in_one_sentence(
    content: str | None, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    if content is not None:
        path.write_text(content)
    try:
        code = main(["train", "--config", str(path), "--json"])
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    assert code == 2
    assert word in json.loads(captured.out.splitlines()[-1])["error"]["message"]
    assert "Traceback" not in captured.err


def test_an_unknown_entry_is_named_and_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("training: {train_data_file: a.npz, flux: 3, nepochs: 4}\n")
    assert configuration(parsed("train", "--config", str(path))).nepochs == 4
    assert "training.flux" in capsys.readouterr().err


def test_without_config_the_scan_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--epochs", "3"])
    assert "FILE" in capsys.readouterr().err
