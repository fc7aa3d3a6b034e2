"""Learning-rate schedules for Lightning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from ptychopinn.backends.schedules import WARM_COSINE, RateSchedule

# Epoch, counted from 0, to a factor on the learning rate.
RateRule = Callable[[int], float]


def build_scheduler(
    schedule: RateSchedule, rules: list[RateRule | None], optimizer: Optimizer, progress: Callable[[], float]
) -> dict[str, Any] | None:
    """Return the Lightning scheduler entry; None keeps the rate constant.

    Parameters
    ----------
    schedule : RateSchedule
    rules : list
        For each parameter group of the optimiser, epoch to the factor on its rate; None is a constant rate.
    optimizer : Optimizer
    progress : callable
        Completed part of the training, 0 to 1; for our own entry points' schedule.
    """
    if schedule.name == WARM_COSINE:
        return {
            "scheduler": LambdaLR(optimizer, lambda step: schedule.at(step, 0, progress())),
            "interval": "step",
        }
    if not any(rules):
        return None
    return {"scheduler": LambdaLR(optimizer, [rule or _constant for rule in rules]), "interval": "epoch"}


def _constant(epoch: int) -> float:
    return 1.0
