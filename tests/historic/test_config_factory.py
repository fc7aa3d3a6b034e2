"""Complete settings for a training or a reconstruction, by the historic names."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import ptycho.config.config as canonical
from ptycho.config.config import PyTorchExecutionConfig
from ptycho_torch.config_factory import (
    InferencePayload,
    TrainingPayload,
    create_inference_payload,
    create_training_payload,
    infer_probe_size,
    populate_legacy_params,
)
from ptycho_torch.config_params import DataConfig, InferenceConfig, ModelConfig, TrainingConfig

ScanFile = Callable[..., Path]
CARRIED = {
    "learning_rate": 3e-4,
    "accum_steps": 3,
    "num_workers": 2,
    "scheduler": "Exponential",
    "gradient_clip_val": 0.5,
}


@pytest.fixture(autouse=True)
def quiet_and_clean(legacy_cfg: dict[str, Any]) -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "test_data_file|POLICY-001")
        yield


@pytest.fixture
def payload(scan_file: ScanFile, tmp_path: Path) -> Callable[..., TrainingPayload]:
    """Makes a training payload; keywords are overrides."""

    def make(execution: PyTorchExecutionConfig | None = None, **overrides: Any) -> TrainingPayload:
        wanted = {"n_groups": 5, **overrides}
        return create_training_payload(scan_file(), tmp_path / "out", wanted, execution)

    return make


@pytest.fixture
def folder_with_archive(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "wts.h5.zip").write_bytes(b"nobody opens this")
    return folder


def test_a_training_payload_holds_all_settings(payload: Callable[..., TrainingPayload], tmp_path: Path) -> None:
    execution = PyTorchExecutionConfig(num_workers=1)
    made = payload(execution, gridsize=2, batch_size=4, max_epochs=7, nphotons=1e6, n_subsample=4, subsample_seed=3)
    tf, data, model, training = (
        made.tf_training_config,
        made.pt_data_config,
        made.pt_model_config,
        made.pt_training_config,
    )
    assert [type(part) for part in (tf, data, model, training, made.pt_inference_config)] == [
        canonical.TrainingConfig,
        DataConfig,
        ModelConfig,
        TrainingConfig,
        InferenceConfig,
    ]
    assert made.execution_config is execution
    assert (tf.n_groups, tf.batch_size, tf.nepochs, tf.nphotons, tf.backend) == (5, 4, 7, 1e6, "pytorch")
    assert (tf.n_subsample, tf.subsample_seed, tf.model.N, tf.model.gridsize) == (4, 3, 32, 2)
    assert (tf.train_data_file, tf.output_dir) == (tmp_path / "train.npz", tmp_path / "out")
    assert (data.N, data.grid_size, data.C, model.C_model, model.C_forward) == (32, (2, 2), 4, 4, 4)
    assert (training.epochs, training.batch_size, training.n_groups, data.nphotons) == (7, 4, 5, 1e6)
    assert (training.train_data_file, training.output_dir) == (str(tmp_path / "train.npz"), str(tmp_path / "out"))


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("max_epochs", 9, lambda made: (made.pt_training_config.epochs, made.tf_training_config.nepochs)),
        ("epochs", 9, lambda made: (made.pt_training_config.epochs, made.tf_training_config.nepochs)),
        ("nepochs", 9, lambda made: (made.pt_training_config.epochs, made.tf_training_config.nepochs)),
        ("K", 9, lambda made: (made.pt_data_config.K, made.tf_training_config.neighbor_count)),
        ("neighbor_count", 9, lambda made: (made.pt_data_config.K, made.tf_training_config.neighbor_count)),
        ("N", 48, lambda made: (made.pt_data_config.N, made.tf_training_config.model.N)),
        ("nphotons", 1e5, lambda made: (made.pt_data_config.nphotons, made.tf_training_config.nphotons)),
    ],
)
def test_an_override_reaches_both_kinds_of_settings(
    payload: Callable[..., TrainingPayload], name: str, value: Any, read: Callable[[TrainingPayload], Any]
) -> None:
    made = payload(**{name: value})
    assert read(made) == (value, value)
    assert made.overrides_applied[name] == value


@pytest.mark.parametrize("word", ["supervised", "Supervised"])
def test_either_spelling_of_supervised_brings_the_absolute_loss(
    payload: Callable[..., TrainingPayload], word: str
) -> None:
    made = payload(model_type=word)
    assert (made.pt_model_config.mode, made.tf_training_config.model.model_type) == ("Supervised", "supervised")
    assert (made.pt_training_config.torch_loss_mode, made.pt_model_config.loss_function) == ("mae", "MAE")


def test_two_spellings_that_disagree_are_refused(payload: Callable[..., TrainingPayload]) -> None:
    assert payload(max_epochs=4, epochs=4).pt_training_config.epochs == 4
    with pytest.raises(ValueError, match="max_epochs"):
        payload(max_epochs=4, epochs=5)


def test_an_override_of_none_is_no_override(payload: Callable[..., TrainingPayload]) -> None:
    made = payload(N=None, test_data_file=None, max_epochs=None)
    assert (made.pt_data_config.N, made.pt_training_config.epochs) == (32, TrainingConfig().epochs)
    assert "N" not in made.overrides_applied


def test_the_neighbours_suffice_for_a_large_grid(payload: Callable[..., TrainingPayload]) -> None:
    assert payload(gridsize=3).tf_training_config.neighbor_count == 9


def test_the_legacy_dictionary_is_filled_without_execution_settings(
    payload: Callable[..., TrainingPayload], legacy_cfg: dict[str, Any], tmp_path: Path
) -> None:
    before = set(legacy_cfg)
    payload(PyTorchExecutionConfig(**CARRIED), gridsize=2, max_epochs=11)
    assert (legacy_cfg["N"], legacy_cfg["gridsize"], legacy_cfg["nepochs"]) == (32, 2, 11)
    assert legacy_cfg["train_data_file_path"] == str(tmp_path / "train.npz")
    assert not (set(legacy_cfg) - before) & set(vars(PyTorchExecutionConfig()))


def test_a_refused_payload_leaves_the_legacy_dictionary_alone(
    payload: Callable[..., TrainingPayload], legacy_cfg: dict[str, Any]
) -> None:
    before = dict(legacy_cfg)
    with pytest.raises(ValueError, match="batch_size"):
        payload(batch_size=0)
    assert legacy_cfg == before


def test_force_also_removes_values_that_are_unset_now(legacy_cfg: dict[str, Any]) -> None:
    legacy_cfg["n_subsample"] = 77
    config = canonical.TrainingConfig(model=canonical.ModelConfig(N=96))
    populate_legacy_params(config)
    assert (legacy_cfg["N"], legacy_cfg["n_subsample"]) == (96, 77)
    populate_legacy_params(config, force=True)
    assert "n_subsample" not in legacy_cfg


def test_the_execution_configuration_beats_the_defaults(payload: Callable[..., TrainingPayload]) -> None:
    made = payload(PyTorchExecutionConfig(**CARRIED))
    for name, value in CARRIED.items():
        assert getattr(made.pt_training_config, name) == value != getattr(TrainingConfig(), name)
        assert made.overrides_applied[name] == value


def test_explicit_overrides_beat_the_execution_configuration(payload: Callable[..., TrainingPayload]) -> None:
    explicit = {
        "learning_rate": 7e-5,
        "accum_steps": 5,
        "num_workers": 1,
        "scheduler": "Adaptive",
        "gradient_clip_val": None,
    }
    given = PyTorchExecutionConfig(**CARRIED)
    made = payload(given, **explicit)
    for name, value in explicit.items():
        assert getattr(made.pt_training_config, name) == value
        assert getattr(made.execution_config, name) == value
        assert made.overrides_applied[name] == value
    assert given == PyTorchExecutionConfig(**CARRIED), "the caller's object was changed"


def test_a_schedule_of_the_torch_settings_only_is_kept(payload: Callable[..., TrainingPayload]) -> None:
    made = payload(PyTorchExecutionConfig(), scheduler="Cosine", strategy=None)
    assert (made.pt_training_config.scheduler, made.pt_training_config.strategy) == ("Cosine", None)
    assert made.overrides_applied["scheduler"] == "Cosine"


def test_defaults_apply_last(payload: Callable[..., TrainingPayload]) -> None:
    made, defaults = payload(), TrainingConfig()
    for name in ("epochs", "batch_size", "learning_rate", "accum_steps", "scheduler", "gradient_clip_val"):
        assert getattr(made.pt_training_config, name) == getattr(defaults, name)
    assert made.pt_data_config == DataConfig(N=32, grid_size=(1, 1), C=1, nphotons=1e9)
    assert made.pt_model_config == ModelConfig(C_model=1, C_forward=1)
    assert made.pt_inference_config == InferenceConfig()
    assert made.tf_training_config.nphotons == 1e9


def test_without_an_execution_configuration_a_gpu_is_used_where_there_is_one(
    payload: Callable[..., TrainingPayload], monkeypatch: pytest.MonkeyPatch
) -> None:
    for present, name in [(True, "cuda"), (False, "cpu")]:
        monkeypatch.setattr(torch.cuda, "is_available", lambda present=present: present)
        made = payload()
        assert made.execution_config == PyTorchExecutionConfig(accelerator=name)
        assert made.overrides_applied["accelerator"] == name


def test_what_was_applied_is_recorded_and_logged(
    payload: Callable[..., TrainingPayload], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "ptychopinn"):
        made = payload(PyTorchExecutionConfig(learning_rate=2e-4), max_epochs=3, gridsize=2)
    assert made.overrides_applied.items() >= {"n_groups": 5, "max_epochs": 3, "gridsize": 2}.items()
    assert set(made.overrides_applied) >= set(vars(PyTorchExecutionConfig()))
    (record,) = [r for r in caplog.records if r.levelno == logging.INFO and "applied" in r.getMessage()]
    assert all(name in record.getMessage() for name in made.overrides_applied)
    assert "learning_rate=0.0002" in record.getMessage()


def test_the_number_of_groups_is_required(scan_file: ScanFile, tmp_path: Path) -> None:
    for overrides in (None, {}, {"n_groups": None}):
        with pytest.raises(ValueError, match="n_groups is required"):
            create_training_payload(scan_file(), tmp_path, overrides)


def test_a_missing_scan_file_is_named(scan_file: ScanFile, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"Training data file not found.*gone\.npz"):
        create_training_payload(tmp_path / "gone.npz", tmp_path, {"n_groups": 5})
    with pytest.raises(FileNotFoundError, match=r"Test data file not found.*gone\.npz"):
        create_training_payload(scan_file(), tmp_path, {"n_groups": 5, "test_data_file": str(tmp_path / "gone.npz")})


def test_a_test_file_reaches_the_settings(payload: Callable[..., TrainingPayload], scan_file: ScanFile) -> None:
    file = scan_file("test.npz")
    made = payload(test_data_file=str(file))
    assert made.tf_training_config.test_data_file == file
    assert made.pt_training_config.test_data_file == str(file)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_groups", 0),
        ("n_groups", -3),
        ("gridsize", 0),
        ("gridsize", -1),
        ("gridsize", 1.5),
        ("gridsize", "2"),
        ("batch_size", 0),
        ("batch_size", 6),
        ("N", -64),
        ("N", 0),
        ("nphotons", 0.0),
        ("learning_rate", 0.0),
    ],
)
def test_an_invalid_size_is_refused_by_name(payload: Callable[..., TrainingPayload], name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        payload(**{name: value})


def test_an_unknown_override_is_refused_by_name(payload: Callable[..., TrainingPayload]) -> None:
    with pytest.raises(ValueError, match="max_epoch'"):
        payload(max_epoch=3)


@pytest.mark.parametrize("shape", [(48, 48), (3, 48, 48), (1, 48, 48)])
def test_the_pattern_size_is_the_last_axis_of_the_probe(
    scan_file: ScanFile, tmp_path: Path, shape: tuple[int, ...]
) -> None:
    file = scan_file(probe_shape=shape)
    assert infer_probe_size(file) == infer_probe_size(str(file)) == 48
    made = create_training_payload(file, tmp_path, {"n_groups": 5})
    assert (made.pt_data_config.N, made.tf_training_config.model.N) == (48, 48)


def test_without_a_probe_the_pattern_size_is_64_and_that_is_said(
    scan_file: ScanFile, caplog: pytest.LogCaptureFixture
) -> None:
    assert infer_probe_size(scan_file(probe_shape=None)) == 64
    assert "no probeGuess" in caplog.text


@pytest.mark.parametrize(("word", "expected"), [(None, "mlflow"), ("none", "none"), ("csv", "csv")])
def test_an_unset_logger_becomes_mlflow(
    payload: Callable[..., TrainingPayload], word: Any, expected: str, folder_with_archive: Path, scan_file: ScanFile
) -> None:
    given = PyTorchExecutionConfig(logger_backend=word)
    predict = create_inference_payload(folder_with_archive, scan_file(), "out", {"n_groups": 5}, given)
    for made in (payload(given), predict):
        assert made.execution_config.logger_backend == expected
        assert made.overrides_applied["logger_backend"] == expected
    assert given.logger_backend == word


def test_an_inference_payload_holds_all_settings(
    folder_with_archive: Path, scan_file: ScanFile, tmp_path: Path, legacy_cfg: dict[str, Any]
) -> None:
    execution = PyTorchExecutionConfig(inference_batch_size=12)
    made = create_inference_payload(
        folder_with_archive, scan_file(), tmp_path / "out", {"n_groups": 4, "gridsize": 2, "window": 9}, execution
    )
    tf = made.tf_inference_config
    assert type(made) is InferencePayload
    assert (tf.model_path, tf.test_data_file) == (folder_with_archive, tmp_path / "train.npz")
    assert (tf.output_dir, tf.n_groups, tf.model.N, tf.model.gridsize) == (tmp_path / "out", 4, 32, 2)
    assert (tf.backend, made.execution_config) == ("pytorch", execution)
    assert made.pt_data_config.grid_size == (2, 2)
    assert (made.pt_inference_config.batch_size, made.pt_inference_config.window) == (12, 9)
    assert made.overrides_applied.items() >= {"n_groups": 4, "window": 9, "inference_batch_size": 12}.items()
    assert (legacy_cfg["gridsize"], legacy_cfg["model_path"]) == (2, str(folder_with_archive))


def test_an_explicit_batch_size_beats_the_execution_configuration(
    folder_with_archive: Path, scan_file: ScanFile
) -> None:
    execution = PyTorchExecutionConfig(inference_batch_size=12)
    made = create_inference_payload(
        folder_with_archive, scan_file(), "out", {"n_groups": 4, "batch_size": 3}, execution
    )
    assert made.pt_inference_config.batch_size == 3


@pytest.mark.parametrize("form", ["folder", "file", "renamed", "unpacked"])
def test_every_form_of_an_archive_is_found_without_opening_it(
    folder_with_archive: Path, scan_file: ScanFile, form: str
) -> None:
    archive = folder_with_archive / "wts.h5.zip"
    path = folder_with_archive
    if form == "file":
        path = archive
    elif form == "renamed":
        path = archive.rename(folder_with_archive / "best model.zip")
    elif form == "unpacked":
        archive.rename(folder_with_archive / "manifest.dill")
    made = create_inference_payload(path, scan_file(), "out", {"n_groups": 5})
    assert made.tf_inference_config.model_path == path


@pytest.mark.parametrize("name", ["empty folder", "gone"])
def test_a_missing_archive_is_both_kinds_of_error(scan_file: ScanFile, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty folder").mkdir()
    with pytest.raises(FileNotFoundError, match="Model archive not found") as caught:
        create_inference_payload(tmp_path / name, scan_file(), "out", {"n_groups": 5})
    assert isinstance(caught.value, ValueError)
    assert "wts.h5.zip" in str(caught.value)
    assert name in str(caught.value)


def test_a_missing_test_file_is_named_before_a_missing_archive(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"Test data file not found.*gone\.npz"):
        create_inference_payload(tmp_path / "no model", tmp_path / "gone.npz", "out", {"n_groups": 5})


def test_an_inference_needs_the_number_of_groups(folder_with_archive: Path, scan_file: ScanFile) -> None:
    with pytest.raises(ValueError, match="n_groups is required"):
        create_inference_payload(folder_with_archive, scan_file(), "out")
