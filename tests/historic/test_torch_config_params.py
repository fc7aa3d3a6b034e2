"""The settings of ``ptycho_torch.config_params`` and the execution configuration."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
from typing import Any

import pytest

import ptychopinn.historic.torch.config_params as legacy_configs
from ptycho.config.config import PyTorchExecutionConfig
from ptycho_torch.config_params import (
    DataConfig,
    DatagenConfig,
    InferenceConfig,
    ModelConfig,
    TrainingConfig,
    update_existing_config,
)

CLASSES = [DataConfig, ModelConfig, TrainingConfig, InferenceConfig, DatagenConfig]

# Every keyword that ptychodus 1.7.0 passes, with a value that is not the default.
CLIENT_KEYWORDS: dict[type[Any], dict[str, Any]] = {
    DataConfig: {
        "N": 128,
        "C": 9,
        "K": 7,
        "K_quadrant": 31,
        "n_subsample": 8,
        "grid_size": (3, 3),
        "neighbor_function": "4_quadrant",
        "min_neighbor_distance": 0.5,
        "max_neighbor_distance": 4.0,
        "scan_pattern": "Rectangular",
        "normalize": "Group",
        "probe_scale": 1.0,
        "probe_normalize": False,
        "probe_ramp_removal": True,
        "data_scaling": "Max",
        "phase_subtraction": False,
        "x_bounds": (0.2, 0.8),
        "y_bounds": (0.3, 0.7),
    },
    ModelConfig: {
        "mode": "Supervised",
        "intensity_scale_trainable": True,
        "intensity_scale": 5.0,
        "max_position_jitter": 3,
        "num_datasets": 2,
        "C_model": 9,
        "n_filters_scale": 1,
        "amp_activation": "sigmoid",
        "batch_norm": True,
        "probe_mask": True,
        "edge_pad": 4,
        "decoder_last_c_outer_fraction": 0.25,
        "decoder_last_amp_channels": 9,
        "use_shared_decoder": True,
        "eca_encoder": True,
        "cbam_encoder": False,
        "cbam_bottleneck": True,
        "cbam_decoder": True,
        "eca_decoder": True,
        "spatial_decoder": True,
        "decoder_spatial_kernel": 5,
        "object_big": False,
        "probe_big": False,
        "offset": 4,
        "C_forward": 9,
        "loss_function": "MAE",
        "amp_loss": "Total_Variation",
        "phase_loss": "Mean_Deviation",
        "amp_loss_coeff": 0.5,
        "phase_loss_coeff": 0.25,
        "probe_reference_coeff": 0.1,
        "amplitude_variance_loss": True,
        "amplitude_variance_coeff": 0.02,
    },
    TrainingConfig: {
        "nll": False,
        "device": "cpu",
        "strategy": "ddp_spawn",
        "n_devices": 2,
        "learning_rate": 1e-4,
        "epochs": 3,
        "batch_size": 8,
        "epochs_fine_tune": 1,
        "fine_tune_gamma": 0.2,
        "scheduler": "Cosine",
        "warmup_epochs": 2,
        "min_lr_ratio": 0.05,
        "num_workers": 0,
        "accum_steps": 2,
        "gradient_clip_val": 1.5,
        "framework": "Default",
        "orchestrator": "Mlflow",
        "notes": "a note",
        "model_name": "another",
        "enable_staged_finetuning": True,
        "finetune_stage1_epochs": 1,
        "finetune_stage2_epochs": 2,
        "finetune_stage3_epochs": 3,
        "finetune_stage1_lr_decoder": 0.2,
        "finetune_stage2_lr_encoder_top": 0.02,
        "finetune_stage2_lr_decoder": 0.06,
        "finetune_stage2_lr_phase_head": 0.2,
        "finetune_stage3_lr_encoder_bottom": 0.006,
        "finetune_stage3_lr_encoder_top": 0.02,
        "finetune_stage3_lr_decoder": 0.03,
        "finetune_stage3_lr_phase_head": 0.06,
        "finetune_skip_stage3": False,
        "finetune_early_stop_patience": 4,
        "finetune_val_split": 0.1,
    },
    InferenceConfig: {
        "batch_size": 10,
        "middle_trim": 16,
        "experiment_number": 1,
        "patch_weighting": "uniform",
        "pad_eval": False,
        "window": 10,
    },
    DatagenConfig: {},
}


@pytest.mark.parametrize("cls", CLASSES)
def test_every_keyword_of_the_client_is_kept(cls: type[Any]) -> None:
    given = CLIENT_KEYWORDS[cls]
    made = cls(**given)
    assert {name: getattr(made, name) for name in given} == given
    assert all(given[name] != getattr(cls(), name) for name in given), "a value equals the default and proves nothing"


def test_the_client_passes_as_many_keywords_as_were_counted() -> None:
    assert [len(CLIENT_KEYWORDS[cls]) for cls in CLASSES] == [18, 33, 34, 6, 0]


def test_defaults_where_the_sources_differed() -> None:
    data, model, training = DataConfig(), ModelConfig(), TrainingConfig()
    assert (data.nphotons, data.N, data.probe_scale, data.grid_size) == (1e5, 64, 4.0, (2, 2))
    assert (model.C_model, model.cbam_encoder, model.object_big, model.probe_mask) == (4, True, True, None)
    assert (training.strategy, training.orchestrator, training.torch_loss_mode) == ("ddp", "Lightning", "poisson")
    assert (training.output_dir, training.n_groups, training.train_data_file) == ("training_outputs", None, None)
    assert DatagenConfig().image_size == (250, 250)


def test_lists_are_not_shared_between_objects() -> None:
    TrainingConfig().training_directories.append("a folder")
    DatagenConfig().probe_paths.append("a file")
    assert TrainingConfig().training_directories == [] == DatagenConfig().probe_paths


def test_nothing_is_checked_on_construction() -> None:
    assert TrainingConfig(strategy=None, learning_rate=-1.0).strategy is None


@pytest.mark.parametrize("cls", CLASSES)
def test_settings_pickle(cls: type[Any]) -> None:
    made = cls(**CLIENT_KEYWORDS[cls])
    assert pickle.loads(pickle.dumps(made)) == made


@pytest.mark.parametrize("cls", CLASSES)
def test_every_field_is_assignable(cls: type[Any]) -> None:
    made = cls()
    for entry in dataclasses.fields(cls):
        setattr(made, entry.name, "anything")
        assert getattr(made, entry.name) == "anything"


def test_an_update_sets_known_fields_and_ignores_others() -> None:
    training = TrainingConfig()
    update_existing_config(training, {"n_devices": 3, "no_such_field": 1, "update": 2})
    assert training == TrainingConfig(n_devices=3)
    assert not hasattr(training, "no_such_field")


def test_the_historic_name_is_the_same_module() -> None:
    import ptycho_torch

    assert ptycho_torch.config_params is legacy_configs
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = ptycho_torch.no_such_thing


def run(code: str) -> subprocess.CompletedProcess[str]:
    paths = f"import sys; sys.path[:0] = {[p for p in sys.path if p]!r}\n"
    return subprocess.run([sys.executable, "-c", paths + code], capture_output=True, text=True)


@pytest.mark.parametrize("module", ["config_params", "config_bridge", "config_factory", "cli.shared"])
def test_importing_settings_loads_no_framework_but_torch(module: str) -> None:
    done = run(
        f"import ptycho_torch.{module}\nprint([m for m in ('lightning','tensorflow','mlflow') if m in sys.modules])"
    )
    assert done.stdout.strip() == "[]", done.stderr


# Both ways in which a finder says that a package is absent.
@pytest.mark.parametrize("answer", ["return None", "raise ModuleNotFoundError(name)"])
@pytest.mark.parametrize(
    ("absent", "module"),
    [("torch", "ptycho_torch"), ("torch", "ptycho_torch.config_params"), ("lightning", "ptycho_torch.model")],
)
def test_without_the_framework_the_import_says_what_to_install(absent: str, answer: str, module: str) -> None:
    done = run(f"""
