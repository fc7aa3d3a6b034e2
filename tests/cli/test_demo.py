"""``gui``, ``demo`` and ``reconstruct``: what they pass on, with the work itself replaced."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ptychopinn.cli.main import main
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.results import ReconstructResult, TrainResult
from ptychopinn.workflow.demo import DemoResult

TRAINED = TrainResult(Path("run"), Path("run/wts.h5.zip"), {"loss": (1.0,), "val_loss": ()}, 1, 1, 2.0, False)
RECONSTRUCTED = ReconstructResult(
    run_dir=Path("out"),
    object_path=Path("out/object.npz"),
    product_path=Path("out/product.h5"),
    amplitude_png=Path("out/amplitude.png"),
    phase_png=Path("out/phase.png"),
    report_path=Path("out/report.json"),
    r_factor=0.02,
    noise_floor=0.01,
    seconds=1.5,
    n_patterns=30,
    metrics={},
    notices=(),
)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the app was started with; the app itself is replaced."""
    calls: list[list[str]] = []

    def run(arguments: list[str]) -> int:
        calls.append(arguments)
        return 0

    module: Any = ModuleType("ptychopinn_app.application")
    module.run = run
    monkeypatch.setitem(sys.modules, "ptychopinn_app.application", module)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return calls


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


def test_gui_opens_the_app_with_its_file(opened: list[list[str]], tmp_path: Path) -> None:
    scan = tmp_path / "scan.npz"
    scan.touch()
    assert main(["gui", str(scan)]) == 0
    assert main(["gui"]) == 0
    assert [call[1:] for call in opened] == [[str(scan)], []]


def test_the_app_has_the_entry_that_gui_calls() -> None:
    import inspect

    from ptychopinn_app.application import run

    assert len(inspect.signature(run).parameters) == 1


def test_gui_with_a_missing_file_opens_nothing(
    opened: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gui", str(tmp_path / "absent.npz")]) == 2
    assert "absent.npz" in capsys.readouterr().err
    assert opened == []


def test_gui_without_a_display_is_refused_in_one_sentence(
    opened: list[list[str]], no_display: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gui"]) == 2
    assert "display" in capsys.readouterr().err
    assert opened == []


def test_demo_with_gui_opens_the_app_with_a_simulated_scan(opened: list[list[str]], tmp_path: Path) -> None:
    assert main(["demo", "--gui", "--output", str(tmp_path / "demo"), "--positions", "20"]) == 0
    scan = Path(opened[0][1])
    assert scan.parent == tmp_path / "demo"
    assert len(np.load(scan)["diff3d"]) == 20


def test_demo_with_gui_without_a_display_is_refused_and_writes_nothing(
    opened: list[list[str]], no_display: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--gui", "--output", str(tmp_path / "demo")]) == 2
    error = capsys.readouterr().err
    assert "no display" in error and "demo works without --gui" in error
    assert opened == [] and not (tmp_path / "demo").exists()


def test_demo_passes_on_its_flags_and_prints_the_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: dict[str, Any] = {}

    def fake(output: Path, **more: Any) -> DemoResult:
        seen.update(output=output, **more)
        return DemoResult(output / "scan.npz", TRAINED, RECONSTRUCTED, {"r_factor": 0.02})

    monkeypatch.setattr("ptychopinn.workflow.demo.demo", fake)
    assert main(["demo", "--output", str(tmp_path), "--minutes", "0.5", "--seed", "4"]) == 0
    assert (seen["output"], seen["minutes"], seen["seed"]) == (tmp_path, 0.5, 4)
    assert "0.0200" in capsys.readouterr().out


def test_reconstruct_passes_on_its_flags(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: dict[str, Any] = {}

    def fake(model: Path, file: Path, output: Path, config: Any, execution: Any, **more: Any) -> ReconstructResult:
        seen.update(model=model, file=file, output=output, config=config, execution=execution, **more)
        return RECONSTRUCTED

    monkeypatch.setattr("ptychopinn.workflow.reconstruct.reconstruct", fake)
    flags = ["--refine", "3", "--fix", "--inference-batch-size", "2", "--diff3d-units", "intensity", "--json"]
    assert main(["reconstruct", "model", "scan.npz", "--output", str(tmp_path), *flags]) == 0
    assert (seen["model"], seen["file"], seen["output"]) == (Path("model"), Path("scan.npz"), tmp_path)
    assert seen["refine"] == IterativeConfig(sweeps=3)
    assert "non_finite" in seen["fixes"]
    assert seen["execution"].inference_batch_size == 2
    assert seen["config"].diff3d_units == "intensity"
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["result"]["r_factor"] == 0.02
