"""``ptycho_torch.model``: the Lightning module of historic programs (API specification, section 4.4.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import pytest
import torch

from ptycho_torch.config_params import DataConfig, InferenceConfig, ModelConfig, TrainingConfig
from ptycho_torch.model import PtychoPINN_Lightning
from ptychopinn.errors import ArchiveError
from ptychopinn.historic.data.container import grouped_arrays

N = 16


def module(channels: int = 1, mode: str = "Unsupervised", **model: Any) -> PtychoPINN_Lightning:
    side = 1 if channels == 1 else 2
    torch.manual_seed(0)
    return PtychoPINN_Lightning(
        ModelConfig(mode=mode, C_model=channels, C_forward=channels, n_filters_scale=1, **model),
        DataConfig(N=N, C=channels, grid_size=(side, side)),
        TrainingConfig(),
        InferenceConfig(),
    )


def inputs(channels: int, groups: int = 3) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(groups, channels, N, N, generator=generator)
    positions = 3 * torch.randn(groups, channels, 1, 2, generator=generator)
    return x, positions, torch.randn(N, N, dtype=torch.complex64, generator=generator)


@pytest.mark.parametrize("mode", ["Unsupervised", "Supervised"])
@pytest.mark.parametrize("channels", [1, 4])
def test_an_untrained_model_predicts_a_finite_complex_patch_for_every_pattern(channels: int, mode: str) -> None:
    x, positions, probe = inputs(channels)
    patches = module(channels, mode).forward_predict(x, positions, probe, torch.ones(3))
    assert patches.shape == x.shape and patches.dtype == torch.complex64
    assert np.isfinite(patches.numpy()).all()


def test_a_scale_for_every_group_may_have_one_axis_or_four() -> None:
    x, positions, probe = inputs(4)
    scale = torch.tensor([0.5, 1.0, 2.0])
    model = module(4)
    flat = model.forward_predict(x, positions, probe, scale)
    assert torch.equal(flat, model.forward_predict(x, positions, probe, scale.reshape(3, 1, 1, 1)))
    multiplied = model.forward_predict(x * scale.reshape(3, 1, 1, 1), positions, probe, torch.ones(3))
    assert torch.allclose(flat, multiplied, atol=1e-6)
    assert not torch.allclose(flat, model.forward_predict(x, positions, probe, torch.ones(3)), atol=1e-4)


def test_dark_patterns_give_numbers() -> None:
    x, positions, probe = inputs(4)
    model = module(4)
    dark = model.forward_predict(0 * x, positions, probe, torch.ones(3))
    assert torch.isfinite(torch.view_as_real(dark)).all()
    amplitude, patches = model(0 * x, positions, probe, torch.ones(3))
    assert torch.isfinite(amplitude).all() and (amplitude >= 0).all() and patches.shape == x.shape


def test_a_probe_of_several_modes_may_be_repeated_for_every_pattern() -> None:
    x, positions, _ = inputs(4)
    modes = torch.randn(3, N, N, dtype=torch.complex64)
    repeated = modes.expand(3, 4, 3, N, N)
    model = module(4)
    once = model.forward_predict(x, positions, modes, torch.ones(3))
    assert torch.equal(once, model.forward_predict(x, positions, repeated, torch.ones(3)))


def test_the_patches_of_a_shared_object_agree_where_they_overlap() -> None:
    # Signs and axes: the position of patch i in the object is minus its [x, y] offset.
    x, _, probe = inputs(4, groups=1)
    offsets = np.array([[0, 0], [2, 0], [0, -3], [0, 0]], np.float32)
    positions = torch.from_numpy(-offsets).reshape(1, 4, 1, 2)
    first, right, up, same = module(4).forward_predict(x, positions, probe, torch.ones(1))[0]
    assert torch.allclose(first[:, 2:], right[:, :-2], atol=1e-6)
    assert torch.allclose(first[:-3], up[3:], atol=1e-6)
    assert torch.allclose(first, same, atol=1e-6)


def test_the_loss_says_its_kind() -> None:
    assert isinstance(module(), pl.LightningModule)
    assert (module().loss_name, module().val_loss_name) == ("poisson_train_loss", "poisson_val_loss")
    assert module().train_loss_name == module().loss_name
    assert (module(mode="Supervised").loss_name, module(loss_function="MAE").val_loss_name) == (
        "mae_train_loss",
        "mae_val_loss",
    )


def test_the_width_of_the_network_follows_its_scale() -> None:
    def weights(scale: int) -> int:
        model = PtychoPINN_Lightning(ModelConfig(n_filters_scale=scale), DataConfig(N=N), None, None)
        return sum(parameter.numel() for parameter in model.parameters())

    assert weights(2) > 2 * weights(1)


def test_the_settings_stay_at_hand() -> None:
    model = module(4)
    assert model.data_config.C == 4 and model.model_config.n_filters_scale == 1
    assert isinstance(model.training_config, TrainingConfig) and isinstance(model.inference_config, InferenceConfig)


def test_the_channels_follow_what_was_set_when_settings_differ() -> None:
    assert PtychoPINN_Lightning(None, DataConfig(N=N, C=1), None, None).config.model.gridsize == 1
    assert PtychoPINN_Lightning(None, DataConfig(N=N, grid_size=(1, 1)), None, None).config.model.gridsize == 1


def test_a_checkpoint_alone_rebuilds_settings_and_model(tmp_path: Path) -> None:
    model = module(4, probe_mask=torch.eye(N))
    model.set_probe(torch.randn(3, N, N, dtype=torch.complex64))
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False)
    trainer.strategy.connect(model)
    trainer.save_checkpoint(tmp_path / "model.ckpt")
    stored = torch.load(tmp_path / "model.ckpt", weights_only=True)["hyper_parameters"]
    assert stored["data_config"]["N"] == N and isinstance(stored["model_config"], dict)
    again = PtychoPINN_Lightning.load_from_checkpoint(tmp_path / "model.ckpt")
    four = {
        "model_config": model.model_config,
        "data_config": model.data_config,
        "training_config": model.training_config,
        "inference_config": model.inference_config,
    }
    told = PtychoPINN_Lightning.load_from_checkpoint(str(tmp_path / "model.ckpt"), **four)
    x, positions, probe = inputs(4)
    expected = model.forward_predict(x, positions, probe, torch.ones(3))
    for loaded in (again, told):
        assert loaded.network.probe_parts.shape[0] == 3
        assert torch.equal(expected, loaded.forward_predict(x, positions, probe, torch.ones(3)))
        assert loaded.data_config == model.data_config


def test_a_checkpoint_that_runs_code_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (print, ("run",))

    torch.save({"state_dict": {}, "hyper_parameters": {"x": Evil()}}, tmp_path / "evil.ckpt")
    with pytest.raises(ArchiveError, match="cannot be read as a checkpoint"):
        PtychoPINN_Lightning.load_from_checkpoint(tmp_path / "evil.ckpt")


def test_the_input_is_what_grouping_delivers() -> None:
    # Normalised amplitude enters, relative amplitude (twice that) reaches the network.
    from ptychopinn.data.raw_data import RawData
    from ptychopinn.physics.simulate import simulate_scan

    raw = RawData(**simulate_scan(N, 12, 1e4, 0))
    x = torch.from_numpy(np.moveaxis(grouped_arrays(raw, np.arange(12)[:, None])["X_full"], -1, 1))
    seen = []
    model = module(1)
    model.network.network.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    model.forward_predict(x, torch.zeros(12, 1, 1, 2), torch.ones(N, N, dtype=torch.complex64), torch.ones(12))
    assert float(seen[0].square().mean()) == pytest.approx(1.0, rel=1e-4)
