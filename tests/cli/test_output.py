"""``--json``: one JSON object on the last line of standard output, for errors too."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ptychopinn.cli.main import main
from ptychopinn.cli.output import plain
from ptychopinn.physics.simulate import simulate_scan


def last_object(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found = json.loads(capsys.readouterr().out.splitlines()[-1], parse_constant=refuse_constant)
    assert isinstance(found, dict)
    return found


def refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["train", "scan.npz", "--colour", "red", "--json"], "--colour"),
        (["train", "scan.npz", "--epochs", "many", "--json"], "--epochs"),
        (["train", "scan.npz", "--accelerator", "abacus", "--json"], "abacus"),
        (["reconstruct", "--json"], "MODEL"),
        (["simulat", "--json"], "simulat"),
    ],
)
def test_a_usage_error_is_json_too(arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    found = last_object(capsys)
    assert stop.value.code == 2
    assert found["ok"] is False
    assert word in found["error"]["message"]


def test_a_usage_error_without_json_prints_nothing_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "scan.npz", "--colour", "red"])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "--colour" in captured.err


def test_a_missing_scan_is_an_error_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "absent.npz"), "--json"]) == 2
    found = last_object(capsys)
    assert found["ok"] is False
    assert "absent.npz" in found["error"]["message"]


def test_the_error_object_of_check_says_how_to_fix_the_scan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arrays = simulate_scan(n=16, positions=30)
    path = tmp_path / "cropped.npz"
    np.savez(path, **{**arrays, "diff3d": arrays["diff3d"][:, :, :12]})
    main(["check", str(path), "--json"])
    found = last_object(capsys)
    error = next(finding for finding in found["summary"]["findings"] if finding["severity"] == "error")
    assert error["mend"]
    assert error["mend"] in found["error"]["message"]


def test_a_sound_scan_has_no_error_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "scan.npz"
    np.savez(path, **simulate_scan(n=16, positions=30, photons=1e5))
    assert main(["check", str(path), "--json"]) == 0
    assert "error" not in last_object(capsys)


def test_numbers_that_are_not_finite_become_null() -> None:
    assert plain({"psnr": float("inf"), "loss": [float("nan"), 0.5]}) == {"psnr": None, "loss": [None, 0.5]}


def test_numpy_values_become_plain_numbers() -> None:
    found = plain({"a": np.float32(0.5), "b": np.int64(3), "c": np.array([1.0, np.nan]), "d": np.bool_(True)})
    assert found == {"a": 0.5, "b": 3, "c": [1.0, None], "d": True}
    assert json.loads(json.dumps(found)) == found
    assert type(found["d"]) is bool


@pytest.mark.parametrize("command", [["simulate", "{folder}"], ["check", "scan.npz", "--fix", "{folder}"]])
def test_a_folder_as_output_file_is_refused(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([part.format(folder=tmp_path) for part in command] + ["--json"]) == 2
    assert "is a folder" in last_object(capsys)["error"]["message"]


@pytest.mark.parametrize("command", ["simulate", "check"])
def test_a_file_that_cannot_be_written_is_named(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "scan.npz", **simulate_scan(n=16, positions=30))
    target = str(tmp_path / "scan.npz" / "out.npz")
    arguments = {
        "simulate": ["simulate", target, "--n", "16", "--positions", "9"],
        "check": ["check", str(tmp_path / "scan.npz"), "--fix", target],
    }[command]
    assert main([*arguments, "--json"]) == 2
    assert f"{target} cannot be written" in last_object(capsys)["error"]["message"]


def test_a_full_disk_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "scan.npz")

    monkeypatch.setattr("ptychopinn.data.npz.write", full)
    assert main(["simulate", str(tmp_path / "scan.npz"), "--n", "16", "--positions", "9", "--json"]) == 1
    assert last_object(capsys)["error"]["message"].startswith("The disk is full at scan.npz")


def test_a_scan_that_cannot_be_fixed_is_not_copied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arrays = simulate_scan(n=16, positions=30)
    np.savez(tmp_path / "scan.npz", **{**arrays, "probeGuess": 0 * arrays["probeGuess"]})
    assert main(["check", str(tmp_path / "scan.npz"), "--fix", str(tmp_path / "out.npz"), "--json"]) == 2
    assert last_object(capsys)["fixed"] is None
    assert not (tmp_path / "out.npz").exists()


def test_an_error_of_the_app_is_an_error_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(arguments: object) -> int:
        raise SystemExit(2)

    monkeypatch.setattr("ptychopinn.cli.gui.open_app", refuse)
    assert main(["gui", "--size", "0x0", "--json"]) == 2
    assert last_object(capsys)["error"]["message"]


def test_a_grid_size_below_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "scan.npz", "--gridsize", "0", "--json"]) == 2
    assert "--gridsize" in last_object(capsys)["error"]["message"]


def test_an_unexpected_error_names_a_log_that_holds_the_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise RuntimeError("odd")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("ptychopinn.workflow.train.train", fail)
    assert main(["train", "scan.npz", "--output", "unused", "--json"]) == 1
    captured = capsys.readouterr()
    (log,) = tmp_path.glob("*.log")
    assert str(log) in captured.err
    assert "Traceback" not in captured.err
    assert "in fail" in log.read_text(encoding="utf-8")
    assert json.loads(captured.out.splitlines()[-1])["error"]["type"] == "RuntimeError"


def test_settings_are_checked_before_the_scan_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "absent.npz", "--batch-size", "3", "--json"]) == 2
    assert last_object(capsys)["error"]["message"].startswith("batch_size is 3")
