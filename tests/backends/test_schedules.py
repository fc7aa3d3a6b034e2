"""Learning-rate schedules by name."""

from __future__ import annotations

import numpy as np
import pytest

from ptychopinn.backends.method import warm_cosine
from ptychopinn.backends.schedules import RateSchedule, own_schedule
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.errors import ConfigError


def test_each_schedule_falls_by_its_rule() -> None:
    def rates(name: str) -> list[float]:
        return [RateSchedule(name, 8).at(100, epoch, epoch / 8) for epoch in range(8)]

    assert set(rates("Default")) == {1.0}
    assert rates("Exponential")[-1] == pytest.approx(0.01 ** (7 / 8))
    assert sorted(set(rates("MultiStage"))) == pytest.approx([0.04, 0.2, 1.0])
    assert np.all(np.diff(rates("WarmCosine")) < 0)
    adaptive = RateSchedule("Adaptive", 8)
    for _ in range(6):
        adaptive.plateau.judge(1.0)
    assert adaptive.at(0, 6, 0.0) == 0.5


def test_the_default_of_the_settings_warms_up_and_ends_low() -> None:
    schedule = own_schedule(PyTorchExecutionConfig(), 3)
    assert schedule.at(0, 0, 0.0) == warm_cosine(0, 0.0) < 0.1
    assert schedule.at(1000, 0, 0.0) == 1.0
    assert schedule.at(1000, 2, 1.0) == pytest.approx(0.02)
    assert own_schedule(PyTorchExecutionConfig(scheduler="Exponential"), 3).name == "Exponential"


def test_an_unknown_schedule_is_refused() -> None:
    with pytest.raises(ConfigError, match="Sine"):
        RateSchedule("Sine", 3)
