"""Problems are found all at once, and named by field."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.validation import (
    execution_problems,
    inference_problems,
    model_problems,
    own_training_problems,
    training_problems,
    validate_inference_config,
    validate_model_config,
    validate_training_config,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gridsize", 0),
        ("N", 0),
        ("n_filters_scale", -1),
        ("probe_scale", 0.0),
        ("gaussian_smoothing_sigma", -0.5),
        ("model_type", "oracle"),
        ("amp_activation", "tanh"),
        ("N", 63.5),
        ("gridsize", "two"),
    ],
)
def test_a_model_value_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        validate_model_config(ModelConfig(**{name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 12),
        ("batch_size", 0),
        ("nepochs", 0),
        ("mae_weight", 1.5),
        ("nll_weight", -0.1),
        ("nphotons", 0.0),
        ("max_minutes", 0.0),
        ("validation_fraction", 0.9),
        ("realspace_mae_weight", 0.5),
    ],
)
def test_a_training_value_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        validate_training_config(TrainingConfig(ModelConfig(), **{name: value}))


def test_the_nested_model_is_checked_too() -> None:
    with pytest.raises(ValueError, match="gridsize"):
        validate_training_config(TrainingConfig(ModelConfig(gridsize=0)))


def test_all_problems_are_found_at_once_with_their_remedies() -> None:
    problems = training_problems(TrainingConfig(ModelConfig(), batch_size=12, nepochs=-1))
    assert set(problems) == {"batch_size", "nepochs"}
    assert problems["batch_size"] == "batch_size is 12; expected a power of two. Set it to 8."


def test_sound_settings_have_no_problem() -> None:
    assert model_problems(ModelConfig()) == {}
    assert training_problems(TrainingConfig(ModelConfig())) == {}
    validate_training_config(TrainingConfig(ModelConfig()))


def test_weights_that_are_all_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="nll_weight"):
        validate_training_config(TrainingConfig(ModelConfig(), nll_weight=0.0))


def test_a_model_path_without_archive_is_refused(tmp_path: Path) -> None:
    config = InferenceConfig(ModelConfig(), tmp_path, tmp_path / "absent.npz")
    assert set(inference_problems(config)) == {"model_path"}
    with pytest.raises(ValueError, match=r"wts\.h5\.zip"):
        validate_inference_config(config)
    (tmp_path / "wts.h5.zip").write_bytes(b"anything")
    validate_inference_config(config)


@pytest.mark.parametrize("name", ["batch_size", "realspace_mae_weight", "realspace_weight", "nphotons"])
def test_text_in_place_of_a_number_is_refused_in_a_sentence(name: str) -> None:
    problems = training_problems(TrainingConfig(ModelConfig(), **{name: "1e-3"}))
    assert "a number" in problems[name]


def test_a_whole_float_is_accepted_as_an_integer() -> None:
    assert training_problems(TrainingConfig(ModelConfig(), batch_size=16.0)) == {}
    assert "batch_size" in training_problems(TrainingConfig(ModelConfig(), batch_size=12.0))


def test_only_our_own_entry_points_refuse_positions_that_are_not_measured() -> None:
    config = TrainingConfig(ModelConfig(), positions_provided=False)
    assert training_problems(config) == {}
    assert list(own_training_problems(config)) == ["positions_provided"]


@pytest.mark.parametrize(("name", "value"), [("persistent_workers", True), ("prefetch_factor", 2)])
def test_loader_settings_need_a_loader_process(name: str, value: object) -> None:
    assert list(execution_problems(PyTorchExecutionConfig(**{name: value}))) == [name]
    assert execution_problems(PyTorchExecutionConfig(num_workers=1, **{name: value})) == {}
