"""Events of a running job, and the request to stop it.

This module imports only the errors of the package, so that every other module can use it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ptychopinn.errors import JobCancelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Phase:
    """A new step of the job, for example ``"reading scan.npz"``."""

    text: str


@dataclass(frozen=True)
class Batch:
    """A finished optimiser step; epochs and batches are counted from 1."""

    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float


@dataclass(frozen=True)
class Epoch:
    """A finished epoch with its losses; ``eta_s`` is the estimated remaining time in seconds."""

    epoch: int
    epochs: int
    loss: float
    val_loss: float | None
    seconds: float
    eta_s: float | None
    learning_rate: float
    best: bool

    def line(self) -> str:
        """Return one log line for the epoch: losses, seconds, remaining time."""
        val = "" if self.val_loss is None else f", val_loss {self.val_loss:.5g}"
        left = "" if self.eta_s is None else f", ETA {self.eta_s:.0f} s"
        return f"epoch {self.epoch}/{self.epochs}: loss {self.loss:.5g}{val}, {self.seconds:.1f} s{left}"


@dataclass(frozen=True)
class Sweep:
    """A finished sweep of the iterative engine.

    ``r_factor`` is R of the fitted patterns, computed for each pattern just before its update. ``r_free`` is R of the
    free patterns after the sweep; None if no patterns are free.
    """

    sweep: int
    sweeps: int
    r_factor: float
    seconds: float
    eta_s: float
    r_free: float | None = None

    def line(self) -> str:
        """Return one log line for the sweep."""
        free = "" if self.r_free is None else f", R free {self.r_free:.4f}"
        time = f"{self.seconds:.2f} s, ETA {self.eta_s:.0f} s"
        return f"sweep {self.sweep}/{self.sweeps}: R {self.r_factor:.4f}{free}, {time}"


@dataclass(frozen=True)
class Preview:
    """The current object: amplitude and phase (rad), float32, shape (rows, columns), at most 512 px per side.

    The amplitude is zero where no pattern covers the object.
    """

    epoch: int
    amplitude: NDArray[np.float32]
    phase: NDArray[np.float32]


@dataclass(frozen=True)
class Metric:
    """A named number, for example ``Metric("r_factor", 0.09)``."""

    name: str
    value: float


Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Notice:
    """A sentence for the user."""

    severity: Severity
    text: str


Event = Phase | Batch | Epoch | Sweep | Preview | Metric | Notice
Report = Callable[[Event], None]
Stop = Callable[[], bool]


def ignore(event: Event) -> None:
    """Ignore an event."""


def never() -> bool:
    """Return False, so that the job never stops early."""
    return False


def notify(report: Report, text: str, severity: Severity = "warning") -> None:
    """Log a sentence and report it as a :class:`Notice`."""
    logging.getLogger("ptychopinn").log(getattr(logging, severity.upper()), "%s", text)
    report(Notice(severity, text))


def stop_if_asked(should_stop: Stop, work: str = "reconstruction") -> None:
    """Raise JobCancelled if a stop is requested; ``work`` names the job."""
    if should_stop():
        raise JobCancelled(f"the {work} was stopped", mend="Start it again to get a result.")
