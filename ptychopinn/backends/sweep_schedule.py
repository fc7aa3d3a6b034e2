"""How large the steps of each sweep are, and what to do when they were too large."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

# After this fraction of the sweeps, the steps shrink: with full steps each batch pulls the object towards its noise,
# and R and picture stay worse than the patterns allow.
_FALL_FROM = 0.7
_LAST_STEP = 0.1
# Sweeps after which probe and positions may change: the object needs a first shape before it can correct them.
PROBE_FROM = 1
POSITIONS_FROM = 5


@dataclass(frozen=True)
class Pace:
    """Step sizes of one sweep.

    Attributes
    ----------
    step, probe_step : float
        Factors on the updates of object and probe; 0 leaves the probe unchanged.
    alpha, probe_alpha : float
        Regularisation of the updates of object and probe; 1 is ePIE.
    momentum : float
        Part of the last sweeps' change that is added before the sweep; 0 for none.
    coarse : bool
        Whether coarse grids correct the object as well.
    move : bool
        Whether positions are corrected.
    """

    step: float
    alpha: float
    probe_step: float = 0.0
    momentum: float = 0.0
    coarse: bool = False
    move: bool = False
    probe_alpha: float = 0.2


@dataclass(frozen=True)
class Gait:
    """A set of rules from which the pace of each sweep follows.

    Attributes
    ----------
    step, probe_step : float
        At the start; see :class:`Pace`.
    alpha : (float, float)
        In the first and in the last sweep.
    """

    step: float
    probe_step: float
    alpha: tuple[float, float]
    momentum: float
    coarse: bool
    probe_alpha: float = 0.2


# At low dose, small steps average the noise of many patterns.
_DIM = Gait(1.0, 0.2, (0.2, 0.5), 0.0, True)
# The next gait is taken when R rises: every step is safer and slower than the one before.
_PLAIN = Gait(1.0, 0.5, (0.2, 0.2), 0.0, False)
GAITS = {
    "multilevel": (
        Gait(1.3, 0.3, (0.05, 0.4), 0.5, True),
        Gait(1.0, 0.3, (0.1, 0.3), 0.0, True),
        _PLAIN,
        Gait(0.5, 0.2, (0.5, 0.5), 0.0, False),
        Gait(0.2, 0.05, (1.0, 1.0), 0.0, False),
    ),
    "rPIE": (_PLAIN, Gait(0.5, 0.2, (0.5, 0.5), 0.0, False), Gait(0.2, 0.05, (1.0, 1.0), 0.0, False)),
    "ePIE": (Gait(1.0, 0.5, (1.0, 1.0), 0.0, False, 1.0), Gait(0.3, 0.1, (1.0, 1.0), 0.0, False, 1.0)),
}


class Schedule:
    """The pace of each sweep; :meth:`calm` makes the coming ones safer.

    Parameters
    ----------
    method : str
        A key of ``GAITS``.
    update_probe, move : bool
        Whether probe and positions may change.
    dim : bool
        Whether there are so few counts that full steps would fit noise.
    fitted : bool
        Whether the object was fitted to the patterns before, so that large steps would only disturb it.
    """

    def __init__(self, method: str, update_probe: bool, move: bool, *, dim: bool = False, fitted: bool = False) -> None:
        self._gaits = list(GAITS[method])
        if fitted and self._gaits[0].coarse:
            self._gaits.pop(0)
        if dim and self._gaits[0].coarse:
            self._gaits = [_DIM, *(gait for gait in self._gaits if not gait.coarse)]
        self._update_probe, self._move = update_probe, move

    @property
    def coarse(self) -> bool:
        """Return whether coarse grids are still in use, so that calmer steps may yet lower R."""
        return self._gaits[0].coarse

    def calm(self) -> None:
        """Take smaller steps from now on."""
        if len(self._gaits) > 1:
            self._gaits.pop(0)
        else:
            last = self._gaits[0]
            self._gaits = [replace(last, step=last.step / 2, probe_step=last.probe_step / 2)]

    def pace(self, number: int, done: float, left: int) -> Pace:
        """Return the pace of sweep ``number`` (from 1), which ends with a fraction ``done``; ``left`` includes it."""
        gait = self._gaits[0]
        size = step_size(done)
        first, last = gait.alpha
        return Pace(
            size * gait.step,
            first ** (1 - done) * last**done,
            size * gait.probe_step if self._update_probe and number > PROBE_FROM else 0.0,
            # The last steps have to settle.
            gait.momentum if number > 1 and left > 2 else 0.0,
            gait.coarse,
            self._move and number > POSITIONS_FROM,
            gait.probe_alpha,
        )


def step_size(done: float) -> float:
    """Return the step size, relative to a full step, when a fraction ``done`` of the sweeps is done."""
    fall = min(max((done - _FALL_FROM) / (1 - _FALL_FROM), 0.0), 1.0)
    return _LAST_STEP + (1 - _LAST_STEP) * 0.5 * (1 + math.cos(math.pi * fall))
