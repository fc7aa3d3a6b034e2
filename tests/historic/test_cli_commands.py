"""``python -m ptycho_torch.train`` and ``.inference`` (API specification, section 7)."""

from __future__ import annotations

import importlib
import logging
import runpy
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch_support import arrays

import ptycho_torch.cli.shared as shared
from ptychopinn.historic.cli import inference as torch_inference
from ptychopinn.historic.cli import train as torch_train

TRAIN_FLAGS = {
    "train_data_file": None,
    "test_data_file": None,
    "output_dir": None,
    "max_epochs": 100,
    "n_images": 512,
    "gridsize": 2,
    "batch_size": 16,
    "torch_loss_mode": "poisson",
    "accelerator": "auto",
    "deterministic": True,
    "enable_checkpointing": True,
    "num_workers": 0,
    "accumulate_grad_batches": 1,
    "early_stop_patience": 100,
    "checkpoint_save_top_k": 1,
    "learning_rate": 1e-3,
    "scheduler": "Default",
    "checkpoint_monitor_metric": "val_loss",
    "checkpoint_mode": "min",
    "logger_backend": "mlflow",
    "quiet": False,
    "device": None,
    "disable_mlflow": False,
}
INFERENCE_FLAGS = {
    "model_path": None,
    "test_data": None,
    "output_dir": None,
    "n_images": 32,
    "inference_batch_size": None,
    "accelerator": "auto",
    "num_workers": 0,
    "quiet": False,
    "device": None,
}


@pytest.fixture(autouse=True)
def _dictionary(legacy_cfg: dict[str, Any]) -> dict[str, Any]:
    return legacy_cfg


@pytest.fixture
def data(tmp_path: Path) -> Path:
    np.savez(tmp_path / "scan.npz", **arrays())
    return tmp_path / "scan.npz"


def call(monkeypatch: pytest.MonkeyPatch, name: str, *arguments: Any) -> None:
    """Run a command in this process, as ``python -m`` would."""
    monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*POLICY-001|.*evaluation has no sep", category=UserWarning)
        importlib.import_module(f"ptycho_torch.{name}").cli_main()


def train(monkeypatch: pytest.MonkeyPatch, data: Path, out: Path, *more: Any) -> None:
    small = ("--max_epochs", 1, "--n_images", 16, "--gridsize", 1, "--batch_size", 8, "--quiet")
    call(monkeypatch, "train", "--train_data_file", data, "--output_dir", out, *small, *more)


@pytest.mark.parametrize(("module", "expected"), [(torch_train, TRAIN_FLAGS), (torch_inference, INFERENCE_FLAGS)])
def test_the_flags_have_their_defaults(module: Any, expected: dict[str, Any]) -> None:
    parser = module.build_parser()
    assert {action.dest: action.default for action in parser._actions if action.dest != "help"} == expected


def test_training_then_inference_leave_their_files(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    train(monkeypatch, data, tmp_path / "run", "--logger", "csv", "--test_data_file", data, "--accelerator", "cpu")
    assert (tmp_path / "run" / "wts.h5.zip").is_file()
    assert list(tmp_path.glob("run/checkpoints/*.ckpt")) and list(tmp_path.glob("run/lightning_logs/*/metrics.csv"))
    files = ("--model_path", tmp_path / "run", "--test_data", data, "--output_dir", tmp_path / "images")
    call(monkeypatch, "inference", *files, "--quiet", "--inference-batch-size", 4)
    assert {path.name for path in (tmp_path / "images").iterdir()} == {
        "reconstructed_amplitude.png",
        "reconstructed_phase.png",
    }
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("flags", "groups"), [((), None), (("--n_images", 512), 512), (("--n_images", 9), 9)])
def test_a_training_takes_the_whole_scan_unless_a_number_is_typed(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple, groups: int | None
) -> None:
    configs: list[Any] = []
    path = "ptychopinn.historic.torch.components.run_cdi_example"
    monkeypatch.setattr(path, lambda train, test, config, **others: configs.append(config))
    files = ("--train_data_file", data, "--output_dir", tmp_path / "run")
    call(monkeypatch, "train", *files, *flags, "--quiet", "--accelerator", "cpu", "--logger", "none")
    assert configs[0].chosen_groups == groups


