"""Learning-rate schedules by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from ptychopinn.backends.method import warm_cosine
from ptychopinn.errors import ConfigError

# The schedule of our own entry points: by steps or time, whichever ends the training.
WARM_COSINE = "WarmCosine"
# Epoch, counted from 0, to a factor on the learning rate.
RateRule = Callable[[int], float]
NAMES = ("Default", "Cosine", "Exponential", "MultiStage", "Adaptive", WARM_COSINE)

_EXPONENTIAL_END = 0.01
_STAGE_FACTOR = 0.2
_PLATEAU_FACTOR = 0.5
_PLATEAU_PATIENCE = 3
_PLATEAU_GAIN = 1e-4


@dataclass
class Plateau:
    """Halve a factor whenever a loss has not fallen for a few epochs."""

    factor: float = 1.0
    best: float = math.inf
    waited: int = 0

    def judge(self, loss: float) -> None:
        """Update the factor with the loss of an epoch."""
        if loss < self.best * (1 - _PLATEAU_GAIN):
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited > _PLATEAU_PATIENCE:
            self.factor, self.waited = self.factor * _PLATEAU_FACTOR, 0


@dataclass
class RateSchedule:
    """The factor on the learning rate of every epoch.

    Attributes
    ----------
    name : str
        ``Default`` (constant), ``Cosine``, ``Exponential``, ``MultiStage`` or ``Adaptive``.
    epochs : int
        Epochs that the schedule covers.
    warmup_epochs : int
        Epochs in which the rate rises from nearly nothing, whatever the schedule.
    min_lr_ratio : float
        Where the cosine ends.
    plateau : Plateau
        Of the ``Adaptive`` schedule; the training shows it the losses.
    """

    name: str
    epochs: int
    warmup_epochs: int = 0
    min_lr_ratio: float = 0.1
    plateau: Plateau | None = None

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ConfigError(
                f"scheduler is {self.name!r}",
                "Default, Cosine, Exponential, MultiStage or Adaptive",
                "Choose one of these.",
            )
        self.plateau = self.plateau or Plateau()

    @property
    def constant(self) -> bool:
        """Whether the rate never changes."""
        return self.name == "Default" and self.warmup_epochs == 0

    def factor(self, epoch: int) -> float:
        """Return the factor of an epoch, counted from 0."""
        warm = min(1.0, (epoch + 1) / (self.warmup_epochs + 1))
        done = min(max(epoch - self.warmup_epochs, 0) / max(self.epochs - self.warmup_epochs, 1), 1.0)
        if self.name == "Cosine":
            return warm * (self.min_lr_ratio + (1 - self.min_lr_ratio) * 0.5 * (1 + math.cos(math.pi * done)))
        if self.name == "Exponential":
            return warm * _EXPONENTIAL_END**done
        if self.name == "MultiStage":
            passed = sum(epoch >= max(int(part * self.epochs), 1) for part in (0.5, 0.75))
            return warm * _STAGE_FACTOR**passed
        if self.name == "Adaptive" and self.plateau is not None:
            return warm * self.plateau.factor
        return warm


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
            "scheduler": LambdaLR(optimizer, lambda step: warm_cosine(step, progress())),
            "interval": "step",
        }
    if not any(rules):
        return None
    return {"scheduler": LambdaLR(optimizer, [rule or _constant for rule in rules]), "interval": "epoch"}


def _constant(epoch: int) -> float:
    return 1.0
