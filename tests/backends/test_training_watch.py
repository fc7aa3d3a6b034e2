"""What happens around a training loop, by a clock of its own."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from ptychopinn.backends.training_watch import Clock, Snapshots, TrainingWatch
from ptychopinn.events import Event, Preview, never


class SetClock(Clock):
    """Shows the time that it was set to."""

    now = 0.0

    @property
    def seconds(self) -> float:
        return self.now


@pytest.mark.parametrize(("cost", "seconds", "least"), [(2.0, 60.0, 1), (2.0, 600.0, 10), (0.01, 20.0, 20)])
def test_previews_take_a_twentieth_of_the_training_at_most(cost: float, seconds: float, least: int) -> None:
    clock = SetClock(1, 10**6, None)
    events: list[Event] = []

    def preview(epoch: int) -> Preview:
        clock.now += cost
        return Preview(epoch, np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32))

    watch = TrainingWatch(clock, events.append, never, preview)
    while clock.now < seconds:
        clock.now += 0.05
        watch.after_batch(1, 1, 1, 10**6, lambda: 0.0)
    shown = sum(isinstance(event, Preview) for event in events)
    assert least <= shown <= 0.05 * clock.now / cost


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_saving_takes_a_fiftieth_of_the_time_at_most() -> None:
    clock = Time()
    saved: list[float] = []

    def save() -> None:
        saved.append(clock.now)
        clock.now += 2.0

    snapshots = Snapshots(save, clock)
    while clock.now < 1000:
        clock.now += 1.0
        snapshots.after_best()
    assert saved[0] == 10.0
    assert 2.0 * len(saved) <= 0.02 * 1000 + 2.0
    assert len(saved) > 5


def test_a_full_disk_is_reported_and_the_training_continues(caplog: pytest.LogCaptureFixture) -> None:
    clock = Time()

    def save() -> None:
        raise OSError("No space left on device")

    snapshots = Snapshots(save, clock)
    clock.now = 11.0
    with caplog.at_level(logging.WARNING, "ptychopinn"):
        snapshots.after_best()
    assert "No space left on device" in caplog.text
