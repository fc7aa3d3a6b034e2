"""Progress of a job on the terminal, based on the workflow's events."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, TypedDict

from ptychopinn.cli.interrupt import stop_on_interrupt
from ptychopinn.events import Batch, Epoch, Event, Notice, Phase, Report, Stop, Sweep

_BAR = 24
_GAP_S = 0.2


class JobOptions(TypedDict):
    """Options that let a job report its progress and be stopped."""

    report: Report
    should_stop: Stop


class Progress:
    """Shows the progress of a job: one updated line on a terminal, plain lines elsewhere.

    Parameters
    ----------
    max_minutes : float or None
        Time limit of a training run; the bar shows the completed fraction of time or epochs, whichever is larger.
    quiet : bool
        Whether to show only warnings and errors.
    """

    def __init__(self, max_minutes: float | None = None, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._limit_s = None if max_minutes is None else 60 * max_minutes
        self._quiet = quiet
        self._phase = ""
        self._started = time.monotonic()
        self._drawn = 0.0
        self._last: Epoch | None = None

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, Notice):
            if event.severity != "info" or not self._quiet:
                self._line(f"{event.severity}: {event.text}" if event.severity != "info" else event.text)
        elif self._quiet:
            return
        elif isinstance(event, Phase):
            self._phase, self._started = event.text, time.monotonic()
            self._line(f"{event.text} ...")
        elif isinstance(event, Epoch):
            self._last = event
            if not self._live:
                self._line(self._losses(event))
        elif isinstance(event, Sweep):
            if self._live:
                free = "" if event.r_free is None else f", free {event.r_free:.4f}"
                self._bar(event.sweep / event.sweeps, f" | R {event.r_factor:.4f}{free}")
        elif isinstance(event, Batch) and self._live and time.monotonic() - self._drawn > _GAP_S:
            self._draw(event)

    @contextmanager
    def job(self, on_interrupt: str) -> Iterator[JobOptions]:
        """Yield the options of a job; Ctrl-C prints the sentence ``on_interrupt`` and stops the job."""
        with stop_on_interrupt(on_interrupt) as should_stop:
            yield {"report": self, "should_stop": should_stop}
        self.close()

    def close(self) -> None:
        """Clear the progress line."""
        if self._live and self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _line(self, text: str) -> None:
        self.close()
        self._stream.write(text + "\n")
        self._stream.flush()

    def _draw(self, batch: Batch) -> None:
        elapsed = time.monotonic() - self._started
        done = (batch.epoch - 1 + batch.batch / max(batch.batches, 1)) / max(batch.epochs, 1)
        if self._limit_s and self._phase == "training":
            done = max(done, elapsed / self._limit_s)
        done = min(done, 1.0)
        losses = f" | {self._losses(self._last)}" if self._last and self._phase == "training" else ""
        self._bar(done, losses)

    def _bar(self, done: float, text: str) -> None:
        self._drawn = time.monotonic()
        elapsed = self._drawn - self._started
        bar = "#" * int(done * _BAR)
        left = f" {_clock(elapsed * (1 - done) / done)} left" if done > 0.01 else ""
        self._stream.write(f"\r\x1b[K[{bar:<{_BAR}}] {100 * done:3.0f} %{left}{text}"[:160])
        self._stream.flush()

    def _losses(self, epoch: Epoch) -> str:
        val = "" if epoch.val_loss is None else f", validation {epoch.val_loss:.5f}"
        left = "" if epoch.eta_s is None else f", {_clock(epoch.eta_s)} left"
        return f"epoch {epoch.epoch}: loss {epoch.loss:.5f}{val}, {epoch.seconds:.1f} s{left}"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
