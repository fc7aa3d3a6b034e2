"""``ptycho_torch.workflows.components``: a whole run by one call (API specification, sections 4.2, 4.5, 4.8, 4.9)."""

from __future__ import annotations

import csv
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import pytest
import torch
from torch_support import QUIET, config, scan

import ptycho.params as params
from ptycho_torch.model import PtychoPINN_Lightning
from ptycho_torch.workflows import components
from ptychopinn.backends.torch import loggers
from ptychopinn.config.execution import PyTorchExecutionConfig


@pytest.fixture(autouse=True)
def _dictionary(legacy_cfg: dict[str, Any]) -> dict[str, Any]:
    return legacy_cfg


@pytest.fixture
def trainers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The keywords of every trainer that is made."""
    made: list[dict[str, Any]] = []

    class Spy(pl.Trainer):
        def __init__(self, *args: Any, **keywords: Any) -> None:
            assert not args
            made.append(keywords)
            super().__init__(**keywords)

    monkeypatch.setattr(pl, "Trainer", Spy)
    return made


@pytest.mark.parametrize("gridsize", [1, 2])
def test_a_run_returns_images_and_results_and_writes_its_files(tmp_path: Path, gridsize: int) -> None:
    execution = replace(QUIET, logger_backend="csv", enable_checkpointing=True)
    settings = config(tmp_path / "out", gridsize, nepochs=2)
    amplitude, phase, results = components.run_cdi_example(
        scan(), scan(seed=2), settings, M=8, do_stitching=True, execution_config=execution
    )
    assert amplitude.ndim == 2 and amplitude.shape == phase.shape and np.isfinite(amplitude).all()
    assert len(results["history"]["train_loss"]) == len(results["history"]["val_loss"]) == 2
    assert {"train_container", "test_container", "models", "obj_tensor_full", "global_offsets"} <= set(results)
    assert results["train_container"].X.shape == (16, 16, 16, gridsize**2)
    assert np.array_equal(results["recon_amp"], amplitude) and np.array_equal(results["recon_phase"], phase)
    assert (tmp_path / "out" / "wts.h5.zip").is_file() and list((tmp_path / "out" / "checkpoints").glob("*.ckpt"))
    (metrics,) = (tmp_path / "out" / "lightning_logs").glob("version_*/metrics.csv")
    with metrics.open() as stream:
        columns = set(next(csv.reader(stream)))
    assert {"poisson_train_loss", "poisson_val_loss"} <= columns


def test_the_stitched_image_comes_back_from_the_archive(tmp_path: Path) -> None:
    settings = config(tmp_path, 2)
    amplitude, _, results = components.run_cdi_example(
        scan(), scan(), settings, M=8, do_stitching=True, execution_config=QUIET
    )
    trained = params.get("intensity_scale")
    params.cfg["intensity_scale"] = -1.0
    model, stored = components.load_inference_bundle(tmp_path)
    assert isinstance(model, PtychoPINN_Lightning)
    assert stored["intensity_scale"] == params.get("intensity_scale") == pytest.approx(trained)
    again, _, _ = components.reassemble_cdi_image(scan(), settings, M=8, model=model)
    assert np.abs(again - amplitude).max() < 1e-5
    models, _ = components.load_inference_bundle_torch(tmp_path)
    assert set(models) == set(results["models"]) == {"autoencoder", "diffraction_to_obj"}


def test_the_stitched_image_of_a_known_object_is_that_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Axes and signs of the stitching, without a network.
    data = scan(60)
    container = components.create_ptycho_data_container(data, config(tmp_path, 2, n_groups=60))
    truth = np.moveaxis(container.Y, -1, 1)
    monkeypatch.setattr(components, "predict_container", lambda module, given: truth)
    amplitude, _, results = components.reassemble_cdi_image(
        container, config(tmp_path, 2), M=8, model=PtychoPINN_Lightning(None, None, None, None)
    )
    mean = (container.global_offsets - container.local_offsets)[:, 0].mean(axis=(0, 2))[::-1]
    obj = np.abs(np.pad(data.objectGuess, 60, constant_values=1))
    corner = np.round(mean).astype(int) + 60 - amplitude.shape[0] // 2
    there = obj[corner[0] : corner[0] + amplitude.shape[0], corner[1] : corner[1] + amplitude.shape[1]]
    seen = amplitude > 0
    assert seen.mean() > 0.3
    assert np.corrcoef(amplitude[seen], there[seen])[0, 1] > 0.8
    assert np.corrcoef(amplitude.T[seen.T & seen], there[seen.T & seen])[0, 1] < 0.5
    assert results["obj_tensor_full"].shape == truth.shape


def test_the_configuration_is_bridged_before_the_training_is_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def fake(train: Any, test: Any, given: Any) -> dict[str, Any]:
        seen.append((train, test, given, dict(params.cfg)))
        return {}

    settings = config(tmp_path, 2, nphotons=12345.0)
    for name in ("train_cdi_model", "train_cdi_model_torch"):
        with monkeypatch.context() as patch:
            patch.setattr(components, name, lambda *a, **k: fake(*a[:3]))
            for run in (components.run_cdi_example, components.run_cdi_example_torch):
                params.cfg.pop("nphotons", None)
                assert run("no data", None, settings) == (None, None, {})
                train, _, given, dictionary = seen[-1]
                assert train == "no data" and given is settings and dictionary["nphotons"] == 12345.0


def test_execution_settings_stay_out_of_the_dictionary(tmp_path: Path) -> None:
    components.train_cdi_model(scan(), None, config(tmp_path), QUIET)
    assert not {"accelerator", "learning_rate", "num_workers", "logger_backend"} & set(params.cfg)
    assert params.cfg["output_prefix"] == str(tmp_path) and params.cfg["nepochs"] == 1


def test_the_trainer_gets_the_execution_settings(tmp_path: Path, trainers: list[dict[str, Any]]) -> None:
    execution = PyTorchExecutionConfig(
        deterministic=False,
        gradient_clip_val=0.5,
        accum_steps=2,
        logger_backend="csv",
        checkpoint_save_top_k=2,
        checkpoint_mode="max",
        early_stop_patience=7,
        precision="32-true",
    )
    components.train_cdi_model(scan(), scan(), config(tmp_path, nepochs=2), execution)
    (keywords,) = trainers
    assert keywords["max_epochs"] == 2 and keywords["accelerator"] == "cpu" and keywords["deterministic"] is False
    assert keywords["gradient_clip_val"] == 0.5 and keywords["accumulate_grad_batches"] == 2
    assert type(keywords["logger"]).__name__ == "CSVLogger"
    checkpoint = next(c for c in keywords["callbacks"] if type(c).__name__.endswith("Checkpoint"))
    assert (checkpoint.monitor, checkpoint.mode, checkpoint.save_top_k) == ("poisson_val_loss", "max", 2)
    stopping = next(c for c in keywords["callbacks"] if type(c).__name__ == "EarlyStopping")
    assert stopping.patience == 7 and stopping.monitor == "poisson_val_loss"


def test_without_validation_the_training_loss_is_looked_at(tmp_path: Path, trainers: list[dict[str, Any]]) -> None:
    execution = replace(QUIET, enable_checkpointing=True)
    components.train_cdi_model(scan(), None, config(tmp_path, validation_fraction=0.0), execution)
    checkpoint = next(c for c in trainers[0]["callbacks"] if type(c).__name__.endswith("Checkpoint"))
    assert checkpoint.monitor == "poisson_train_loss"
    assert list((tmp_path / "checkpoints").glob("*.ckpt"))


def test_without_checkpoints_and_logger_only_the_model_is_written(tmp_path: Path) -> None:
    components.train_cdi_model(scan(), None, config(tmp_path), QUIET)
    assert [path.name for path in tmp_path.iterdir()] == ["wts.h5.zip"]


def test_an_absent_tracker_falls_back_to_a_file_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loggers, "_installed", lambda package: False)
    with caplog.at_level(logging.WARNING, "ptychopinn"):
        components.train_cdi_model(scan(), None, config(tmp_path), replace(QUIET, logger_backend="mlflow"))
    assert sum("mlflow" in record.message for record in caplog.records) == 1
    assert list(tmp_path.glob("lightning_logs/version_0/metrics.csv"))


def test_every_epoch_is_one_line_of_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "ptychopinn-torch"):
        components.train_cdi_model(scan(), None, config(tmp_path, nepochs=3), QUIET)
    told = [r.message for r in caplog.records if r.name == "ptychopinn-torch"]
    lines = [line for line in told if line.startswith("epoch")]
    assert [line.split(":")[0] for line in lines] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert any("training on 30 patterns" in line for line in told)
    assert all("val_loss" in line and "ETA" in line for line in lines)


def test_training_ends_when_the_metric_stalls(tmp_path: Path) -> None:
    execution = replace(QUIET, early_stop_patience=2, learning_rate=1e-12)
    results = components.train_cdi_model(scan(), None, config(tmp_path, nepochs=20), execution)
    assert len(results["history"]["train_loss"]) < 20


def test_overrides_change_the_settings(tmp_path: Path) -> None:
    overrides = {"max_epochs": 2, "n_filters_scale": 2, "batch_norm": True, "torch_loss_mode": "mae"}
    results = components.train_cdi_model(scan(), None, config(tmp_path), QUIET, overrides)
    model = results["models"]["diffraction_to_obj"]
    assert len(results["history"]["train_loss"]) == 2 and model.loss_name == "mae_train_loss"
    assert model.config.model.n_filters_scale == 2
    more = {"probe_trainable": True, "learning_rate": 0.02, "architecture": "unrolled", "enable_checkpointing": True}
    model = components.train_cdi_model(scan(), None, config(tmp_path), QUIET, more)["models"]["autoencoder"]
    assert model.network.probe_parts.requires_grad and model.training_config.learning_rate == 0.02
    assert model.config.model.architecture == "unrolled" and (tmp_path / "checkpoints").is_dir()


def test_overrides_of_the_network_come_back_from_the_archive(tmp_path: Path) -> None:
    results = components.train_cdi_model(scan(), None, config(tmp_path), QUIET, {"batch_norm": True})
    model = results["models"]["autoencoder"]
    assert any(isinstance(part, torch.nn.BatchNorm2d) for part in model.modules())
    assert components.load_inference_bundle(tmp_path)[0].model_config.batch_norm is True


def test_a_scan_shorter_than_the_default_number_of_groups_is_used_whole(tmp_path: Path) -> None:
    results = components.train_cdi_model(scan(20), None, config(tmp_path, 2, n_groups=512), QUIET)
    assert len(results["train_container"]) == 20


def test_a_supervised_model_learns_from_the_known_object(tmp_path: Path) -> None:
    settings = config(tmp_path, 2, model={"model_type": "supervised"})
    results = components.train_cdi_model(scan(), None, settings, QUIET)
    assert results["models"]["autoencoder"].val_loss_name == "mae_val_loss"


def test_a_missing_folder_and_a_missing_archive_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not exist") as found:
        components.load_inference_bundle(tmp_path / "nowhere")
    assert "nowhere" in str(found.value)
    with pytest.raises(FileNotFoundError, match=r"wts\.h5\.zip"):
        components.load_inference_bundle(tmp_path)
    (tmp_path / "text.zip").write_text("text")
    with pytest.raises(ValueError, match="not a directory"):
        components.load_inference_bundle(tmp_path / "text.zip")


def test_flips_move_the_patches_and_a_scale_spreads_them(tmp_path: Path) -> None:
    settings = config(tmp_path)
    components.train_cdi_model(scan(), None, settings, QUIET)
    plain = components.reassemble_cdi_image(scan(), settings, M=8)[0]
    for change in ({"flip_x": True}, {"flip_y": True}, {"transpose": True}):
        other = components.reassemble_cdi_image(scan(), settings, M=8, **change)[0]
        assert other.shape == plain.shape and not np.allclose(other, plain, atol=1e-3)
    assert components.reassemble_cdi_image(scan(), settings, M=8, coord_scale=2.0)[0].shape > plain.shape
