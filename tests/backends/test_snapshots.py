"""When the best weights so far are saved."""

from __future__ import annotations

import logging

import pytest

from ptychopinn.backends.snapshots import Snapshots


class Time:
    """A clock that moves when told to."""

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


def test_a_full_disk_is_told_and_the_training_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    clock = Time()

    def save() -> None:
        raise OSError("No space left on device")

    snapshots = Snapshots(save, clock)
    clock.now = 11.0
    with caplog.at_level(logging.WARNING, "ptychopinn"):
        snapshots.after_best()
    assert "No space left on device" in caplog.text
