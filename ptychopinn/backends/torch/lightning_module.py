"""Lightning module with the losses, the optimiser and the schedule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from ptychopinn.backends.schedules import WARM_COSINE, RateSchedule
from ptychopinn.backends.stored_settings import plain_settings
from ptychopinn.backends.torch.datamodule import GroupBatch
from ptychopinn.backends.torch.losses import (
    amplitude_error,
    at_phase_of,
    object_error,
    relative_deviance,
    total_variation,
)
from ptychopinn.backends.torch.network import GroupObject, PtychoNetwork
from ptychopinn.config.training import TrainingConfig

# Epoch, counted from 0, to a factor on the learning rate.
RateRule = Callable[[int], float]


class TrainingModule(pl.LightningModule):
    """Train a :class:`PtychoNetwork` on the patterns themselves, or on a known object (supervised).

    Subclasses may change the prediction, the terms of the loss and the learning rates.

    Parameters
    ----------
    network : PtychoNetwork
    config : TrainingConfig
    mean_counts : float
        Mean total counts per pattern in the training scan; 0 before training.
    schedule : RateSchedule or None
        None keeps the learning rate constant.
    learning_rate : float
        Peak learning rate of the optimiser.

    Attributes
    ----------
    shape : (int, int)
        Canvas rows and columns of the batches; set before training.
    progress : callable
        Returns the completed fraction of the training, 0 to 1; set before training.
    """

    def __init__(
        self,
        network: PtychoNetwork,
        config: TrainingConfig,
        *,
        mean_counts: float = 0.0,
        schedule: RateSchedule | None = None,
        learning_rate: float = 1e-3,
    ) -> None:
        super().__init__()
        self.network, self.config, self.mean_counts = network, config, mean_counts
        self.schedule = schedule or RateSchedule("Default", config.nepochs)
        self.learning_rate = learning_rate
        self.shape = (config.model.N, config.model.N)
        self.progress: Callable[[], float] = lambda: 0.0

    @property
    def loss_name(self) -> str:
        """Name under which the training loss is logged."""
        mae = self.config.torch_loss_mode == "mae" or self.config.model.model_type == "supervised"
        return "mae_train_loss" if mae else "poisson_train_loss"

    @property
    def val_loss_name(self) -> str:
        """Name under which the validation loss is logged."""
        return self.loss_name.replace("train", "val")

    def hyper_parameters(self) -> dict[str, Any]:
        """Return the plain values stored with the weights in a checkpoint; the settings are under ``training``."""
        return {
            "training": plain_settings(self.config),
            "modes": int(self.network.probe_parts.shape[0]),
            "mean_counts": float(self.mean_counts),
            "mixed": bool(self.network.mixed),
        }

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the hyperparameters to the checkpoint."""
        checkpoint["hyper_parameters"] = self.hyper_parameters()

    def set_probe(self, probe: NDArray[np.complexfloating]) -> None:
        """Set the default probe (mode, N, N), which may have any power."""
        self.network.set_probe(probe)

    def training_step(self, batch: GroupBatch, index: int) -> Tensor:
        """Return the loss of a training batch."""
        return self._logged_loss(batch, "train_loss", self.loss_name)

    def validation_step(self, batch: GroupBatch, index: int) -> Tensor:
        """Return the loss of a validation batch."""
        return self._logged_loss(batch, "val_loss", self.val_loss_name)

    def _logged_loss(self, batch: GroupBatch, plain: str, name: str) -> Tensor:
        loss, groups = self.loss(batch), len(batch.amplitude)
        # The plain name is for our own callbacks; experiment trackers get the name of the kind of loss.
        self.log(plain, loss, on_epoch=True, on_step=False, batch_size=groups, logger=False, sync_dist=True)
        self.log(name, loss, on_epoch=True, on_step=False, batch_size=groups, sync_dist=True)
        return loss

    def on_train_epoch_end(self) -> None:
        """Pass the epoch's loss to the schedule."""
        metrics = self.trainer.callback_metrics
        if "train_loss" in metrics:
            self.schedule.plateau.judge(float(metrics["train_loss"]))

    def loss(self, batch: GroupBatch) -> Tensor:
        """Return the weighted sum of the losses selected in the settings."""
        config = self.config
        result = self.predict(batch)
        if config.model.model_type == "supervised":
            total = self.object_loss(result, batch.truth)
        else:
            total = self.pattern_loss(batch.amplitude.flatten(0, 1), self.network.patterns(result))
            if config.realspace_mae_weight > 0 and batch.truth.shape[-1] > 0:
                total = total + config.realspace_mae_weight * self.object_loss(result, batch.truth)
        if config.realspace_weight > 0:
            total = total + config.realspace_weight * total_variation(result.canvas, result.layout.dose)
        return total + self.penalty(result)

    def penalty(self, result: GroupObject) -> Tensor:
        """Return the sum of additional loss terms; 0 by default."""
        return torch.zeros((), device=result.canvas.device)

    def predict(self, batch: GroupBatch) -> GroupObject:
        """Predict the object of a batch with the probe of the network."""
        result: GroupObject = self.network(batch.amplitude, batch.offsets_px, self.shape)
        return result

    def pattern_loss(self, measured: Tensor, intensity: Tensor) -> Tensor:
        """Return the loss between measured amplitude and expected intensity, both (pattern, N, N)."""
        config = self.config
        total = torch.zeros((), device=measured.device)
        mae_weight = config.mae_weight
        if config.torch_loss_mode == "mae":
            mae_weight = mae_weight or 1.0
        elif config.nll_weight > 0:
            total = total + config.nll_weight * relative_deviance(measured, intensity)
        if mae_weight > 0:
            total = total + mae_weight * amplitude_error(measured, intensity)
        return total

    def object_loss(self, result: GroupObject, truth: Tensor) -> Tensor:
        """Return the loss between the predicted and the known object (group, rows, columns), up to a global phase."""
        canvas, dose = result.canvas, result.layout.dose
        return object_error(at_phase_of(canvas, truth, dose), truth, dose)

    def rate_groups(self) -> list[tuple[list[Tensor], RateRule | None]]:
        """Return groups of parameters, each with a function that maps the epoch to a learning-rate factor.

        None instead of a function keeps the rate constant.
        """
        learning: list[Tensor] = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        return [(learning, None if self.schedule.constant else self.schedule.factor)]

    def configure_optimizers(self) -> Any:
        """Return the Adam optimiser and, unless the rate is constant, its schedule."""
        groups = self.rate_groups()
        optimizer = torch.optim.Adam([{"params": parameters} for parameters, _ in groups], lr=self.learning_rate)
        rules, interval = [rule for _, rule in groups], "epoch"
        if self.schedule.name == WARM_COSINE:
            rules, interval = [lambda step: self.schedule.at(step, 0, self.progress())] * len(groups), "step"
        if not any(rules):
            return optimizer
        scheduler = LambdaLR(optimizer, [rule or _constant for rule in rules])
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": interval}}


def _constant(epoch: int) -> float:
    return 1.0
