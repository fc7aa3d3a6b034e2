"""From flags to an execution configuration (API specification, sections 4.7, 4.9, 7), by the historic names."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ptycho.config.config import PyTorchExecutionConfig
from ptycho_torch.cli.shared import build_execution_config_from_args, resolve_accelerator, validate_paths


def flags(**values: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"accelerator": "cpu", **values})


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Says whether PyTorch sees a CUDA device."""

    def set_presence(present: bool) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: present)

    return set_presence


@pytest.mark.parametrize("accelerator", ["cpu", "gpu", "cuda", "tpu", "mps"])
def test_an_explicit_accelerator_passes_through_without_a_warning(accelerator: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert resolve_accelerator(accelerator) == accelerator
        assert resolve_accelerator(flags(accelerator=accelerator, device=None)) == accelerator


@pytest.mark.parametrize(("device", "accelerator"), [("cpu", "cpu"), ("cuda", "gpu")])
def test_the_deprecated_device_is_mapped_with_a_warning(device: str, accelerator: str) -> None:
    with pytest.warns(DeprecationWarning, match="--device is deprecated.*--accelerator") as caught:
        assert resolve_accelerator("auto", device) == accelerator
    assert len(caught) == 1
    assert "Ignoring" not in str(caught[0].message)


@pytest.mark.parametrize(("accelerator", "device"), [("cpu", "cuda"), ("gpu", "cpu"), ("mps", "cuda")])
def test_an_explicit_accelerator_beats_the_device(accelerator: str, device: str) -> None:
    with pytest.warns(DeprecationWarning, match="Ignoring --device value") as caught:
        assert resolve_accelerator(flags(accelerator=accelerator, device=device)) == accelerator
    assert "--accelerator" in str(caught[0].message)


@pytest.mark.parametrize(("accelerator", "device"), [("cpu", "cpu"), ("gpu", "cuda"), ("cuda", "cuda")])
def test_flags_that_agree_are_no_conflict(accelerator: str, device: str) -> None:
    with pytest.warns(DeprecationWarning, match="--device is deprecated") as caught:
        assert resolve_accelerator(accelerator, device) == accelerator
    assert "Ignoring" not in str(caught[0].message)


def test_auto_takes_a_cuda_device_where_there_is_one(cuda: Callable[[bool], None]) -> None:
    cuda(True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert resolve_accelerator() == "cuda"
        assert resolve_accelerator(argparse.Namespace()) == "cuda"


def test_auto_without_a_cuda_device_takes_the_cpu_and_says_so(cuda: Callable[[bool], None]) -> None:
    cuda(False)
    with pytest.warns(UserWarning, match="POLICY-001"):
        assert resolve_accelerator("auto") == "cpu"


@pytest.mark.parametrize(
    ("flag", "value", "field"),
    [
        ("accelerator", "gpu", "accelerator"),
        ("num_workers", 3, "num_workers"),
        ("deterministic", False, "deterministic"),
        ("learning_rate", 5e-4, "learning_rate"),
        ("scheduler", "MultiStage", "scheduler"),
        ("accumulate_grad_batches", 4, "accum_steps"),
        ("enable_checkpointing", False, "enable_checkpointing"),
        ("checkpoint_save_top_k", -1, "checkpoint_save_top_k"),
        ("checkpoint_monitor_metric", "train_loss", "checkpoint_monitor_metric"),
        ("checkpoint_mode", "max", "checkpoint_mode"),
        ("early_stop_patience", 7, "early_stop_patience"),
        ("logger_backend", "csv", "logger_backend"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*performance degradation")
def test_a_training_flag_reaches_its_field(flag: str, value: Any, field: str) -> None:
    made = build_execution_config_from_args(flags(**{flag: value}), "training")
    assert made == PyTorchExecutionConfig(**{"enable_progress_bar": True, field: value})


@pytest.mark.parametrize(("flag", "value"), [("num_workers", 3), ("inference_batch_size", 8), ("accelerator", "gpu")])
def test_an_inference_flag_reaches_its_field(flag: str, value: Any) -> None:
    made = build_execution_config_from_args(flags(**{flag: value}), "inference")
    assert made == PyTorchExecutionConfig(**{"enable_progress_bar": True, flag: value})


@pytest.mark.parametrize("mode", ["training", "inference"])
def test_quiet_hides_the_progress_bar(mode: str) -> None:
    for quiet in (True, False):
        assert build_execution_config_from_args(flags(quiet=quiet), mode).enable_progress_bar is not quiet


def test_an_unknown_mode_is_named() -> None:
    with pytest.raises(ValueError, match="Invalid mode: testing"):
        build_execution_config_from_args(flags(), "testing")


def test_absent_flags_keep_the_defaults_of_the_command_line(cuda: Callable[[bool], None]) -> None:
    cuda(True)
    made = build_execution_config_from_args(argparse.Namespace())
    assert made == PyTorchExecutionConfig(accelerator="cuda", enable_progress_bar=True)


def test_the_deprecated_device_warns_while_the_configuration_is_built() -> None:
    with pytest.warns(DeprecationWarning, match="--device is deprecated"):
        made = build_execution_config_from_args(flags(accelerator="auto", device="cuda"), "inference")
    assert made.accelerator == "gpu"


@pytest.mark.parametrize(
    ("flag", "value", "field"),
    [
        ("num_workers", -1, "num_workers"),
        ("learning_rate", 0.0, "learning_rate"),
        ("accumulate_grad_batches", 0, "accum_steps"),
        ("scheduler", "Sometimes", "scheduler"),
        ("logger_backend", "paper", "logger_backend"),
        ("accelerator", "abacus", "accelerator"),
        ("early_stop_patience", 0, "early_stop_patience"),
    ],
)
def test_an_invalid_value_is_refused_by_its_field(flag: str, value: Any, field: str) -> None:
    with pytest.raises(ValueError, match=field):
        build_execution_config_from_args(flags(**{flag: value}), "training")


def test_the_deprecated_mlflow_switch_turns_logging_off_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="--logger none") as caught:
        made = build_execution_config_from_args(flags(disable_mlflow=True, logger_backend="mlflow", quiet=False))
    assert "--quiet" in str(caught[0].message)
    assert (made.logger_backend, made.enable_progress_bar) == ("none", False)


def test_the_word_none_is_kept_and_an_unset_logger_is_mlflow() -> None:
    assert build_execution_config_from_args(flags(logger_backend="none")).logger_backend == "none"
    assert build_execution_config_from_args(flags(logger_backend=None)).logger_backend == "mlflow"


def test_deterministic_training_with_loader_processes_warns_about_speed() -> None:
    with pytest.warns(UserWarning, match="performance degradation"):
        build_execution_config_from_args(flags(deterministic=True, num_workers=2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build_execution_config_from_args(flags(deterministic=False, num_workers=2))
        build_execution_config_from_args(flags(deterministic=True, num_workers=0))


def test_the_output_folder_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    validate_paths(None, None, folder)
    validate_paths(None, None, str(folder))
    assert folder.is_dir()


def test_a_missing_file_is_named_and_no_folder_is_made(tmp_path: Path) -> None:
    present = tmp_path / "here.npz"
    present.touch()
    with pytest.raises(FileNotFoundError, match=r"Training data file not found.*gone\.npz"):
        validate_paths(tmp_path / "gone.npz", present, tmp_path / "out")
    with pytest.raises(FileNotFoundError, match=r"Test data file not found.*gone\.npz"):
        validate_paths(str(present), tmp_path / "gone.npz", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    validate_paths(present, None, tmp_path / "out")


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(ValueError, match="out"):
        validate_paths(None, None, tmp_path / "out")
    with pytest.raises(FileNotFoundError, match="is a folder"):
        validate_paths(tmp_path, None, tmp_path / "other")
