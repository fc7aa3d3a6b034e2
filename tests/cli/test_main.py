"""The command line: flags, exit codes, JSON, and what a user reads when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ptychopinn.cli.main import build_parser, main
from ptychopinn.cli.train import configuration
from ptychopinn.errors import BackendError, DataError
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.results import TrainResult


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.npz"
    np.savez(path, **simulate_scan(n=16, positions=30, photons=1e5))
    return path


def train_arguments(*flags: str) -> object:
    return build_parser().parse_args(["train", "scan.npz", *flags])


def test_train_without_flags_uses_our_own_defaults() -> None:
    config = configuration(train_arguments())
    assert (config.backend, config.model.architecture, config.model.gridsize) == ("pytorch", "unrolled", 4)
    assert config.neighbor_count >= config.model.gridsize**2 - 1


def test_a_flag_reaches_its_field() -> None:
    config = configuration(
        train_arguments("--gridsize", "2", "--no-object-big", "--nll-weight", "0.5", "--epochs", "3", "--seed", "9")
    )
    assert config.model.gridsize == 2
    assert config.model.object_big is False
    assert (config.nll_weight, config.nepochs, config.seed) == (0.5, 3, 9)


def test_a_time_limit_decides_instead_of_the_epochs() -> None:
    assert configuration(train_arguments("--max-minutes", "2")).nepochs > 10_000
    assert configuration(train_arguments("--max-minutes", "2", "--epochs", "5")).nepochs == 5


def test_help_shows_the_sentence_unit_and_own_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert stop.value.code == 0
    assert "--neighbor-count" in text
    assert "default: 24" in text


def test_the_command_line_starts_without_torch() -> None:
    code = "import sys; from ptychopinn.cli.main import build_parser; build_parser(); print('torch' in sys.modules)"
    root = Path(__file__).parents[2]
    out = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def test_simulate_and_check_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sim.npz"
    assert main(["simulate", str(path), "--n", "32", "--positions", "50", "--photons", "1e5", "--json"]) == 0
    written = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert written["ok"] and written["shape"] == [50, 32, 32]
    assert main(["check", str(path), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])["summary"]
    assert summary["n_patterns"] == 50
    assert summary["mean_counts"] == pytest.approx(1e5, rel=0.02)


def test_check_names_the_problems_and_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.npz"
    arrays = simulate_scan(n=16, positions=30)
    np.savez(path, **{**arrays, "diff3d": arrays["diff3d"][:, :, :12]})
    assert main(["check", str(path)]) == 2
    out = capsys.readouterr().out
    assert "broken.npz" in out
    assert "diff3d" in out
    assert "(30, 16, 12)" in out


def test_check_writes_a_fixed_copy(tmp_path: Path, scan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arrays = dict(np.load(scan))
    arrays["diff3d"][3, 5, 5] = np.nan
    bad, good = tmp_path / "bad.npz", tmp_path / "good.npz"
    np.savez(bad, **arrays)
    assert main(["check", str(bad)]) == 2
    assert main(["check", str(bad), "--fix", str(good)]) == 0
    assert np.isfinite(np.load(good)["diff3d"]).all()


@pytest.mark.parametrize("name", ["absent.npz", "text.npz"])
def test_a_bad_file_is_reported_in_one_sentence_with_exit_code_2(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.npz").write_text("not a zip")
    output = tmp_path / "run"
    assert main(["train", str(tmp_path / name), "--output", str(output), "--json"]) == 2
    captured = capsys.readouterr()
    assert name in captured.err
    assert "Traceback" not in captured.err
    error = json.loads(captured.out.splitlines()[-1])
    assert error["ok"] is False and name in error["error"]["message"]
    assert not output.exists()


def test_a_wrong_setting_is_named_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "absent.npz", "--learning-rate", "-1"]) == 2
    assert "learning_rate" in capsys.readouterr().err


def test_an_unknown_flag_is_a_usage_error() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["train", "scan.npz", "--colour", "red"])
    assert stop.value.code == 2


def test_a_missing_backend_is_reported_in_one_sentence(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ptychopinn.backends.registry._is_installed", lambda module: module != "tensorflow")
    code = main(["train", str(scan), "--backend", "tensorflow", "--gridsize", "1", "--output", str(tmp_path / "r")])
    assert code == 2
    assert 'pip install "tensorflow' in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_flags_of_the_other_backend_are_refused_by_name(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["train", str(scan), "--backend", "tensorflow", "--num-workers", "2", "--output", str(tmp_path / "r")])
    assert code == 2
    assert "--num-workers" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_train_passes_on_its_flags(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: dict = {}

    def fake(file: Path, output: Path, config: object, execution: object, **more: object) -> TrainResult:
        seen.update(file=file, output=output, config=config, execution=execution, **more)
        return TrainResult(output, output / "wts.h5.zip", {"loss": (1.0, 0.5), "val_loss": ()}, 2, 2, 3.0, False)

    monkeypatch.setattr("ptychopinn.workflow.train.train", fake)
    flags = ["--n-groups", "8", "--fix", "--learning-rate", "1e-4", "--output", str(tmp_path / "o"), "--json"]
    assert main(["train", str(scan), *flags]) == 0
    assert seen["config"].chosen_groups == 8
    assert seen["execution"].learning_rate == 1e-4
    assert "non_finite" in seen["fixes"]
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["result"]["history"]["loss"] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DataError("found", "expected", "mend"), 2),
        (BackendError("no"), 2),
        (RuntimeError("odd"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_codes_match_the_outcome(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise error

    monkeypatch.setattr("ptychopinn.workflow.train.train", fail)
    assert main(["train", "scan.npz", "--output", "unused"]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_negative_number_of_sweeps_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reconstruct", "model", "scan.npz", "--refine", "-1"]) == 2
    assert "--refine" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--no-positions-provided"], "positions_provided is False"),
        (["--persistent-workers"], "num_workers"),
        (["--prefetch-factor", "2"], "num_workers"),
        (["--backend", "tensorflow", "--devices", "2"], "--devices has no effect"),
    ],
)
def test_an_option_without_effect_is_refused(
    flags: list[str], word: str, scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main(["train", str(scan), "--output", str(run), "--epochs", "1", "--gridsize", "2", *flags]) == 2
    assert word in capsys.readouterr().err
    assert not (run / "wts.h5.zip").exists()


def test_one_epoch_is_in_the_singular(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = TrainResult(tmp_path, tmp_path / "wts.h5.zip", {"loss": (1.0,), "val_loss": ()}, 1, 1, 3.0, False)
    monkeypatch.setattr("ptychopinn.workflow.train.train", lambda *args, **more: result)
    assert main(["train", str(scan), "--output", str(tmp_path)]) == 0
    assert "Trained. 1 epoch in 3 s" in capsys.readouterr().out


def test_the_command_line_starts_without_numpy() -> None:
    code = "import sys; from ptychopinn.cli.main import build_parser; build_parser(); print('numpy' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
