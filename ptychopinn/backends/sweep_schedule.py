"""Step sizes of the sweeps, which are reduced if the fit gets worse."""

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
        Factors for the updates of object and probe; a ``probe_step`` of 0 leaves the probe unchanged.
    alpha, probe_alpha : float
        Regularisation of the updates of object and probe, respectively; 1 is ePIE.
    momentum : float
        Fraction of the accumulated change in recent sweeps that is added to the object before this sweep; 0 for none.
    coarse : bool
        Whether the object is also updated on coarser grids.
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
    """Parameters from which the pace of each sweep is computed.

    Attributes
    ----------
    step, probe_step : float
        Initial step sizes; see :class:`Pace`.
    alpha : (float, float)
        Regularisation in the first and in the last sweep.
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
    """The pace of each sweep; :meth:`calm` reduces the step sizes of the remaining sweeps.

    Parameters
    ----------
    method : str
        A key of ``GAITS``.
    update_probe, move : bool
        Whether the probe and the positions, respectively, may change.
    dim : bool
        Whether there are so few counts that full steps would fit noise.
    fitted : bool
        Whether the object has already been fitted to the patterns, in which case large steps would only disturb it.
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
        """Return the pace of a sweep; ``number`` is counted from 1.

        ``done`` is the completed fraction of all sweeps, and ``left`` the number of remaining sweeps; both include
        this sweep.
        """
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
    """Return the step size, relative to a full step, after a fraction ``done`` of the sweeps."""
    fall = min(max((done - _FALL_FROM) / (1 - _FALL_FROM), 0.0), 1.0)
    return _LAST_STEP + (1 - _LAST_STEP) * 0.5 * (1 + math.cos(math.pi * fall))
