"""The training loop's view of the model: losses, optimiser, schedule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightning.pytorch as pl
import torch
from torch import Tensor

from ptychopinn.backends.torch.datamodule import GroupBatch
from ptychopinn.backends.torch.losses import amplitude_error, object_error, relative_deviance, total_variation
from ptychopinn.backends.torch.network import GroupObject, PtychoNetwork
from ptychopinn.backends.torch.schedulers import build_scheduler
from ptychopinn.config.training import TrainingConfig


class TrainingModule(pl.LightningModule):
    """Train a :class:`PtychoNetwork` on the patterns themselves, or on a known object (supervised).

    Parameters
    ----------
    network : PtychoNetwork
    config : TrainingConfig
    shape : (int, int)
        Canvas rows and columns.
    learning_rate : float
    scheduler : str
        See :func:`ptychopinn.backends.torch.schedulers.build_scheduler`.
    progress : callable
        Part of the training that is done, 0 to 1.
    """

    def __init__(
        self,
        network: PtychoNetwork,
        config: TrainingConfig,
        shape: tuple[int, int],
        learning_rate: float,
        scheduler: str,
        progress: Callable[[], float],
    ) -> None:
        super().__init__()
        self.network = network
        self.config = config
        self.shape = shape
        self.learning_rate = learning_rate
        self.scheduler_name = scheduler
        self.progress = progress

    def forward(self, amplitude: Tensor, offsets_px: Tensor) -> GroupObject:
        """Predict the object of groups; see :meth:`PtychoNetwork.forward`."""
        result: GroupObject = self.network(amplitude, offsets_px, self.shape)
        return result

    def training_step(self, batch: GroupBatch, index: int) -> Tensor:
        """Return the loss of a batch."""
        loss = self.loss(batch)
        self.log("train_loss", loss, on_epoch=True, on_step=False, batch_size=len(batch.amplitude))
        return loss

    def validation_step(self, batch: GroupBatch, index: int) -> Tensor:
        """Return the loss of groups that never seed a training group."""
        loss = self.loss(batch)
        self.log("val_loss", loss, on_epoch=True, batch_size=len(batch.amplitude))
        return loss

    def loss(self, batch: GroupBatch) -> Tensor:
        """Return the weighted sum of the losses that the configuration asks for."""
        config = self.config
        result = self(batch.amplitude, batch.offsets_px)
        total = torch.zeros((), device=batch.amplitude.device)
        known = batch.truth.shape[-1] > 0
        if config.model.model_type == "supervised":
            total = total + object_error(result.canvas, batch.truth, result.layout.dose)
        else:
            measured = batch.amplitude.flatten(0, 1)
            intensity = self.network.patterns(result)
            if config.nll_weight > 0 and config.torch_loss_mode == "poisson":
                total = total + config.nll_weight * relative_deviance(measured, intensity)
            mae_weight = config.mae_weight
            if config.torch_loss_mode == "mae":
                mae_weight = mae_weight or 1.0
            if mae_weight > 0:
                total = total + mae_weight * amplitude_error(measured, intensity)
            if config.realspace_mae_weight > 0 and known:
                error = object_error(result.canvas, batch.truth, result.layout.dose)
                total = total + config.realspace_mae_weight * error
        if config.realspace_weight > 0:
            total = total + config.realspace_weight * total_variation(result.canvas, result.layout.dose)
        return total

    def configure_optimizers(self) -> Any:
        """Return Adam and the schedule."""
        trainable = [parameter for parameter in self.parameters() if parameter.requires_grad]
        optimizer = torch.optim.Adam(trainable, lr=self.learning_rate)
        epochs = self.config.nepochs
        schedule = build_scheduler(self.scheduler_name, optimizer, epochs, self.progress)
        return optimizer if schedule is None else {"optimizer": optimizer, "lr_scheduler": schedule}