def test_every_checkpoint_is_kept_when_all_are_asked_for(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(monkeypatch, data, tmp_path / "run", "--checkpoint-save-top-k", -1, "--logger", "none", "--max_epochs", 3)
    assert len(list(tmp_path.glob("run/checkpoints/*.ckpt"))) == 3


@pytest.mark.parametrize("where", ["shared", "command"])
def test_the_flags_reach_the_execution_settings_through_the_shared_helper(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    class Enough(Exception):
        pass

    seen: list[Any] = []

    def spy(args: Any, mode: str = "training") -> Any:
        seen.append((mode, original(args, mode)))
        raise Enough

    original = shared.build_execution_config_from_args
    flags = ("--learning-rate", 0.01, "--scheduler", "Adaptive", "--no-deterministic", "--disable-checkpointing")
    flags += ("--accumulate-grad-batches", 3, "--checkpoint-monitor", "train_loss", "--checkpoint-mode", "max")
    flags += ("--early-stop-patience", 5, "--logger", "none", "--num-workers", 1, "--accelerator", "cpu")
    for name in ("train", "inference"):
        module = importlib.import_module(f"ptycho_torch.{name}")
        with monkeypatch.context() as patch:
            patch.setattr(shared if where == "shared" else module, "build_execution_config_from_args", spy)
            with pytest.raises(Enough):
                if name == "train":
                    train(patch, data, tmp_path / "run", *flags)
                else:
                    # Not there: the archive is looked for after the execution settings.
                    files = ("--model_path", tmp_path / "no", "--test_data", data, "--output_dir", tmp_path / "o")
                    call(patch, "inference", *files, "--inference-batch-size", 9, "--accelerator", "cpu")
    (_, made), (mode, inference) = seen
    assert (made.learning_rate, made.scheduler, made.deterministic, made.enable_checkpointing) == (
        0.01,
        "Adaptive",
        False,
        False,
    )
    assert (made.accum_steps, made.checkpoint_monitor_metric, made.checkpoint_mode) == (3, "train_loss", "max")
    assert (made.early_stop_patience, made.logger_backend, made.num_workers) == (5, "none", 1)
    assert made.accelerator == "cpu" and made.enable_progress_bar is False
    assert mode == "inference" and inference.inference_batch_size == 9


def test_deprecated_flags_warn_and_others_do_not(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.warns(DeprecationWarning) as found:
        train(monkeypatch, data, tmp_path / "run", "--device", "cpu", "--disable_mlflow")
    texts = [str(w.message) for w in found if "deprecated" in str(w.message)]
    assert any("--accelerator" in text for text in texts)
    assert any("--logger none" in text and "--quiet" in text for text in texts)
    assert not (tmp_path / "run" / "lightning_logs").exists()
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        train(monkeypatch, data, tmp_path / "other", "--logger", "none")
    assert not [w for w in found if issubclass(w.category, DeprecationWarning) and "--" in str(w.message)]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--learning-rate", -1), "learning_rate"),
        (("--num-workers", -1), "num_workers"),
        (("--batch_size", 12), "batch_size"),
    ],
)
def test_a_value_out_of_range_ends_with_the_fields_name(
    tmp_path: Path,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[Any, ...],
    word: str,
) -> None:
    with pytest.raises(SystemExit) as found:
        train(monkeypatch, data, tmp_path / "run", *arguments)
    assert found.value.code == 1 and word in capsys.readouterr().err


def test_an_unknown_choice_is_a_usage_error(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as found:
        train(monkeypatch, data, tmp_path / "run", "--scheduler", "Sine")
    assert found.value.code == 2 and "Sine" in capsys.readouterr().err


def test_missing_files_are_named_the_scan_before_the_archive(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        train(monkeypatch, tmp_path / "absent.npz", tmp_path / "run")
    assert "absent.npz" in capsys.readouterr().err
    files = ("--model_path", tmp_path / "no_model", "--output_dir", tmp_path / "o")
    for scan, word in ((tmp_path / "no_scan.npz", "no_scan.npz"), (data, "no_model")):
        with pytest.raises(SystemExit):
            call(monkeypatch, "inference", *files, "--test_data", scan)
        assert word in capsys.readouterr().err


@pytest.mark.parametrize("name", ["train", "inference"])
def test_it_runs_as_a_module(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    monkeypatch.delitem(sys.modules, f"ptycho_torch.{name}", raising=False)
    with pytest.raises(SystemExit) as found:
        runpy.run_module(f"ptycho_torch.{name}", run_name="__main__")
    assert found.value.code == 0 and "--accelerator" in capsys.readouterr().out


def test_deprecation_warnings_are_seen_on_a_terminal(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path), "PATH": ""}
    command = [sys.executable, "-m", "ptycho_torch.train", "--train_data_file", str(tmp_path / "no.npz")]
    (tmp_path / "no.npz").write_bytes(b"")
    command += ["--output_dir", str(tmp_path / "o"), "--device", "cpu"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode != 0
    assert "--device is deprecated" in done.stderr and "no.npz" in done.stderr


def test_an_error_is_told_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    np.savez(tmp_path / "bare.npz", **{key: value for key, value in arrays().items() if key != "ycoords"})
    with pytest.raises(SystemExit):
        train(monkeypatch, tmp_path / "bare.npz", tmp_path / "run", "--accelerator", "cpu")
    assert capsys.readouterr().err.count("bare.npz has no ycoords") == 1
    # Without a handler, records of the log are printed on standard error as well.
    assert "bare.npz has no ycoords" not in caplog.text


def test_the_modules_are_the_commands_themselves() -> None:
    assert importlib.import_module("ptycho_torch.train") is torch_train
    assert importlib.import_module("ptycho_torch.inference") is torch_inference
    assert logging.getLogger("ptychopinn-torch").level == logging.NOTSET
