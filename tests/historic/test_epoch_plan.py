"""Stages and schedules of the torch training settings."""

from __future__ import annotations

from typing import Any

import lightning.pytorch as pl
import numpy as np
import pytest
import torch

from ptychopinn.backends.schedules import Plateau, RateSchedule
from ptychopinn.errors import ConfigError
from ptychopinn.historic.torch.config_params import DataConfig, InferenceConfig, ModelConfig, TrainingConfig
from ptychopinn.historic.torch.epoch_plan import EpochPlan, part_of
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning
from ptychopinn.historic.torch.scan_data import ScanBatch
from ptychopinn.historic.torch.settings import TorchSettings, configuration_of

N = 16


def rates(epochs: int = 10, **training: Any) -> list[float]:
    settings = TrainingConfig(epochs=epochs, **training)
    schedule = RateSchedule(settings.scheduler, epochs, settings.warmup_epochs, settings.min_lr_ratio)
    return [schedule.factor(epoch) for epoch in range(epochs)]


def test_the_default_keeps_the_rate_and_others_let_it_fall() -> None:
    assert rates() == [1.0] * 10
    for name in ("Cosine", "Exponential", "MultiStage"):
        falling = rates(scheduler=name)
        assert falling[0] == 1.0 and falling[-1] < 0.5 and sorted(falling, reverse=True) == falling


def test_the_cosine_ends_near_its_ratio_and_the_warm_up_rises() -> None:
    assert rates(200, scheduler="Cosine", min_lr_ratio=0.3)[-1] == pytest.approx(0.3, abs=0.01)
    warm = rates(scheduler="Cosine", warmup_epochs=3)
    assert warm[0] == pytest.approx(0.25) and warm[:4] == sorted(warm[:4]) and warm[3] == 1.0
    assert rates(warmup_epochs=1)[:2] == [0.5, 1.0]


def test_a_plateau_halves_the_rate() -> None:
    plateau = Plateau()
    for loss in (3.0, 2.0, 2.0, 2.0, 2.0, 2.0):
        plateau.judge(loss)
    assert plateau.factor == 0.5
    assert RateSchedule("Adaptive", 10, plateau=plateau).factor(5) == 0.5


def test_fine_tuning_follows_the_training_with_its_own_rate() -> None:
    plan = EpochPlan.from_settings(TrainingConfig(epochs=3, epochs_fine_tune=2, fine_tune_gamma=0.2))
    assert plan.total == 5 and not plan.plain
    assert [plan.rate(epoch, "decoder") for epoch in range(5)] == [1, 1, 1, 0.2, 0.2]
    assert not plan.stage(4).scheduled


def test_three_stages_turn_from_shapes_to_intensities() -> None:
    training = TrainingConfig(stage_1_epochs=2, stage_2_epochs=4, stage_3_epochs=2, stage_3_lr_factor=0.3)
    plan = EpochPlan.from_settings(training)
    weights = [plan.physics_weight(epoch) for epoch in range(plan.total)]
    assert plan.total == 8 and weights[:2] == [0, 0] and weights[5:] == [1, 1, 1] and sorted(weights) == weights
    assert [plan.rate(epoch, "decoder") for epoch in (0, 5, 6)] == [1, 1, 0.3]
    training.physics_weight_schedule = "linear"
    assert EpochPlan.from_settings(training).physics_weight(2) == 0.25 != weights[2]
    training.physics_weight_schedule = "stairs"
    with pytest.raises(ConfigError, match="physics_weight_schedule"):
        EpochPlan.from_settings(training)


FINE = {
    "epochs": 1,
    "enable_staged_finetuning": True,
    "finetune_stage1_epochs": 2,
    "finetune_stage2_epochs": 2,
    "finetune_stage3_epochs": 1,
    "finetune_skip_stage3": False,
}
PARTS = ("encoder_bottom", "encoder_top", "decoder", "phase_head", "scale")


def test_staged_fine_tuning_thaws_the_network_from_its_output() -> None:
    plan = EpochPlan.from_settings(TrainingConfig(**FINE))
    table = {epoch: tuple(plan.rate(epoch, part) for part in PARTS) for epoch in (0, 1, 3, 5)}
    assert table[0] == (1, 1, 1, 1, 1)
    assert table[1] == (0, 0, 0.1, 0.1, 0)
    assert table[3] == (0, 0.01, 0.05, 0.1, 0)
    assert table[5] == (0.005, 0.01, 0.02, 0.05, 0)
    assert plan.total == 6
    assert EpochPlan.from_settings(TrainingConfig(**{**FINE, "finetune_skip_stage3": True})).total == 5


