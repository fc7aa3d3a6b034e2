"""From the torch settings to the configuration dataclasses (API specification, section 2.3), by the historic names."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import ptycho.config.config as canonical
from ptycho_torch.config_bridge import to_inference_config, to_model_config, to_training_config
from ptycho_torch.config_params import DataConfig, InferenceConfig, ModelConfig, TrainingConfig

FILES = {"train_data_file": Path("train.npz"), "test_data_file": Path("test.npz")}
PATHS = {"model_path": Path("wts.h5.zip"), "test_data_file": Path("test.npz")}


def training(
    data: DataConfig | None = None,
    pt_model: ModelConfig | None = None,
    settings: TrainingConfig | None = None,
    **overrides: Any,
) -> canonical.TrainingConfig:
    data, pt_model = data or DataConfig(nphotons=1e6), pt_model or ModelConfig()
    model = to_model_config(data, pt_model)
    wanted = {**FILES, "n_groups": 7, **overrides}
    return to_training_config(model, data, pt_model, settings or TrainingConfig(), wanted)


def inference(data: DataConfig | None = None, **overrides: Any) -> canonical.InferenceConfig:
    data = data or DataConfig()
    return to_inference_config(to_model_config(data, ModelConfig()), data, InferenceConfig(), {**PATHS, **overrides})


@given(st.integers(1, 9))
def test_a_square_grid_becomes_its_side(side: int) -> None:
    assert to_model_config(DataConfig(grid_size=(side, side)), ModelConfig()).gridsize == side


@pytest.mark.parametrize("grid_size", [(2, 3), (3, 1), (1.5, 1.5)])
def test_another_grid_is_refused(grid_size: Any) -> None:
    with pytest.raises(ValueError, match="Non-square grids"):
        to_model_config(DataConfig(grid_size=grid_size), ModelConfig())


@pytest.mark.parametrize(("mode", "model_type"), [("Unsupervised", "pinn"), ("Supervised", "supervised")])
def test_the_mode_becomes_the_model_type(mode: str, model_type: str) -> None:
    assert to_model_config(DataConfig(), ModelConfig(mode=mode)).model_type == model_type


def test_another_mode_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"Invalid mode.*Semi"):
        to_model_config(DataConfig(), ModelConfig(mode="Semi"))


@pytest.mark.parametrize(
    ("word", "activation"),
    [
        ("silu", "swish"),
        ("SiLU", "swish"),
        ("swish", "swish"),
        ("sigmoid", "sigmoid"),
        ("softplus", "softplus"),
        ("relu", "relu"),
    ],
)
def test_activation_names_are_normalised(word: str, activation: str) -> None:
    made = to_model_config(DataConfig(), ModelConfig(amp_activation=word))
    assert made.amp_activation == activation
    canonical.validate_model_config(made)


def test_another_activation_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"Unknown activation.*tanh"):
        to_model_config(DataConfig(), ModelConfig(amp_activation="tanh"))


def test_shared_model_fields_are_carried_over() -> None:
    data = DataConfig(N=96, probe_scale=2.5)
    model = ModelConfig(
        n_filters_scale=3, object_big=False, probe_big=False, pad_object=False, gaussian_smoothing_sigma=0.75
    )
    made = to_model_config(data, model)
    assert (made.N, made.probe_scale, made.n_filters_scale) == (96, 2.5, 3)
    assert (made.object_big, made.probe_big, made.pad_object) == (False, False, False)
    assert made.gaussian_smoothing_sigma == 0.75


@pytest.mark.parametrize(
    ("mask", "expected"), [(None, False), (torch.zeros(4, 4), True), (True, True), (False, False)], ids=str
)
def test_a_mask_becomes_a_switch(mask: Any, expected: bool) -> None:
    assert to_model_config(DataConfig(), ModelConfig(probe_mask=mask)).probe_mask is expected


def test_model_overrides_win() -> None:
    wanted = {"N": 256, "gridsize": 1, "model_type": "pinn", "amp_activation": "relu", "probe_mask": True}
    made = to_model_config(
        DataConfig(grid_size=(2, 3)), ModelConfig(mode="Supervised", amp_activation="tanh"), overrides=wanted
    )
    assert {name: getattr(made, name) for name in wanted} == wanted


@pytest.mark.parametrize("call", ["model", "training", "inference"])
def test_an_unknown_override_is_refused_by_name(call: str) -> None:
    with pytest.raises((TypeError, ValueError), match="grid_sise"):
        if call == "model":
            to_model_config(DataConfig(), ModelConfig(), {"grid_sise": 2})
        elif call == "training":
            training(grid_sise=2)
        else:
            inference(grid_sise=2)


def test_training_fields_are_carried_over() -> None:
    made = training(
        DataConfig(nphotons=1e6, K=11, subsample_seed=5, n_subsample=3),
        ModelConfig(intensity_scale_trainable=True),
        TrainingConfig(epochs=13, batch_size=4, output_dir="some/where", torch_loss_mode="mae"),
    )
    assert (made.nepochs, made.batch_size, made.neighbor_count, made.nphotons) == (13, 4, 11, 1e6)
    assert (made.subsample_seed, made.intensity_scale_trainable) == (5, True)
    assert (made.output_dir, made.torch_loss_mode, made.backend) == (Path("some/where"), "mae", "pytorch")
    assert made.n_subsample is None, "the torch setting of this name counts something else"


@pytest.mark.parametrize(("nll", "weight"), [(True, 1.0), (False, 0.0)])
def test_the_likelihood_switch_becomes_a_weight(nll: bool, weight: float) -> None:
    made = training(settings=TrainingConfig(nll=nll)).nll_weight
    assert (made, type(made)) == (weight, float)


def test_fixed_training_values() -> None:
    made = training()
    assert (made.mae_weight, made.realspace_weight, made.realspace_mae_weight) == (0.0, 0.0, 0.0)
    assert (made.positions_provided, made.probe_trainable, made.sequential_sampling) == (True, False, False)


@pytest.mark.parametrize(
    ("name", "words"), [("train_data_file", "train_data_file is required"), ("n_groups", "n_groups=.*")]
)
def test_a_missing_required_training_value_is_named(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        training(**{name: None})
    assert name in str(caught.value)
    assert "overrides" in str(caught.value)


def test_required_training_values_may_come_from_the_torch_settings() -> None:
    data, model = DataConfig(nphotons=1e6), ModelConfig()
    settings = TrainingConfig(train_data_file="a.npz", test_data_file="b.npz", n_groups=9)
    made = to_training_config(to_model_config(data, model), data, model, settings)
    assert (made.train_data_file, made.test_data_file, made.n_groups) == (Path("a.npz"), Path("b.npz"), 9)


def test_the_default_number_of_photons_is_refused() -> None:
    with pytest.raises(ValueError, match="nphotons default divergence") as caught:
        training(DataConfig())
    assert "overrides" in str(caught.value)
    assert "nphotons=" in str(caught.value)


def test_an_overridden_number_of_photons_is_taken_whatever_it_is() -> None:
    assert training(DataConfig(), nphotons=1e5).nphotons == 1e5


def test_a_missing_test_file_warns_once() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = training(test_data_file=None)
    assert made.test_data_file is None
    assert [warning.category for warning in caught] == [UserWarning]
    assert "test_data_file" in str(caught[0].message)
    assert "evaluation" in str(caught[0].message)


def test_a_complete_training_warns_about_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        training()


def test_training_overrides_win_and_texts_become_paths() -> None:
    made = training(
        settings=TrainingConfig(epochs=3, train_data_file="torch.npz"),
        nepochs=8,
        train_data_file="mine.npz",
        output_dir="out",
        neighbor_count=2,
        backend="tensorflow",
        probe_trainable=True,
    )
    assert (made.nepochs, made.neighbor_count, made.backend, made.probe_trainable) == (8, 2, "tensorflow", True)
    assert (made.train_data_file, made.output_dir) == (Path("mine.npz"), Path("out"))


def test_inference_fields_are_carried_over() -> None:
    made = inference(DataConfig(K=9, subsample_seed=4), model_path="model.zip", n_groups=12)
    assert (made.neighbor_count, made.subsample_seed, made.n_groups) == (9, 4, 12)
    assert (made.model_path, made.test_data_file) == (Path("model.zip"), Path("test.npz"))
    assert (made.backend, made.debug) == ("pytorch", False)


@pytest.mark.parametrize("name", ["model_path", "test_data_file"])
def test_a_missing_required_inference_value_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is required"):
        inference(**{name: None})


def test_the_bridge_gives_the_same_dictionary_as_direct_construction() -> None:
    made = training(DataConfig(nphotons=1e6, N=128, K=7), ModelConfig(), TrainingConfig(epochs=5), output_dir="out")
    direct = canonical.TrainingConfig(
        model=canonical.ModelConfig(N=128, gridsize=2, amp_activation="swish"),
        **FILES,
        n_groups=7,
        nepochs=5,
        nphotons=1e6,
        neighbor_count=7,
        intensity_scale_trainable=False,
        output_dir=Path("out"),
        backend="pytorch",
    )
    assert type(made) is canonical.TrainingConfig
    assert made == direct
    flat: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    canonical.update_legacy_dict(flat, made)
    canonical.update_legacy_dict(expected, direct)
    assert flat == expected
    assert (flat["gridsize"], flat["intensity_scale.trainable"]) == (2, False)


def test_bridged_inference_is_the_canonical_dataclass() -> None:
    model = canonical.ModelConfig(gridsize=2, amp_activation="swish")
    assert inference() == canonical.InferenceConfig(model=model, **PATHS, neighbor_count=6, backend="pytorch")


def test_the_adapters_leave_the_legacy_dictionary_alone(legacy_cfg: dict[str, Any]) -> None:
    before = copy.deepcopy(legacy_cfg)
    training()
    inference()
    assert legacy_cfg == before
