"""Monitor a training loop: time, reports, previews, snapshots and stops."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from ptychopinn.events import Batch, Epoch, Preview, Report, Stop

_logger = logging.getLogger("ptychopinn")

# Previews after the first take at most this fraction of the training time; at most five are made per second.
_PREVIEW_SHARE = 0.045
_PREVIEW_GAP_S = 0.2
_REPORT_GAP_S = 0.1
# The first steps change the picture too fast to be worth showing.
_FIRST_PREVIEW_STEP = 5
# Saving the best weights may take this fraction of the training time.
_SAVE_SHARE = 0.02
_FIRST_SAVE_S = 10.0


class Clock:
    """Elapsed time, and the completed fraction of the training by epochs or by time."""

    def __init__(self, epochs: int, batches_per_epoch: int, max_seconds: float | None) -> None:
        self._total = max(epochs * batches_per_epoch, 1)
        self._max_seconds = max_seconds
        self._started: float | None = None
        self.steps = 0

    def start(self) -> None:
        """Start the clock."""
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since :meth:`start`."""
        return 0.0 if self._started is None else time.monotonic() - self._started

    @property
    def progress(self) -> float:
        """Completed fraction of the training, 0 to 1."""
        by_time = self.seconds / self._max_seconds if self._max_seconds else 0.0
        return min(max(self.steps / self._total, by_time), 1.0)

    @property
    def out_of_time(self) -> bool:
        """Whether the time limit has passed."""
        return self._max_seconds is not None and self.seconds >= self._max_seconds

    @property
    def eta_s(self) -> float | None:
        """Estimated remaining seconds; None before the first step."""
        done = self.progress
        return self.seconds * (1 - done) / done if done > 0 else None


class Snapshots:
    """Save after each new best epoch, unless the last save was too recent.

    Parameters
    ----------
    save : callable
        Writes the current model.
    clock : callable
        Returns the time in seconds; only differences matter.
    """

    def __init__(self, save: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._save, self._clock = save, clock
        self._due = clock() + _FIRST_SAVE_S

    def after_best(self) -> None:
        """Save the current weights, which are the best yet, if a save is due."""
        started = self._clock()
        if started < self._due:
            return
        try:
            self._save()
        except OSError as error:
            # A full disk must not end a training run that may still be saved elsewhere.
            _logger.warning("the weights could not be saved (%s); training continues", error)
        ended = self._clock()
        self._due = ended + max(_FIRST_SAVE_S, (ended - started) / _SAVE_SHARE)


class TrainingWatch:
    """Send events, record the losses, and stop the training on a stop request or at the time limit.

    ``snapshots`` saves the best weights from time to time.

    Attributes
    ----------
    loss, val_loss : lists of float
        Losses by epoch.
    best_epoch : int
        Best epoch, counted from 1; 0 before the first epoch ends.
    stopped : bool
        Whether the training was stopped on request.
    """

    def __init__(
        self,
        clock: Clock,
        report: Report,
        should_stop: Stop,
        preview: Callable[[int], Preview],
        snapshots: Snapshots | None = None,
    ) -> None:
        self.clock, self.report, self.should_stop, self.preview = clock, report, should_stop, preview
        self.snapshots = snapshots
        self.loss: list[float] = []
        self.val_loss: list[float] = []
        self.best_epoch = 0
        self.stopped = False
        self._epoch_started = 0.0
        self._next_report = 0.0
        self._previewed = 0.0
        self._next_preview = 0.0

    def start_epoch(self) -> None:
        """Record the start of the epoch."""
        self._epoch_started = self.clock.seconds

    def after_batch(self, epoch: int, epochs: int, batch: int, batches: int, loss: Callable[[], float]) -> bool:
        """Report a batch (counted from 1) and a preview, each only if due; return whether to end the training.

        ``loss`` is called only when a report is due, because reading it from a device takes time.
        """
        self.clock.steps += 1
        now = self.clock.seconds
        if now >= self._next_report:
            self.report(Batch(epoch, epochs, batch, batches, loss()))
            self._next_report = now + _REPORT_GAP_S
        if now >= self._next_preview and self.clock.steps >= _FIRST_PREVIEW_STEP:
            self.report(self.preview(epoch))
            cost = self.clock.seconds - now
            self._previewed += cost
            # The next preview will cost as much again.
            soonest = self.clock.seconds + _PREVIEW_GAP_S
            self._next_preview = max(soonest, (self._previewed + cost) / _PREVIEW_SHARE)
        self.stopped = self.should_stop()
        return self.stopped or self.clock.out_of_time

    def after_epoch(self, epoch: int, epochs: int, loss: float, val_loss: float | None, learning_rate: float) -> bool:
        """Report an epoch (counted from 1) with its losses; return whether it is the best yet."""
        judged, value = (self.loss, loss) if val_loss is None else (self.val_loss, val_loss)
        best = not judged or value < min(judged)
        self.loss.append(loss)
        if val_loss is not None:
            self.val_loss.append(val_loss)
        self.best_epoch = epoch if best else self.best_epoch
        seconds = self.clock.seconds - self._epoch_started
        self.report(Epoch(epoch, epochs, loss, val_loss, seconds, self.clock.eta_s, learning_rate, best))
        if best and self.snapshots is not None:
            self.snapshots.after_best()
        return best