@pytest.mark.parametrize(
    ("field", "epoch", "part"),
    [
        ("finetune_stage1_lr_decoder", 1, "decoder"),
        ("finetune_stage2_lr_encoder_top", 3, "encoder_top"),
        ("finetune_stage2_lr_decoder", 3, "decoder"),
        ("finetune_stage2_lr_phase_head", 3, "phase_head"),
        ("finetune_stage3_lr_encoder_bottom", 5, "encoder_bottom"),
        ("finetune_stage3_lr_encoder_top", 5, "encoder_top"),
        ("finetune_stage3_lr_decoder", 5, "decoder"),
        ("finetune_stage3_lr_phase_head", 5, "phase_head"),
    ],
)
def test_every_fine_tuning_rate_reaches_its_part(field: str, epoch: int, part: str) -> None:
    assert EpochPlan.from_settings(TrainingConfig(**{**FINE, field: 0.77})).rate(epoch, part) == 0.77


def test_a_stage_ends_when_its_patience_is_over() -> None:
    training = TrainingConfig(**{**FINE, "finetune_stage1_epochs": 9, "finetune_early_stop_patience": 2})
    plan = EpochPlan.from_settings(training)
    before = plan.total
    for epoch, loss in enumerate((5.0, 1.0, 1.0, 1.0)):
        plan.judge(epoch, loss)
    assert plan.total == before - 6
    assert plan.rate(4, "encoder_top") == 0.01


def test_fine_tuning_has_its_own_validation_part_and_counts_its_epochs() -> None:
    training = TrainingConfig(**FINE, finetune_val_split=0.2)
    config = configuration_of(TorchSettings(DataConfig(N=N), ModelConfig(), training, InferenceConfig()))
    assert config.validation_fraction == 0.2 and config.nepochs == 6


def test_the_parts_of_the_network_are_told_by_name() -> None:
    made = PtychoPINN_Lightning(ModelConfig(n_filters_scale=1), DataConfig(N=32), None, None)
    found = {part_of(name, 2) for name, _ in made.network.named_parameters()}
    assert found == set(PARTS)
    assert part_of("network.encoder.blocks.0.0.weight", 4) == "encoder_bottom"
    assert part_of("network.encoder.blocks.3.0.weight", 4) == "encoder_top"
    assert part_of("network.phase.centre.weight", 4) == "phase_head"
    assert part_of("network.amplitude.centre.weight", 4) == "decoder"
    assert part_of("log_scale", 4) == "scale"


class _Data(pl.LightningDataModule):
    def train_dataloader(self) -> Any:
        generator = torch.Generator().manual_seed(1)
        amplitude = torch.rand(2, 4, N, N, generator=generator) + 0.5
        none = torch.zeros(0, N, N, dtype=torch.complex64)
        item = ScanBatch(amplitude, torch.zeros(2, 4, 2), torch.zeros(2, 0, 0), none)
        return torch.utils.data.DataLoader([item, item], batch_size=None)


def test_resting_parts_keep_their_weights_and_the_training_ends_with_the_plan() -> None:
    training = TrainingConfig(**{**FINE, "finetune_early_stop_patience": 99})
    torch.manual_seed(0)
    made = PtychoPINN_Lightning(ModelConfig(n_filters_scale=1, cbam_encoder=False), DataConfig(N=N), training, None)
    made.set_probe(torch.ones(1, N, N))
    taken: list[dict[str, torch.Tensor]] = []

    class Keep(pl.Callback):
        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            taken.append({name: value.detach().clone() for name, value in made.network.named_parameters()})

    options = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = pl.Trainer(max_epochs=99, accelerator="cpu", callbacks=[Keep()], **options)
    trainer.fit(made, datamodule=_Data())
    assert len(taken) == made.plan.total == 6
    moved = [
        {part_of(name, 1) for name in taken[0] if not torch.equal(taken[epoch - 1][name], taken[epoch][name])}
        for epoch in range(1, 6)
    ]
    assert moved[0] == moved[1] == {"decoder", "phase_head"}
    assert moved[2] == moved[3] == {"encoder_top", "decoder", "phase_head"}


def test_the_weight_of_physics_changes_the_loss_that_trains() -> None:
    made = PtychoPINN_Lightning(ModelConfig(n_filters_scale=1), DataConfig(N=N), None, None)
    made.set_probe(torch.ones(1, N, N))
    batch = next(iter(_Data().train_dataloader()))

    def loss(weight: float, batch: ScanBatch = batch) -> float:
        made.physics_weight = weight
        return float(made.loss(batch).detach())

    values = [loss(weight) for weight in (0.0, 0.5, 1.0)]
    assert values[1] == pytest.approx((values[0] + values[2]) / 2, rel=1e-4)
    brighter = batch._replace(amplitude=3 * batch.amplitude)
    assert np.isfinite(loss(0.0, brighter)) and values[0] != values[2]
