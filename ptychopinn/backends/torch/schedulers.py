"""Learning-rate schedules by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import ExponentialLR, LambdaLR, MultiStepLR, ReduceLROnPlateau

from ptychopinn.backends.schedule import warm_cosine
from ptychopinn.errors import ConfigError


def build_scheduler(
    name: str, optimizer: Optimizer, epochs: int, progress: Callable[[], float]
) -> dict[str, Any] | None:
    """Return the Lightning scheduler entry of a name; None keeps the rate constant.

    Parameters
    ----------
    name : str
        ``Cosine``, ``Default`` (constant), ``Exponential``, ``MultiStage`` or ``Adaptive``.
    optimizer : Optimizer
    epochs : int
        Planned number of epochs.
    progress : callable
        Part of the training that is done, 0 to 1.
    """
    if name == "Default":
        return None
    if name == "Cosine":
        return {
            "scheduler": LambdaLR(optimizer, lambda step: warm_cosine(step, progress())),
            "interval": "step",
        }
    if name == "Exponential":
        return {"scheduler": ExponentialLR(optimizer, gamma=0.01 ** (1 / max(epochs, 1))), "interval": "epoch"}
    if name == "MultiStage":
        stages = sorted({max(epochs // 2, 1), max(3 * epochs // 4, 1)})
        return {"scheduler": MultiStepLR(optimizer, stages, gamma=0.2), "interval": "epoch"}
    if name == "Adaptive":
        plateau = ReduceLROnPlateau(optimizer, factor=0.5, patience=3)
        return {"scheduler": plateau, "interval": "epoch", "monitor": "train_loss"}
    raise ConfigError(
        f"scheduler is {name!r}", "Default, Cosine, Exponential, MultiStage or Adaptive", "Choose one of these."
    )
