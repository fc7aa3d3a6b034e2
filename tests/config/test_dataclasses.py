"""The four configuration dataclasses: defaults of the contract, words for the user, copies and aliases."""

from __future__ import annotations

import copy
import pickle
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.field import choices, describe
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig

ALL = (ModelConfig, TrainingConfig, InferenceConfig, PyTorchExecutionConfig)

MODEL_DEFAULTS = {
    "N": 64,
    "gridsize": 1,
    "n_filters_scale": 2,
    "model_type": "pinn",
    "amp_activation": "sigmoid",
    "object_big": True,
    "probe_big": True,
    "probe_mask": False,
    "pad_object": True,
    "probe_scale": 4.0,
    "gaussian_smoothing_sigma": 0.0,
}
TRAINING_DEFAULTS = {
    "train_data_file": None,
    "test_data_file": None,
    "batch_size": 16,
    "nepochs": 50,
    "mae_weight": 0.0,
    "nll_weight": 1.0,
    "realspace_mae_weight": 0.0,
    "realspace_weight": 0.0,
    "nphotons": 1e9,
    "n_groups": 512,
    "n_images": None,
    "n_subsample": None,
    "subsample_seed": None,
    "neighbor_count": 4,
    "enable_oversampling": False,
    "neighbor_pool_size": None,
    "positions_provided": True,
    "probe_trainable": False,
    "intensity_scale_trainable": True,
    "output_dir": Path("training_outputs"),
    "sequential_sampling": False,
    "backend": "tensorflow",
    "torch_loss_mode": "poisson",
}
INFERENCE_DEFAULTS = {
    "n_groups": None,
    "n_images": None,
    "n_subsample": None,
    "subsample_seed": None,
    "neighbor_count": 4,
    "enable_oversampling": False,
    "neighbor_pool_size": None,
    "debug": False,
    "output_dir": Path("inference_outputs"),
    "backend": "tensorflow",
}
EXECUTION_DEFAULTS = {
    "accelerator": "cpu",
    "strategy": "auto",
    "deterministic": True,
    "gradient_clip_val": None,
    "accum_steps": 1,
    "num_workers": 0,
    "pin_memory": False,
    "persistent_workers": False,
    "prefetch_factor": None,
    "learning_rate": 1e-3,
    "scheduler": "Default",
    "enable_progress_bar": False,
    "enable_checkpointing": True,
    "checkpoint_save_top_k": 1,
    "checkpoint_monitor_metric": "val_loss",
    "checkpoint_mode": "min",
    "early_stop_patience": 100,
    "logger_backend": "mlflow",
    "inference_batch_size": None,
    "middle_trim": 0,
    "pad_eval": False,
}


def inference(**values: object) -> InferenceConfig:
    return InferenceConfig(ModelConfig(), Path("model"), Path("scan.npz"), **values)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (ModelConfig(), MODEL_DEFAULTS),
        (TrainingConfig(ModelConfig()), TRAINING_DEFAULTS),
        (inference(), INFERENCE_DEFAULTS),
        (PyTorchExecutionConfig(), EXECUTION_DEFAULTS),
    ],
    ids=lambda value: type(value).__name__,
)
def test_defaults_are_those_of_the_contract_in_value_and_type(config: object, expected: dict) -> None:
    for name, value in expected.items():
        found = getattr(config, name)
        assert found == value
        assert type(found) is type(value), name


def test_a_model_is_required_for_training() -> None:
    with pytest.raises(TypeError):
        TrainingConfig()


def test_an_unknown_keyword_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="colour"):
        ModelConfig(colour="red")


@pytest.mark.parametrize("config", [ModelConfig(N=0), TrainingConfig(ModelConfig()), inference()])
def test_a_configuration_is_equal_after_pickling_and_can_be_changed(config: object) -> None:
    other = pickle.loads(pickle.dumps(config))
    assert other == config
    name = "N" if isinstance(config, ModelConfig) else "backend"
    setattr(other, name, 128 if name == "N" else "pytorch")
    assert other != config


def test_n_images_warns_and_becomes_n_groups() -> None:
    with pytest.warns(DeprecationWarning, match="n_groups"):
        config = TrainingConfig(ModelConfig(), n_images=7)
    assert (config.n_groups, config.n_images) == (7, 7)


