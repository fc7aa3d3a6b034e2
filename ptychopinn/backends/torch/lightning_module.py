"""The training loop's view of the model: losses, optimiser, schedule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightning.pytorch as pl
import torch
from torch import Tensor

from ptychopinn.backends.torch.datamodule import GroupBatch
from ptychopinn.backends.torch.epoch_plan import EpochPlan, part_of
from ptychopinn.backends.torch.losses import (
    amplitude_error,
    at_phase_of,
    object_error,
    relative_deviance,
    total_variation,
)
from ptychopinn.backends.torch.network import GroupObject, PtychoNetwork
from ptychopinn.backends.torch.penalties import object_penalty, probe_penalty
from ptychopinn.backends.torch.schedulers import RateSchedule, build_scheduler
from ptychopinn.config.training import TrainingConfig
from ptychopinn.historic.torch.scan_data import ScanBatch
from ptychopinn.historic.torch.settings import TorchSettings


class TrainingModule(pl.LightningModule):
    """Train a :class:`PtychoNetwork` on the patterns themselves, or on a known object (supervised).

    Parameters
    ----------
    network : PtychoNetwork
    config : TrainingConfig
    settings : TorchSettings
        Schedule, stages and extra losses.

    Attributes
    ----------
    shape : (int, int)
        Canvas rows and columns of the batches; the training sets it.
    progress : callable
        Part of the training that is done, 0 to 1; the training sets it.
    plan : EpochPlan
    """

    def __init__(self, network: PtychoNetwork, config: TrainingConfig, settings: TorchSettings) -> None:
        super().__init__()
        self.network = network
        self.config = config
        self.settings = settings
        self.shape = (config.model.N, config.model.N)
        self.progress: Callable[[], float] = lambda: 0.0
        training = settings.training
        self.plan = EpochPlan.of(training)
        self.schedule = RateSchedule(
            training.scheduler, self.plan.scheduled, training.warmup_epochs, training.min_lr_ratio
        )
        self.probe_guess: Tensor | None = None

    @property
    def loss_name(self) -> str:
        """Name under which the training loss is logged."""
        return f"{self._kind}_train_loss"

    @property
    def train_loss_name(self) -> str:
        """The same as :attr:`loss_name`."""
        return self.loss_name

    @property
    def val_loss_name(self) -> str:
        """Name under which the validation loss is logged."""
        return f"{self._kind}_val_loss"

    @property
    def _kind(self) -> str:
        mae = self.config.torch_loss_mode == "mae" or self.config.model.model_type == "supervised"
        return "mae" if mae else "poisson"

    def training_step(self, batch: GroupBatch | ScanBatch, index: int) -> Tensor:
        """Return the loss of a batch."""
        loss = self.loss(batch, self.plan.physics_weight(self.current_epoch))
        self._log_loss(loss, "train_loss", self.loss_name, len(batch.amplitude))
        return loss

    def validation_step(self, batch: GroupBatch | ScanBatch, index: int) -> Tensor:
        """Return the loss of groups that never seed a training group."""
        loss = self.loss(batch)
        self._log_loss(loss, "val_loss", self.val_loss_name, len(batch.amplitude))
        return loss

    def _log_loss(self, loss: Tensor, plain: str, name: str, groups: int) -> None:
        # The plain name is for our own callbacks; experiment trackers get the name that says which loss it is.
        self.log(plain, loss, on_epoch=True, on_step=False, batch_size=groups, logger=False, sync_dist=True)
        self.log(name, loss, on_epoch=True, on_step=False, batch_size=groups, sync_dist=True)

    def on_train_epoch_end(self) -> None:
        """Let plan and schedule see the losses; the end of the plan ends the training."""
        metrics = self.trainer.callback_metrics
        judged = metrics.get("val_loss", metrics.get("train_loss"))
        if judged is not None:
            self.plan.judge(self.current_epoch, float(judged))
        if self.schedule.plateau is not None and "train_loss" in metrics:
            self.schedule.plateau.judge(float(metrics["train_loss"]))
        if not self.plan.plain and self.current_epoch + 1 >= self.plan.total:
            self.trainer.should_stop = True

    def loss(self, batch: GroupBatch | ScanBatch, physics_weight: float = 1.0) -> Tensor:
        """Return the weighted sum of the losses that the settings ask for.

        Parameters
        ----------
        batch : GroupBatch or ScanBatch
        physics_weight : float
            Weight of the loss on absolute intensities; the rest looks at the patterns' shapes alone.
        """
        config = self.config
        # Batches of several scans bring their scan's probe.
        probe = batch.probe if isinstance(batch, ScanBatch) and len(batch.probe) else None
        result: GroupObject = self.network(batch.amplitude, batch.offsets_px, self.shape, probe)
        if config.model.model_type == "supervised":
            total = self._object_error(result, batch.truth)
        else:
            measured = batch.amplitude.flatten(0, 1)
            intensity = self.network.patterns(result)
            total = physics_weight * self._pattern_loss(measured, intensity)
            if physics_weight < 1:
                power = measured.square().sum(dim=(-2, -1)) / intensity.sum(dim=(-2, -1)).clamp_min(1e-12)
                shapes = amplitude_error(measured, intensity * power[:, None, None])
                total = total + (1 - physics_weight) * shapes
            if config.realspace_mae_weight > 0 and batch.truth.shape[-1] > 0:
                total = total + config.realspace_mae_weight * self._object_error(result, batch.truth)
        if config.realspace_weight > 0:
            total = total + config.realspace_weight * total_variation(result.canvas, result.layout.dose)
        total = total + object_penalty(self.settings.model, result.canvas, result.layout.dose)
        weight = self.settings.model.probe_reference_coeff
        if weight > 0 and self.probe_guess is not None:
            guess = self.probe_guess.to(result.canvas.device)
            total = total + weight * probe_penalty(torch.view_as_complex(self.network.probe_parts), guess)
        return total

    def _pattern_loss(self, measured: Tensor, intensity: Tensor) -> Tensor:
        config = self.config
        total = torch.zeros((), device=measured.device)
        if config.nll_weight > 0 and config.torch_loss_mode == "poisson":
            total = total + config.nll_weight * relative_deviance(measured, intensity)
        mae_weight = config.mae_weight
        if config.torch_loss_mode == "mae":
            mae_weight = mae_weight or 1.0
        if mae_weight > 0:
            total = total + mae_weight * amplitude_error(measured, intensity)
        return total

    def _object_error(self, result: GroupObject, truth: Tensor) -> Tensor:
        canvas, dose = result.canvas, result.layout.dose
        if self.settings.data.phase_subtraction:
            canvas = at_phase_of(canvas, truth, dose)
        return object_error(canvas, truth, dose)

    def configure_optimizers(self) -> Any:
        """Return Adam, with a group of parameters for every part of the network, and the schedule."""
        levels = len(getattr(getattr(self.network.network, "encoder", None), "blocks", ())) or 4
        groups: dict[str, list[Tensor]] = {}
        for name, parameter in self.network.named_parameters():
            if parameter.requires_grad:
                groups.setdefault(part_of(name, levels), []).append(parameter)
        optimizer = torch.optim.Adam(
            [{"params": parameters} for parameters in groups.values()], lr=self.settings.training.learning_rate
        )
        schedule = build_scheduler(self.schedule, self.plan, list(groups), optimizer, self.progress)
        return optimizer if schedule is None else {"optimizer": optimizer, "lr_scheduler": schedule}
