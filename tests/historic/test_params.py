"""The bridge to ``params.cfg`` (API specification, sections 2.3, 3, 6) through the historic import names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ptycho
import ptycho.config.config as config_module
import ptycho.params as params
import ptychopinn.historic.params as legacy_params
from ptycho.config.config import (
    KEY_MAPPINGS,
    InferenceConfig,
    ModelConfig,
    PyTorchExecutionConfig,
    TrainingConfig,
    dataclass_to_legacy_dict,
    update_legacy_dict,
)

pytestmark = pytest.mark.usefixtures("legacy_cfg")


def test_historic_names_are_the_same_modules() -> None:
    assert params is legacy_params
    assert ptycho.params is legacy_params
    assert config_module.update_legacy_dict.__module__ == "ptychopinn.config.legacy_bridge"


def test_an_absent_submodule_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = ptycho.no_such_thing


def test_key_mappings_are_exactly_those_of_the_specification() -> None:
    assert KEY_MAPPINGS == {
        "object_big": "object.big",
        "probe_big": "probe.big",
        "probe_mask": "probe.mask",
        "probe_trainable": "probe.trainable",
        "intensity_scale_trainable": "intensity_scale.trainable",
        "positions_provided": "positions.provided",
        "output_dir": "output_prefix",
        "train_data_file": "train_data_file_path",
        "test_data_file": "test_data_file_path",
    }


def test_the_flat_dictionary_holds_the_model_and_renames_keys() -> None:
    flat = dataclass_to_legacy_dict(TrainingConfig(ModelConfig(N=128), train_data_file=Path("a.npz"), n_groups=5))
    assert flat["N"] == 128
    assert flat["n_groups"] == 5
    assert flat["train_data_file_path"] == "a.npz"
    assert not set(KEY_MAPPINGS) & set(flat)
    assert "model" not in flat
    assert not any(isinstance(value, Path) for value in flat.values())


def test_the_example_of_the_specification_runs() -> None:
    inference = InferenceConfig(model=ModelConfig(N=32, gridsize=2), model_path=Path(), test_data_file=Path())
    update_legacy_dict(params.cfg, inference)
    assert params.get("N") == 32
    assert params.get("gridsize") == 2
    assert params.cfg["model_path"] == "."


def test_none_never_overwrites_but_false_and_zero_do() -> None:
    params.cfg.update({"test_data_file_path": "kept.npz", "object.big": True, "nll_weight": 1.0})
    update_legacy_dict(params.cfg, TrainingConfig(ModelConfig(object_big=False), nll_weight=0.0))
    assert params.cfg["test_data_file_path"] == "kept.npz"
    assert params.cfg["object.big"] is False
    assert params.cfg["nll_weight"] == 0.0


def test_unrelated_keys_stay_and_a_second_update_changes_nothing() -> None:
    params.cfg["own_key"] = 7
    identity = id(params.cfg)
    update_legacy_dict(params.cfg, TrainingConfig(ModelConfig()))
    once = dict(params.cfg)
    update_legacy_dict(params.cfg, TrainingConfig(ModelConfig()))
    assert params.cfg == once
    assert params.cfg["own_key"] == 7
    assert id(ptycho.params.cfg) == identity


def test_every_written_value_is_a_scalar() -> None:
    target: dict = {}
    update_legacy_dict(target, TrainingConfig(ModelConfig(), train_data_file=Path("x")))
    assert all(np.isscalar(value) for value in target.values())


@pytest.mark.parametrize("bad", [{"N": 3}, None, TrainingConfig, PyTorchExecutionConfig()])
def test_what_is_no_canonical_configuration_is_refused_and_changes_nothing(bad: object) -> None:
    before = dict(params.cfg)
    with pytest.raises(TypeError, match="expected"):
        update_legacy_dict(params.cfg, bad)
    assert params.cfg == before


def test_the_flow_is_one_way() -> None:
    before = dict(params.cfg)
    config = TrainingConfig(ModelConfig(N=256))
    assert params.cfg == before
    params.cfg["N"] = 32
    assert config.model.N == 256


def test_derived_keys_follow_the_dictionary() -> None:
    params.cfg.update({"N": 64, "gridsize": 3, "offset": 5, "max_position_jitter": 10})
    assert params.get("bigN") == 74
    assert params.params()["padding"] == 20
    params.cfg["offset"] = 1
    assert params.get("bigN") == 66
    assert "bigN" not in params.cfg


def test_an_absent_parameter_is_a_key_error_or_the_default() -> None:
    with pytest.raises(KeyError):
        params.get("intensity_scale")
    assert params.get("intensity_scale", 2.0) == 2.0


def test_set_writes_and_refuses_contradictions() -> None:
    params.set("N", 96)
    assert params.cfg["N"] == 96
    with pytest.raises(ValueError, match="realspace_weight"):
        params.set("realspace_mae_weight", 1.0)
    assert params.cfg["realspace_mae_weight"] == 0.0


def test_the_legacy_defaults_hold() -> None:
    assert params.cfg["h5_path"] == "wts.h5"
    assert params.cfg["offset"] == 4
    assert "probe" not in params.cfg