def copies(config: TrainingConfig) -> dict[str, TrainingConfig]:
    return {
        "replace": replace(config, seed=3),
        "asdict": TrainingConfig(config.model, **{k: v for k, v in asdict(config).items() if k != "model"}),
        "pickle": pickle.loads(pickle.dumps(config)),
        "deepcopy": copy.deepcopy(config),
        "replaced after pickling": replace(pickle.loads(pickle.dumps(config)), seed=3),
    }


def test_an_unset_number_of_groups_stays_unset_in_every_copy() -> None:
    for how, config in copies(TrainingConfig(ModelConfig())).items():
        assert (config.n_groups, config.chosen_groups) == (512, None), how
        assert type(config.n_groups) is int, how


@pytest.mark.parametrize("number", [511, 512, 513])
def test_a_set_number_of_groups_is_obeyed_in_every_copy(number: int) -> None:
    for how, config in copies(TrainingConfig(ModelConfig(), n_groups=number)).items():
        assert config.chosen_groups == number, how
    config = TrainingConfig(ModelConfig())
    assert replace(config, n_groups=number).chosen_groups == number
    config.n_groups = number
    assert config.chosen_groups == number
    with pytest.warns(DeprecationWarning):
        assert TrainingConfig(ModelConfig(), n_images=number).chosen_groups == number


def test_n_groups_wins_over_n_images() -> None:
    with pytest.warns(DeprecationWarning):
        assert inference(n_images=7, n_groups=3).n_groups == 3


@pytest.mark.parametrize("cls", ALL)
def test_every_shown_option_has_a_label_a_sentence_and_a_group(cls: type) -> None:
    for info in describe(cls):
        assert info.label and info.group
        assert info.help.endswith(".") and info.help[0] in "'ABCDEFGHIJKLMNOPQRSTUVWXYZ", info.name


@pytest.mark.parametrize("cls", ALL)
def test_defaults_of_shown_options_are_in_range(cls: type) -> None:
    for info in describe(cls):
        if info.choices is not None and info.default is not None:
            assert info.default in info.choices
        if isinstance(info.default, (int, float)) and not isinstance(info.default, bool):
            assert info.minimum is None or info.default >= info.minimum
            assert info.maximum is None or info.default <= info.maximum


def test_choices_come_from_the_literal() -> None:
    assert choices(ModelConfig, "model_type") == ("pinn", "supervised")
    assert choices(ModelConfig, "N") is None


def test_optional_is_read_from_the_type() -> None:
    by_name = {info.name: info for info in describe(TrainingConfig)}
    assert by_name["n_groups"].optional and by_name["n_groups"].type is int
    assert by_name["train_data_file"].type is Path
    assert not by_name["batch_size"].optional


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_workers", -1),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("accum_steps", 0),
        ("early_stop_patience", 0),
        ("checkpoint_mode", "median"),
        ("inference_batch_size", 0),
        ("accelerator", "abacus"),
        ("scheduler", "Cosine"),
        ("logger_backend", "paper"),
        ("checkpoint_save_top_k", -2),
    ],
)
def test_an_execution_value_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        PyTorchExecutionConfig(**{name: value})


@pytest.mark.parametrize("value", ["auto", "cpu", "gpu", "cuda", "tpu", "mps"])
def test_every_accelerator_of_the_specification_is_accepted(value: str) -> None:
    assert PyTorchExecutionConfig(accelerator=value).accelerator == value


def test_a_logger_may_be_unset_and_all_checkpoints_kept() -> None:
    config = PyTorchExecutionConfig(logger_backend=None, checkpoint_save_top_k=-1)
    assert (config.logger_backend, config.checkpoint_save_top_k) == (None, -1)


def test_constructing_changes_no_other_instance() -> None:
    first = TrainingConfig(ModelConfig())
    before = copy.deepcopy(asdict(first))
    TrainingConfig(ModelConfig(N=256), batch_size=4)
    assert asdict(first) == before
    assert {f.name for f in fields(first)} >= set(TRAINING_DEFAULTS)
