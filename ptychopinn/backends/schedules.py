"""Learning-rate schedules, selected by name."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ptychopinn.backends.method import warm_cosine
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.errors import ConfigError

# Default of our own entry points: follows steps or time, whichever ends the training first.
WARM_COSINE = "WarmCosine"
NAMES = ("Default", "Cosine", "Exponential", "MultiStage", "Adaptive", WARM_COSINE)

_EXPONENTIAL_END = 0.01
_STAGE_FACTOR = 0.2
_PLATEAU_FACTOR = 0.5
_PLATEAU_PATIENCE = 3
_PLATEAU_GAIN = 1e-4


@dataclass
class Plateau:
    """Learning-rate factor that is halved if the loss has not fallen for a few epochs."""

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
    """Learning-rate factor for every epoch.

    Attributes
    ----------
    name : str
        ``Default`` (constant), ``Cosine``, ``Exponential``, ``MultiStage``, ``Adaptive``, or ``WarmCosine``.
    epochs : int
        Number of epochs that the schedule covers.
    warmup_epochs : int
        Number of epochs before the rate reaches its full value; not used by ``WarmCosine``.
    min_lr_ratio : float
        Final learning rate of ``Cosine``, relative to the peak.
    plateau : Plateau
        State of the ``Adaptive`` schedule; receives the losses during training.
    """

    name: str
    epochs: int
    warmup_epochs: int = 0
    min_lr_ratio: float = 0.1
    plateau: Plateau = field(default_factory=Plateau)

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ConfigError(
                f"scheduler is {self.name!r}",
                "Default, Cosine, Exponential, MultiStage or Adaptive",
                "Choose one of these.",
            )

    @property
    def constant(self) -> bool:
        """Whether the learning rate is constant."""
        return self.name == "Default" and self.warmup_epochs == 0

    def factor(self, epoch: int) -> float:
        """Return the factor for an epoch, counted from 0."""
        warm = min(1.0, (epoch + 1) / (self.warmup_epochs + 1))
        done = min(max(epoch - self.warmup_epochs, 0) / max(self.epochs - self.warmup_epochs, 1), 1.0)
        if self.name == "Cosine":
            return warm * (self.min_lr_ratio + (1 - self.min_lr_ratio) * 0.5 * (1 + math.cos(math.pi * done)))
        if self.name == "Exponential":
            return warm * _EXPONENTIAL_END**done
        if self.name == "MultiStage":
            passed = sum(epoch >= max(int(part * self.epochs), 1) for part in (0.5, 0.75))
            return warm * _STAGE_FACTOR**passed
        if self.name == "Adaptive":
            return warm * self.plateau.factor
        return warm

    def at(self, step: int, epoch: int, progress: float) -> float:
        """Return the factor for a step; ``step`` and ``epoch`` count from 0, and ``progress`` rises from 0 to 1."""
        return warm_cosine(step, progress) if self.name == WARM_COSINE else self.factor(epoch)


def own_schedule(execution: PyTorchExecutionConfig, epochs: int) -> RateSchedule:
    """Return the schedule for execution settings; here ``Default`` means a warm-up, then a cosine."""
    return RateSchedule(WARM_COSINE if execution.scheduler == "Default" else execution.scheduler, epochs)
