"""Input and result of the iterative engine, and the loop over its sweeps, independent of any framework."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.free_patterns import Split
from ptychopinn.backends.sweep_schedule import POSITIONS_FROM, Pace, Schedule
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Preview, Report, Stop, Sweep

# A sweep that lowers the criterion by a smaller fraction does not count as progress; a single one may be chance.
_PAYS = 1e-3
_PATIENCE = 3
# Sweeps with shrinking steps after the last progress with full steps.
_SETTLING = 4
# The last sweeps use the free patterns too.
_FINAL = 2
# R above this multiple of the lowest R is a rise, not a fluctuation; a criterion below this one is as good as the best.
_RISE, _CLOSE = 1.05, 1.01
# Patterns that compare the result with the start.
_SAMPLE = 256
# Overlap of neighbouring probes (diameter with 90 % of the intensity) below which L-BFGS converges faster than sweeps,
# and below which no pattern can be spared: where one is missing, nothing else is measured.
_SPARSE, _SPARES_NONE = 0.7, 0.8
# L-BFGS starts after this part of the sweeps.
_BEFORE_DESCENT = 0.2
# Seconds between two previews, which take some time.
_PREVIEW_S = 0.7


@dataclass(frozen=True)
class IterativeStart:
    """Starting point of the iterations.

    Attributes
    ----------
    object_ : array (rows, columns), complex64
    probe : array (mode, N, N), complex64
        Probe in square roots of counts.
    positions_px : array (position, 2), float64
        Scan positions (y, x): the object pixel under probe index ``[N//2, N//2]``.
    fitted : bool
        Whether the object has already been fitted to all patterns; if so, no patterns can be held out as unseen.
    """

    object_: NDArray[np.complex64]
    probe: NDArray[np.complex64]
    positions_px: NDArray[np.float64]
    fitted: bool = False


@dataclass(frozen=True)
class Solution(IterativeStart):
    """Result of the iterations, with the R-factors of each sweep.

    Attributes
    ----------
    r_factors : tuple of float
        R of the fitted patterns in each sweep, measured before each update, or after a step of L-BFGS.
    r_free : tuple of float or None
        R of the free patterns after each sweep; None for sweeps without free patterns.
    stopped : bool
        Whether the sweeps were stopped early by request; the result is then that of the completed sweeps.
    returned : bool
        Whether the result is the starting point because it fits the patterns better than the sweeps did.
    """

    r_factors: tuple[float, ...] = ()
    r_free: tuple[float | None, ...] = ()
    stopped: bool = False
    returned: bool = False


class Engine(Protocol):
    """Interface of a reconstruction that is improved sweep by sweep."""

    dim: bool
    """Whether there are so few counts that the likelihood of the free patterns tells more than their R."""

    def sweep(self, order: NDArray[np.int64], pace: Pace, should_stop: Stop) -> float | None:
        """Use each pattern in ``order`` once; return R, measured before each update, or None if stopped."""

    def descend(self, chosen: NDArray[np.int64], should_stop: Stop) -> float | None:
        """Make one L-BFGS step with all ``chosen`` patterns; return their R after the step, or None if stopped."""

    def figures(self, chosen: NDArray[np.int64]) -> tuple[float, float]:
        """Return R and the mean negative log-likelihood of patterns."""

    def snapshot(self) -> Any:
        """Return a copy of object, probe and positions, for :meth:`restore`."""

    def restore(self, snapshot: Any) -> None:
        """Restore the state from a snapshot."""

    def solution(self) -> IterativeStart:
        """Return the current object, probe and positions."""

    def preview(self, number: int) -> Preview:
        """Return a small image of the current object."""


@dataclass
class _Course:
    """Run the sweeps, and adapt the step sizes and the number of sweeps to the results."""

    engine: Engine
    config: IterativeConfig
    split: Split
    schedule: Schedule
    descent: bool
    r_work: list[float] = field(default_factory=list)
    r_free: list[float | None] = field(default_factory=list)
    done: float = 0.0
    poor: int = 0
    settling: bool = False
    lowest: float = math.inf
    returned: bool = False

    def __post_init__(self) -> None:
        self.left = self.config.sweeps
        self._order = np.random.default_rng(self.config.seed)
        self._sample = np.sort(self._order.permutation(self.split.every)[:_SAMPLE])
        self._start = (self._criterion(self._sample), self.engine.snapshot())
        self.best: tuple[float, Any] = (math.inf, self._start[1])

    def _criterion(self, chosen: NDArray[np.int64]) -> float:
        r, likelihood = self.engine.figures(chosen)
        return likelihood if self.engine.dim else r

    def sweep(self, should_stop: Stop) -> bool:
        """Run the next sweep and act on its result; return False if stopped."""
        number, final = len(self.r_work) + 1, self.left <= _FINAL
        part = (1 - self.done) / self.left
        descends = self.descent and self.done >= _BEFORE_DESCENT
        before = self.engine.snapshot()
        r = self._used(number, self.split.every if final else self.split.work, descends, part, should_stop)
        if r is None:
            # Part of a sweep has changed the state.
            self.engine.restore(before)
            return False
        self.done, self.left = self.done + part, self.left - 1
        self.r_work.append(r)
        if len(self.split.free) and self.left == _FINAL - 1:
            # From now on, R includes patterns that were free.
            self.lowest = math.inf
        free = len(self.split.free) > 0 and not final
        self.r_free.append(self.engine.figures(self.split.free)[0] if free else None)
        # At low dose, R rises while the object improves. Each step of L-BFGS lowers the loss, even if R rises.
        if not math.isfinite(r) or not (self.engine.dim or descends or r <= _RISE * self.lowest):
            self.engine.restore(self.best[1])
            self.descent, self.lowest = False, math.inf
            if not self._count(number, progress=False):
                self.schedule.calm()
            return True
        self.lowest = min(self.lowest, r)
        if final and len(self.split.free):
            return True
        if free or self.engine.dim:
            criterion, state = self._criterion(self.split.free if free else self._sample), None
        else:
            criterion, state = r, None if descends else before
        self._judge(number, criterion, state)
        return True

    def _used(
        self, number: int, chosen: NDArray[np.int64], descends: bool, part: float, should_stop: Stop
    ) -> float | None:
        if descends:
            return self.engine.descend(chosen, should_stop)
        pace = self.schedule.pace(number, self.done + part, self.left)
        return self.engine.sweep(self._order.permutation(chosen), pace, should_stop)

    def _judge(self, number: int, criterion: float, state: Any) -> None:
        """Keep ``state`` (None: the current state) if its criterion is the best yet, and check for progress."""
        progress = criterion < (1 - _PAYS) * self.best[0]
        if criterion < self.best[0]:
            self.best = (criterion, self.engine.snapshot() if state is None else state)
        self._count(number, progress)
        if (len(self.split.free) or self.engine.dim) and self.left == _FINAL and criterion > _CLOSE * self.best[0]:
            self.engine.restore(self.best[1])

    def _count(self, number: int, progress: bool) -> bool:
        """Count consecutive sweeps without progress; after too many, act on them and return True."""
        # R may stall before the positions can move.
        waits = self.config.position_correction and number <= POSITIONS_FROM
        self.poor = 0 if progress or waits or self.settling else self.poor + 1
        if not self.config.stop_early or self.poor < _PATIENCE or self.left <= _FINAL:
            return False
        self.poor = 0
        if self.schedule.coarse and not self.engine.dim:
            self.schedule.calm()
        else:
            # At low dose, further sweeps fit noise.
            self.settling, self.left = True, min(self.left, _FINAL if self.engine.dim else _SETTLING)
        return True

    def end(self) -> None:
        """Restore the best state or the start if the result fits the patterns less well than the start."""
        if self._criterion(self._sample) <= self._start[0]:
            return
        self.engine.restore(self.best[1])
        if not self._criterion(self._sample) < self._start[0]:
            self.engine.restore(self._start[1])
            self.returned = True


def iterate(
    engine: Engine,
    config: IterativeConfig,
    patterns: int,
    overlap: float | None,
    report: Report,
    should_stop: Stop,
    *,
    fitted: bool = False,
) -> Solution:
    """Run sweeps until all are done, the fit stops improving, or a stop is requested; report each sweep.

    Parameters
    ----------
    patterns : int
        Number of patterns of the scan.
    overlap : float or None
        Linear overlap of neighbouring probes, 0 to 1; None if unknown. On sparse scans L-BFGS follows the first sweeps
        if the method is 'auto', and no pattern can be spared.
    fitted : bool
        See :class:`IterativeStart`.
    """
    started = shown = time.monotonic()
    known = 1.0 if overlap is None else overlap
    # L-BFGS does not move positions, and the positions of free patterns would stay wrong.
    moves = config.position_correction
    descent = not moves and (config.method == "L-BFGS" or (config.method == "auto" and known < _SPARSE))
    spare = not (descent or moves or fitted) and known >= _SPARES_NONE
    split = Split.draw(patterns, config.sweeps, config.free_fraction if spare else 0.0, config.seed)
    sweeps = "multilevel" if config.method in ("auto", "L-BFGS") else config.method
    schedule = Schedule(sweeps, config.update_probe, moves, dim=engine.dim, fitted=fitted)
    course = _Course(engine, config, split, schedule, descent)
    stopped = False
    while course.left > 0 and not stopped:
        stopped = not course.sweep(should_stop)
        if stopped:
            break
        number = len(course.r_work)
        spent = time.monotonic() - started
        left_s = spent / number * course.left
        report(
            Sweep(number, number + course.left, course.r_work[-1], spent / number, left_s, course.r_free[-1]),
        )
        if time.monotonic() - shown > _PREVIEW_S:
            report(engine.preview(number))
            shown = time.monotonic()
    course.end()
    state = engine.solution()
    return Solution(
        state.object_,
        state.probe,
        state.positions_px,
        fitted,
        tuple(course.r_work),
        tuple(course.r_free),
        stopped,
        course.returned,
    )


# The engine: improves object, probe and positions of a scan.
Solve = Callable[[RawData, IterativeStart, IterativeConfig, PyTorchExecutionConfig, Report, Stop], Solution]
