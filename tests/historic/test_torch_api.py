"""``ptycho_torch.api.base_api`` and ``ptycho_torch.lightning_utils``, in the order that ptychodus calls them."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch_support import N, arrays

from ptycho_torch.api.base_api import (
    ConfigManager,
    DataloaderFormats,
    InferenceEngine,
    PtychoDataLoader,
    PtychoModel,
    Trainer,
)
from ptycho_torch.config_params import DataConfig, DatagenConfig, InferenceConfig, ModelConfig, TrainingConfig
from ptycho_torch.lightning_utils import find_best_checkpoint
from ptycho_torch.model import PtychoPINN_Lightning
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import ArchiveError
from ptychopinn.historic.torch.api.data_loader import run_folder
from ptychopinn.historic.torch.api.trainer import several_devices


def manager(channels: int = 1, mode: str = "Unsupervised", **training: Any) -> ConfigManager:
    side = 1 if channels == 1 else 2
    return ConfigManager(
        data_config=DataConfig(N=128, C=channels, grid_size=(side, side), n_subsample=1),
        model_config=ModelConfig(
            mode=mode,
            C_model=channels,
            C_forward=channels,
            decoder_last_amp_channels=channels,
            n_filters_scale=1,
            edge_pad=2,
        ),
        training_config=TrainingConfig(**{"epochs": 2, "batch_size": 8, **training}),
        inference_config=InferenceConfig(middle_trim=8, window=2),
        datagen_config=DatagenConfig(),
    )


def folder(path: Path, *seeds: int) -> Path:
    path.mkdir()
    for seed in seeds:
        np.savez(path / f"scan_{seed}.npz", **arrays(30, seed), bad_pixels=np.zeros((N, N), bool))
    return path


def train(data: Path, run: Path, given: ConfigManager) -> tuple[PtychoModel, Trainer, PtychoDataLoader]:
    form = DataloaderFormats("lightning_only_module")
    loader = PtychoDataLoader(data_dir=data, config_manager=given, data_format=form, output_dir=run)
    model = PtychoModel._new_model(model=PtychoPINN_Lightning, config_manager=given)
    trainer = Trainer._from_lightning(model=model, dataloader=loader, orchestration="lightning", config_manager=given)
    return model, trainer, loader


@pytest.mark.parametrize("mode", ["Unsupervised", "Supervised"])
@pytest.mark.parametrize("channels", [1, 4])
def test_the_hosts_sequence_trains_and_reconstructs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, channels: int, mode: str
) -> None:
    seen: list[dict[str, Any]] = []

    class Watch(Callback):
        def on_validation_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            assert model.model.val_loss_name in trainer.callback_metrics

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            assert not trainer.sanity_checking
            seen.append({"epoch": trainer.current_epoch, **trainer.callback_metrics})

    with caplog.at_level(logging.INFO):
        model, trainer, loader = train(folder(tmp_path / "data", 1), tmp_path / "run", manager(channels, mode))
        trainer._trainer.callbacks.append(Watch())
        trainer.train(orchestration="lightning", experiment_name="")
    assert [entry["epoch"] for entry in seen] == [0, 1]
    assert all({model.model.loss_name, model.model.val_loss_name} <= set(entry) for entry in seen)
    assert sum(record.message.startswith("epoch ") for record in caplog.records) == 2
    assert sum("counts (intensity)" in record.message for record in caplog.records) == 1
    assert any("N is adjusted" in record.message for record in caplog.records)
    assert any("single process on the CPU" in record.message for record in caplog.records) or torch.cuda.is_available()

    assert loader.output_dir.parent == tmp_path / "run"
    path = find_best_checkpoint(loader.output_dir)
    assert path is not None and str(path).startswith(str(loader.output_dir))
    data, network, training, inference = PtychoModel._extract_configs_from_checkpoint(str(path))
    four = {
        "model_config": network,
        "data_config": data,
        "training_config": training,
        "inference_config": inference,
    }
    loaded = PtychoModel(**four)
    loaded.model = PtychoPINN_Lightning.load_from_checkpoint(str(path), **four)
    known = ConfigManager.from_loaded_model(loaded)
    known.validate_arch_compatibility(loaded)
    assert known.model_config.mode == mode and known.data_config.N == N
    engine = InferenceEngine(config_manager=known, ptycho_model=loaded)
    scan = arrays()
    positions = np.stack([scan["ycoords"], scan["xcoords"]], axis=1)
    obj = np.asarray(
        engine.predict_and_stitch(
            PtychoDataLoader.from_np(
                diff_patterns=scan["diff3d"], probe=scan["probeGuess"], positions=positions, config_manager=known
            )
        )
    )
    assert obj.ndim == 2 and np.iscomplexobj(obj) and np.isfinite(obj).all()
    # The whole scan and half a pattern beyond it on every side.
    assert obj.shape == tuple(2 * (np.ceil(np.ptp(positions, axis=0) / 2).astype(int) + N // 2))


def test_settings_that_do_not_fit_the_weights_are_named() -> None:
    model = PtychoModel._new_model(config_manager=manager(4))
    with pytest.raises(ValueError, match=r"data_config\.C is 1.*n_filters_scale"):
        ConfigManager(DataConfig(N=128, C=1), ModelConfig()).validate_arch_compatibility(model)


def test_several_scans_train_one_model_each_with_its_own_probe(tmp_path: Path) -> None:
    _, trainer, loader = train(folder(tmp_path / "data", 1, 2), tmp_path / "run", manager(4, epochs=1))
    assert len(loader.scans) == 2
    probes = {batch.probe.abs().sum().item() for batch in trainer.data.train_dataloader()}
    assert len(probes) == 2
    trainer.train()
    assert find_best_checkpoint(tmp_path / "run") is not None


def test_a_test_file_beside_others_judges_the_epochs(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", 1, 2)
    (data / "scan_2.npz").rename(data / "test_data.npz")
    loader = PtychoDataLoader(data, manager())
    assert len(loader.scans) == 1 and loader.test_scan is not None


def test_the_directories_of_the_settings_are_read_when_none_is_given(tmp_path: Path) -> None:
    places = [str(folder(tmp_path / "a", 1)), str(folder(tmp_path / "b", 2))]
    assert len(PtychoDataLoader(None, manager(training_directories=places)).scans) == 2


def test_a_folder_without_scans_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        PtychoDataLoader(tmp_path, manager())


def test_data_comes_in_the_format_that_was_asked_for(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", 1)
    kinds = {}
    for form in DataloaderFormats:
        kinds[form.value] = PtychoDataLoader(data, manager(4), data_format=form).data()
    assert {"lightning_module", "lightning_only_module", "tensordict", "pytorch"} == set(kinds)
    assert kinds["tensordict"]["amplitude"].shape[1:] == (4, N, N)
    assert next(iter(kinds["pytorch"])).amplitude.shape[1:] == (4, N, N)
    assert type(kinds["lightning_module"]) is type(kinds["lightning_only_module"])


def test_an_unknown_orchestration_is_refused_and_each_known_one_has_its_logger(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", 1)
    loader = PtychoDataLoader(data, manager(), output_dir=tmp_path / "run")
    model = PtychoModel._new_model(config_manager=loader.config_manager)
    assert Trainer._from_lightning(model, loader, "pytorch")._trainer.logger is None
    assert type(Trainer._from_lightning(model, loader, "lightning")._trainer.logger).__name__ == "CSVLogger"
    with pytest.raises(ValueError, match="orchestration"):
        Trainer._from_lightning(model, loader, "conductor")


def test_the_experiment_number_chooses_the_scan(tmp_path: Path) -> None:
    loader = PtychoDataLoader(folder(tmp_path / "data", 1, 2), manager())
    model = PtychoModel._new_model(config_manager=loader.config_manager)
    shapes = []
    for number in (0, 1):
        loader.config_manager.inference_config = InferenceConfig(experiment_number=number)
        shapes.append(InferenceEngine(model, loader.config_manager).predict_and_stitch(loader))
    assert shapes[0].shape != shapes[1].shape or not np.allclose(shapes[0], shapes[1])


def test_patterns_of_another_size_are_refused() -> None:
    model = PtychoModel._new_model(config_manager=ConfigManager(DataConfig(N=32)))
    scan = arrays()
    loader = PtychoDataLoader.from_np(scan["diff3d"], scan["probeGuess"], np.random.rand(30, 2) * 20)
    with pytest.raises(ValueError, match="16 pixels wide"):
        InferenceEngine(model).predict_and_stitch(loader)


def test_positions_are_y_then_x() -> None:
    scan = arrays()
    positions = np.stack([scan["ycoords"], scan["xcoords"]], axis=1)
    raw = PtychoDataLoader.from_np(scan["diff3d"], scan["probeGuess"], positions).scans[0]
    assert isinstance(raw, RawData) and np.array_equal(raw.positions_px, positions)


def test_the_best_checkpoint_has_the_lowest_loss_and_an_empty_folder_none(tmp_path: Path) -> None:
    assert find_best_checkpoint(tmp_path) is None
    for name, score in (("late", 3.0), ("best", 1.0), ("early", 2.0)):
        state = {"ModelCheckpoint{}": {"current_score": torch.tensor(score)}}
        torch.save({"state_dict": {}, "callbacks": state}, tmp_path / f"{name}.ckpt")
    torch.save({"state_dict": {}}, tmp_path / "silent.ckpt")
    (tmp_path / "broken.ckpt").write_bytes(b"no checkpoint")
    assert find_best_checkpoint(str(tmp_path)) == tmp_path / "best.ckpt"


def test_every_run_has_a_folder_of_its_own(tmp_path: Path) -> None:
    first = run_folder(tmp_path)
    first.mkdir()
    assert run_folder(tmp_path) != first and run_folder(tmp_path).parent == tmp_path


def test_a_program_that_was_started_by_another_is_not_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert several_devices("ddp") == "ddp"
    assert several_devices("ddp_spawn") == several_devices("auto") == several_devices(None) == "ddp_fork"
    monkeypatch.setattr("multiprocessing.parent_process", lambda: "the host")
    assert several_devices("ddp") == "ddp_fork"


def test_settings_may_be_replaced_one_by_one(tmp_path: Path) -> None:
    given = manager()
    loader = PtychoDataLoader(
        folder(tmp_path / "d", 1), given, training_config=replace(given.training_config, epochs=9)
    )
    assert loader.config_manager.training_config.epochs == 9


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no checkpoint at all", b"\x80\x04K\x01."])
def test_a_file_that_is_no_checkpoint_is_refused_in_one_sentence_that_the_log_shows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    file = tmp_path / "model.ckpt"
    file.write_bytes(content)
    for opened in (PtychoModel._extract_configs_from_checkpoint, PtychoPINN_Lightning.load_from_checkpoint):
        caplog.clear()
        with pytest.raises(ArchiveError, match=r"model\.ckpt (cannot be read as a checkpoint|contains no weights)"):
            opened(str(file))
        told = [record for record in caplog.records if record.name == "ptychopinn-torch"]
        assert [record.levelname for record in told] == ["ERROR"]
    with pytest.raises(FileNotFoundError, match="File not found"):
        PtychoPINN_Lightning.load_from_checkpoint(tmp_path / "nowhere.ckpt")


@pytest.mark.parametrize("moved_px", [(0.0, 0.0), (0.3, -0.45), (-7.6, 12.5)])
def test_the_middle_of_the_result_is_that_of_the_scan(tmp_path: Path, moved_px: tuple[float, float]) -> None:
    given = manager()
    model, _, _ = train(folder(tmp_path / "data", 0), tmp_path / "run", given)

    def predicted(dy: float, dx: float) -> np.ndarray:
        scan = arrays(30, 0)
        positions = np.stack([scan["ycoords"] + dy, scan["xcoords"] + dx], axis=1)
        loader = PtychoDataLoader.from_np(
            diff_patterns=scan["diff3d"] ** 2, probe=scan["probeGuess"], positions=positions, config_manager=given
        )
        return np.asarray(InferenceEngine(model, given).predict_and_stitch(loader))

    still, moved = predicted(0.0, 0.0), predicted(*moved_px)
    assert all(side % 2 == 0 for side in still.shape)
    # Only distances between positions count, so nothing moves within the result.
    assert np.allclose(moved, still, atol=1e-4)
