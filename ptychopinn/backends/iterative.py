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
# Patterns that compare the result with the start if none are free.
_CHECKED = 256
# R above this multiple of the lowest R is a rise, not a fluctuation.
_RISE = 1.05
# Sparse scans, and scans of few patterns, gain more from L-BFGS after this part of the sweeps.
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
    """

    object_: NDArray[np.complex64]
    probe: NDArray[np.complex64]
    positions_px: NDArray[np.float64]


@dataclass(frozen=True)
class Solution(IterativeStart):
    """Result of the iterations, with the R-factors of each sweep.

    Attributes
    ----------
    r_factors : tuple of float
        R of the patterns in each sweep, measured before each update.
    r_free : tuple of float or None
        R of the free patterns after each sweep; None for sweeps without free patterns.
    stopped : bool
        Whether the sweeps were stopped early by request.
    """

    r_factors: tuple[float, ...] = ()
    r_free: tuple[float | None, ...] = ()
    stopped: bool = False

    @property
    def stated_r_free(self) -> float | None:
        """Return the last R of the free patterns before the final sweeps use them; None if not measured."""
        return next((r for r in reversed(self.r_free) if r is not None), None)


class Engine(Protocol):
    """Interface of a reconstruction that is improved sweep by sweep."""

    dim: bool
    """Whether there are so few counts that the likelihood of the free patterns is more informative than their R."""

    def sweep(self, order: NDArray[np.int64], pace: Pace, should_stop: Stop) -> float | None:
        """Use each pattern in ``order`` once; return R, measured before each update, or None if stopped."""

    def descend(self, chosen: NDArray[np.int64], should_stop: Stop) -> float | None:
        """Evaluate the ``chosen`` patterns once for L-BFGS; return R at the evaluated point, or None if stopped."""

    def free_figures(self, chosen: NDArray[np.int64]) -> tuple[float, float]:
        """Return R and the negative log-likelihood per count of the ``chosen`` patterns."""

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
    best: tuple[float, Any] = (math.inf, None)
    lowest: float = math.inf

    def __post_init__(self) -> None:
        self.left = self.config.sweeps
        self._order = np.random.default_rng(self.config.seed)
        free = self.split.free
        self._checked = free if len(free) else self._order.permutation(self.split.work)[:_CHECKED]
        figures = self.engine.free_figures(self._checked)
        self._start = (self._criterion(figures), self.engine.snapshot())
        self.best = (self._start[0] if len(free) or self.engine.dim else math.inf, self._start[1])

    def _criterion(self, figures: tuple[float, float]) -> float:
        return figures[1] if self.engine.dim else figures[0]

    def sweep(self, should_stop: Stop) -> bool:
        """Run the next sweep and act on its result; return False if stopped."""
        number = len(self.r_work) + 1
        final = self.left <= _FINAL
        part = (1 - self.done) / self.left
        before = self.engine.snapshot()
        r = self._used(number, self.split.every if final else self.split.work, part, should_stop)
        if r is None:
            return False
        self.done, self.left = self.done + part, self.left - 1
        free = len(self.split.free) > 0
        figures = self.engine.free_figures(self._checked) if (free or self.engine.dim) and not final else None
        self.r_work.append(r)
        self.r_free.append(figures[0] if figures and free else None)
        # At low dose, R rises while the object improves.
        watched = self._criterion(figures) if figures and self.engine.dim else r
        if not final and not watched <= _RISE * self.lowest:
            # Return to the best state and take smaller steps.
            self.engine.restore(self.best[1])
            self.schedule.calm()
            self.descent = False
            self._count(number, progress=False)
        elif figures:
            self._judge(number, self._criterion(figures), self.engine.snapshot())
        elif not free:
            self._judge(number, r, before)
        if not final:
            self.lowest = min(self.lowest, watched)
        if figures and self.left == _FINAL and self._criterion(figures) > self.best[0]:
            self.engine.restore(self.best[1])
        return True

    def _used(self, number: int, chosen: NDArray[np.int64], part: float, should_stop: Stop) -> float | None:
        if self.descent and self.done >= _BEFORE_DESCENT:
            return self.engine.descend(chosen, should_stop)
        pace = self.schedule.pace(number, self.done + part, self.left)
        return self.engine.sweep(self._order.permutation(chosen), pace, should_stop)

    def _judge(self, number: int, criterion: float, state: Any) -> None:
        """Keep the state if it is the best yet, and check for progress."""
        progress = criterion < (1 - _PAYS) * self.best[0]
        if criterion < self.best[0]:
            self.best = (criterion, state)
        self._count(number, progress)

    def _count(self, number: int, progress: bool) -> None:
        """Count consecutive sweeps without progress; after too many, allow only a few more sweeps."""
        # R may stall before the positions can move.
        waits = self.config.position_correction and number <= POSITIONS_FROM
        self.poor = 0 if progress or waits or self.settling else self.poor + 1
        if self.config.stop_early and self.poor >= _PATIENCE and self.left > _FINAL:
            # At low dose, further sweeps fit noise.
            settling = _FINAL if self.engine.dim else _SETTLING
            self.settling, self.left, self.poor = True, min(self.left, settling), 0

    def end(self) -> None:
        """Restore an earlier state if the result fits the patterns less well than the start."""
        for _, earlier in (self.best, self._start):
            if self._criterion(self.engine.free_figures(self._checked)) <= self._start[0]:
                return
            self.engine.restore(earlier)


def iterate(
    engine: Engine, config: IterativeConfig, patterns: int, sparse: bool, report: Report, should_stop: Stop
) -> Solution:
    """Run sweeps until all are done, the fit stops improving, or a stop is requested; report each sweep.

    Parameters
    ----------
    patterns : int
        Number of patterns of the scan.
    sparse : bool
        Whether neighbouring probes overlap so little that the method 'auto' switches to L-BFGS after some sweeps.
    """
    started = shown = time.monotonic()
    split = Split.draw(patterns, config.sweeps, config.free_fraction, config.seed)
    sweeps = "multilevel" if config.method in ("auto", "L-BFGS") else config.method
    descent = config.method == "L-BFGS" or (config.method == "auto" and sparse)
    schedule = Schedule(sweeps, config.update_probe, config.position_correction, engine.dim)
    course = _Course(engine, config, split, schedule, descent)
    stopped = False
    while course.left > 0 and not stopped:
        stopped = not course.sweep(should_stop)
        number = len(course.r_work)
        if stopped or not number:
            break
        spent = time.monotonic() - started
        r_free = course.r_free[-1]
        report(
            Sweep(number, number + course.left, course.r_work[-1], spent / number, spent / number * course.left, r_free)
        )
        if time.monotonic() - shown > _PREVIEW_S:
            report(engine.preview(number))
            shown = time.monotonic()
    course.end()
    state = engine.solution()
    return Solution(state.object_, state.probe, state.positions_px, tuple(course.r_work), tuple(course.r_free), stopped)


# The engine: improves object, probe and positions of a scan.
Solve = Callable[[RawData, IterativeStart, IterativeConfig, PyTorchExecutionConfig, Report, Stop], Solution]