import importlib.util
real = importlib.util.find_spec
def find_spec(name, package=None):
    if name == {absent!r}:
        {answer}
    return real(name, package)
importlib.util.find_spec = find_spec
assert importlib.util.find_spec('ptycho_torch') is not None
try:
    import {module}
except RuntimeError as error:
    print(error)
""")
    assert "pip install" in done.stdout, done.stderr
    assert "torch>=2.2" in done.stdout
    assert absent in done.stdout


def test_the_defaults_of_the_execution_configuration() -> None:
    expected = {
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
    made = PyTorchExecutionConfig()
    assert {name: getattr(made, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("accelerator", ["auto", "cpu", "gpu", "cuda", "tpu", "mps"]),
        ("scheduler", ["Default", "Exponential", "MultiStage", "Adaptive"]),
        ("logger_backend", ["csv", "tensorboard", "mlflow", "none", None]),
        ("checkpoint_save_top_k", [-1, 0, 1, 5]),
    ],
)
def test_allowed_execution_values_are_kept(name: str, values: list[Any]) -> None:
    for value in values:
        assert getattr(PyTorchExecutionConfig(**{name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_workers", -1),
        ("learning_rate", 0.0),
        ("learning_rate", -1e-3),
        ("accum_steps", 0),
        ("early_stop_patience", 0),
        ("checkpoint_mode", "best"),
        ("inference_batch_size", 0),
        ("accelerator", "abacus"),
        ("scheduler", "Cosine"),
        ("logger_backend", "paper"),
        ("checkpoint_save_top_k", -2),
    ],
)
def test_a_refused_execution_value_names_its_field(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        PyTorchExecutionConfig(**{name: value})


def test_the_execution_configuration_needs_no_torch() -> None:
    done = run("""
sys.modules['torch'] = sys.modules['lightning'] = None
from ptycho.config.config import PyTorchExecutionConfig
print(PyTorchExecutionConfig(num_workers=2).num_workers)
""")
    assert done.stdout.strip() == "2", done.stderr
