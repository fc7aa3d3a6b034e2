"""What happens around a training loop, by a clock of its own."""

from __future__ import annotations

import numpy as np
import pytest

from ptychopinn.backends.training_watch import Clock, TrainingWatch
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
