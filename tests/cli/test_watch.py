"""``ptychopinn watch``: scans are reconstructed as they arrive."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ptychopinn.archive.bundle import write_bundle
from ptychopinn.archive.manifest import new_manifest
from ptychopinn.cli.main import main
from ptychopinn.errors import DataError
from ptychopinn.results import ReconstructResult
from ptychopinn.workflow import arrivals
from ptychopinn.workflow import watch as module


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "SETTLED_S", 0.05)
    monkeypatch.setattr(module, "POLL_S", 0.02)


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the scans that were reconstructed; the reconstruction itself is replaced."""
    names: list[str] = []

    def reconstruct(model: Path, scan: Path, output: Path, **others: Any) -> ReconstructResult:
        if scan.read_bytes() == b"odd":
            raise ZeroDivisionError("division by zero")
        if scan.read_bytes() == b"bad":
            raise DataError(f"{scan.name} is no scan")
        names.append(scan.name)
        output.mkdir(parents=True, exist_ok=True)
        (output / "report.json").write_text(json.dumps({"data": scan.name}))
        paths = [output / name for name in ("object.npz", "product.h5", "a.png", "p.png", "report.json")]
        return ReconstructResult(output, *paths, 0.1, 0.05, 1.0, 3, {}, ())

    monkeypatch.setattr(module, "reconstruct", reconstruct)
    return names


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "wts.h5.zip"
    write_bundle(path, {"payload.bin": b"weights"}, new_manifest("pytorch", "a test", {"N": 16}))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "scans"
    path.mkdir()
    return path


def test_every_scan_without_a_result_is_reconstructed_once(
    folder: Path, model: Path, worked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in (("a.npz", b"good"), ("b.npz", b"bad"), ("c.npz", b"good"), ("note.txt", b"good")):
        (folder / name).write_bytes(content)
    command = ["watch", str(folder), "--model", str(model), "--output", str(tmp_path / "out"), "--once", "--json"]
    assert main(command) == 1
    assert worked == ["a.npz", "c.npz"]
    printed = capsys.readouterr().out
    assert "b.npz is no scan" in printed
    answer = json.loads(printed.splitlines()[-1])
    assert [Path(path).name for path in answer["failed"]] == ["b.npz"]
    assert answer["ok"] is False and "b.npz" in answer["error"]["message"]
    (folder / "b.npz").unlink()
    (folder / "d.npz").write_bytes(b"good")
    assert main(command) == 0
    assert worked == ["a.npz", "c.npz", "d.npz"], "what has a result is left alone"


def test_scans_that_differ_only_in_their_suffix_get_separate_folders(
    folder: Path, model: Path, worked: list[str], tmp_path: Path
) -> None:
    for name in ("a.cxi", "a.npz"):
        (folder / name).write_bytes(b"good")
    command = ["watch", str(folder), "--model", str(model), "--output", str(tmp_path / "out"), "--once"]
    for _ in range(2):
        assert main(command) == 0
        assert worked == ["a.cxi", "a.npz"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "a.npz", "config.yaml"]


def test_an_unexpected_error_of_one_scan_does_not_end_the_watch(
    folder: Path, model: Path, worked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.npz").write_bytes(b"odd")
    (folder / "b.npz").write_bytes(b"good")
    assert main(["watch", str(folder), "--model", str(model), "--output", str(tmp_path / "out"), "--once"]) == 1
    assert worked == ["b.npz"]
    assert "a.npz: unexpected ZeroDivisionError: division by zero." in capsys.readouterr().out


def test_a_scan_whose_refinement_was_stopped_is_reconstructed_again(
    folder: Path, model: Path, worked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.npz").write_bytes(b"good")
    whole = module.reconstruct

    def stopped(*args: Any, **options: Any) -> ReconstructResult:
        return replace(whole(*args, **options), stopped=True)

    monkeypatch.setattr(module, "reconstruct", stopped)
    assert module.watch(folder, model, tmp_path / "out", once=True) == ([], [])
    monkeypatch.setattr(module, "reconstruct", whole)
    assert module.watch(folder, model, tmp_path / "out", once=True) == ([folder / "a.npz"], [])


def test_a_scan_that_is_complete_later_has_not_failed(
    folder: Path, model: Path, worked: list[str], tmp_path: Path
) -> None:
    cut = folder / "a.npz"
    cut.write_bytes(b"bad")
    told: list[object] = []

    def tell(path: Path, outcome: object) -> None:
        told.append(outcome)
        cut.write_bytes(b"good")

    done, failed = module.watch(folder, model, tmp_path / "out", tell=tell, should_stop=lambda: len(told) == 2)
    assert isinstance(told[0], DataError) and isinstance(told[1], ReconstructResult)
    assert worked == ["a.npz"] and done == [cut] and failed == []


def test_scans_that_arrive_later_are_reconstructed_until_the_user_stops(
    folder: Path, model: Path, worked: list[str], tmp_path: Path
) -> None:
    stop = threading.Event()
    arguments = (folder, model, tmp_path / "out")
    thread = threading.Thread(target=lambda: module.watch(*arguments, should_stop=stop.is_set))
    thread.start()
    try:
        for name in ("one.npz", "two.npz"):
            (folder / name).write_bytes(b"good")
            for _ in range(500):
                if name in worked:
                    break
                threading.Event().wait(0.02)
    finally:
        stop.set()
        thread.join()
    assert worked == ["one.npz", "two.npz"]


def test_a_missing_folder_or_model_is_refused(
    folder: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert main(["watch", str(tmp_path / "none"), "--model", str(model), "--output", out, "--once"]) == 2
    assert "none" in capsys.readouterr().err
    assert main(["watch", str(folder), "--model", str(tmp_path / "no.zip"), "--output", out, "--once"]) == 2
    assert "no.zip" in capsys.readouterr().err
