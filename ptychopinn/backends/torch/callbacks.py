"""Lightning callbacks for reports and stops, the best weights, and checkpoints."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import Tensor

from ptychopinn.backends.training_watch import TrainingWatch
from ptychopinn.config.execution import PyTorchExecutionConfig


def cut_short(trainer: pl.Trainer) -> bool:
    """Return whether the current epoch was stopped before its last batch."""
    done = trainer.fit_loop.epoch_loop.batch_progress.current.completed
    return bool(trainer.should_stop and done < trainer.num_training_batches)


class Reporter(pl.Callback):
    """Report to a :class:`TrainingWatch` and stop the training when the watch requests it."""

    def __init__(self, watch: TrainingWatch) -> None:
        self.watch = watch

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self.watch.clock.start()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Record the start of the epoch."""
        self.watch.start_epoch()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Report the batch, and stop the training if the watch requests it."""

        def value() -> float:
            loss = outputs["loss"] if isinstance(outputs, dict) else outputs
            return float(loss.detach()) if isinstance(loss, Tensor) else float("nan")

        epoch, batches = trainer.current_epoch + 1, int(trainer.num_training_batches)
        stop = self.watch.after_batch(epoch, trainer.max_epochs or epoch, batch_idx + 1, batches, value)
        if trainer.world_size > 1:
            # Only one process gets the stop request, and clocks differ; all must stop after the same batch.
            stop = trainer.strategy.reduce_boolean_decision(stop, all=False)
        if stop:
            trainer.should_stop = True

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report the epoch with its losses; an incomplete epoch is reported only if no epoch was completed."""
        if self.watch.loss and cut_short(trainer):
            return
        metrics = trainer.callback_metrics
        loss = float(metrics["train_loss"]) if "train_loss" in metrics else float("nan")
        val = float(metrics["val_loss"]) if "val_loss" in metrics else None
        epoch = trainer.current_epoch + 1
        rate = float(trainer.optimizers[0].param_groups[0]["lr"])
        self.watch.after_epoch(epoch, trainer.max_epochs or epoch, loss, val, rate)


class BestWeights(pl.Callback):
    """Keep the weights of the best epoch, by validation loss if there is one, and restore them at the end."""

    def __init__(self) -> None:
        self._best = float("inf")
        self._weights: dict[str, Tensor] | None = None

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Copy the weights if they are the best yet; an incomplete epoch counts only if no epoch was completed."""
        if self._weights is not None and cut_short(trainer):
            return
        metrics = trainer.callback_metrics
        value = metrics.get("val_loss", metrics.get("train_loss"))
        if value is not None and float(value) < self._best:
            self._best = float(value)
            self._weights = copy.deepcopy(pl_module.state_dict())

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Restore the best weights."""
        if self._weights is not None:
            pl_module.load_state_dict(self._weights)


def build_checkpoint(output_dir: Path, execution: PyTorchExecutionConfig, metric: str) -> ModelCheckpoint:
    """Return a callback that writes ``checkpoints/*.ckpt`` for the best epochs according to a metric."""
    return ModelCheckpoint(
        dirpath=output_dir / "checkpoints",
        filename="epoch-{epoch:04d}",
        monitor=metric,
        mode=execution.checkpoint_mode,
        save_top_k=execution.checkpoint_save_top_k,
        auto_insert_metric_name=False,
    )
