"""What happens around the training loop: reports, stops, previews, and keeping the best weights."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import lightning.pytorch as pl
from torch import Tensor

from ptychopinn.workflow.events import Batch, Epoch, Preview, Report, Stop

# At most this part of the training time goes into previews, and at most five are made a second.
_PREVIEW_SHARE = 0.05
_PREVIEW_GAP_S = 0.2
_REPORT_GAP_S = 0.1


class Clock:
    """Time spent training, and the part of the training that is done by epochs or by time."""

    def __init__(self, epochs: int, batches_per_epoch: int, max_seconds: float | None) -> None:
        self._total = max(epochs * batches_per_epoch, 1)
        self._max_seconds = max_seconds
        self._started: float | None = None
        self.steps = 0

    def start(self) -> None:
        """Begin to count."""
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since :meth:`start`."""
        return 0.0 if self._started is None else time.monotonic() - self._started

    @property
    def progress(self) -> float:
        """Part of the training that is done, 0 to 1."""
        by_time = self.seconds / self._max_seconds if self._max_seconds else 0.0
        return min(max(self.steps / self._total, by_time), 1.0)

    @property
    def out_of_time(self) -> bool:
        """Whether the time limit has passed."""
        return self._max_seconds is not None and self.seconds >= self._max_seconds

    @property
    def eta_s(self) -> float | None:
        """Seconds left, by the pace so far; None before the first step."""
        done = self.progress
        return self.seconds * (1 - done) / done if done > 0 else None


def cut_short(trainer: pl.Trainer) -> bool:
    """Answer whether the epoch that ends was stopped before its last batch."""
    done = trainer.fit_loop.epoch_loop.batch_progress.current.completed
    return bool(trainer.should_stop and done < trainer.num_training_batches)


class Reporter(pl.Callback):
    """Send events, and end the training after a batch when asked to or when the time is up."""

    def __init__(
        self,
        clock: Clock,
        report: Report,
        should_stop: Stop,
        preview: Callable[[int], Preview],
    ) -> None:
        self.clock, self.report, self.should_stop, self.preview = clock, report, should_stop, preview
        self.loss: list[float] = []
        self.val_loss: list[float] = []
        self.best_epoch = 0
        self.stopped = False
        self._epoch_started = 0.0
        self._next_report = 0.0
        self._next_preview = 0.0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self.clock.start()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note when the epoch began."""
        self._epoch_started = self.clock.seconds

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Report the batch, make a preview when one is due, look whether to stop."""
        self.clock.steps += 1
        now = self.clock.seconds
        if now >= self._next_report:
            loss = outputs["loss"] if isinstance(outputs, dict) else outputs
            value = float(loss.detach()) if isinstance(loss, Tensor) else float("nan")
            epoch, batches = trainer.current_epoch + 1, int(trainer.num_training_batches)
            self.report(Batch(epoch, trainer.max_epochs or epoch, batch_idx + 1, batches, value))
            self._next_report = now + _REPORT_GAP_S
        if now >= self._next_preview and self.clock.steps >= 5:
            self.report(self.preview(trainer.current_epoch + 1))
            cost = self.clock.seconds - now
            self._next_preview = self.clock.seconds + max(_PREVIEW_GAP_S, cost / _PREVIEW_SHARE)
        self.stopped = self.should_stop()
        if self.stopped or self.clock.out_of_time:
            trainer.should_stop = True

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report the epoch with its losses; a part of an epoch only when there is no whole one."""
        if self.loss and cut_short(trainer):
            return
        metrics = trainer.callback_metrics
        loss = float(metrics["train_loss"]) if "train_loss" in metrics else float("nan")
        val = float(metrics["val_loss"]) if "val_loss" in metrics else None
        judged = self.val_loss if val is not None else self.loss
        best = not judged or (loss if val is None else val) < min(judged)
        self.loss.append(loss)
        if val is not None:
            self.val_loss.append(val)
        epoch = trainer.current_epoch + 1
        self.best_epoch = epoch if best else self.best_epoch
        rate = float(trainer.optimizers[0].param_groups[0]["lr"])
        seconds = self.clock.seconds - self._epoch_started
        epochs = trainer.max_epochs or epoch
        self.report(Epoch(epoch, epochs, loss, val, seconds, self.clock.eta_s, rate, best))


class BestWeights(pl.Callback):
    """Keep the weights of the epoch with the lowest validation loss, and bring them back at the end."""

    def __init__(self) -> None:
        self._best = float("inf")
        self._weights: dict[str, Tensor] | None = None

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Copy the weights when they are the best so far; an epoch cut short has not been judged."""
        if self._weights is not None and cut_short(trainer):
            return
        metrics = trainer.callback_metrics
        value = metrics.get("val_loss", metrics.get("train_loss"))
        if value is not None and float(value) < self._best:
            self._best = float(value)
            self._weights = copy.deepcopy(pl_module.state_dict())

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Bring the best weights back."""
        if self._weights is not None:
            pl_module.load_state_dict(self._weights)
