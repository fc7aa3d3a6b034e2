"""The learning rate by schedule name."""

from __future__ import annotations

from ptychopinn.backends.method import warm_cosine
from ptychopinn.errors import ConfigError

_PLATEAU_EPOCHS, _PLATEAU_FACTOR = 3, 0.5


class LearningRate:
    """The rate of every step.

    Parameters
    ----------
    name : str
        ``Cosine``, ``Constant``, ``Exponential``, ``MultiStage`` or ``Adaptive``.
    peak : float
    epochs : int
        Planned number of epochs.

    Raises
    ------
    ConfigError
        An unknown name.
    """

    def __init__(self, name: str, peak: float, epochs: int) -> None:
        if name not in ("Cosine", "Constant", "Exponential", "MultiStage", "Adaptive"):
            raise ConfigError(
                f"scheduler is {name!r}",
                "Constant, Cosine, Exponential, MultiStage or Adaptive",
                "Choose one of these.",
            )
        self.name, self.peak, self.epochs = name, peak, max(epochs, 1)
        self._plateau_factor, self._best, self._waited = 1.0, float("inf"), 0

    def at(self, step: int, epoch: int, progress: float) -> float:
        """Return the rate of a step; both counted from 0, ``progress`` is the part that is done, 0 to 1."""
        if self.name == "Cosine":
            return self.peak * warm_cosine(step, progress)
        if self.name == "Exponential":
            return float(self.peak * 0.01 ** (epoch / self.epochs))
        if self.name == "MultiStage":
            passed = sum(epoch >= stage for stage in {max(self.epochs // 2, 1), max(3 * self.epochs // 4, 1)})
            return float(self.peak * 0.2**passed)
        return self.peak * self._plateau_factor

    def after_epoch(self, loss: float) -> None:
        """Update the schedule with the training loss of an epoch; ``Adaptive`` halves the rate when it stalls."""
        if self.name != "Adaptive":
            return
        if loss < self._best * (1 - 1e-4):
            self._best, self._waited = loss, 0
            return
        self._waited += 1
        if self._waited > _PLATEAU_EPOCHS:
            self._plateau_factor, self._waited = self._plateau_factor * _PLATEAU_FACTOR, 0
