"""Input, result and stopping rule of the iterative engine, independent of any framework."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Preview, Report, Stop, Sweep

# A sweep that lowers R by a smaller fraction does not count as progress; a single one may be chance.
_PAYS = 1e-3
_PATIENCE = 3
# After this fraction of the sweeps, the steps shrink: with full steps each batch pulls the object towards its noise,
# and R and picture stay worse than the patterns allow.
_FALL_FROM = 0.5
_LAST_STEP = 0.05
# Sweeps with shrinking steps after the last progress with full steps.
_SETTLING = 4
# Sweeps before positions are corrected: the object needs a first shape.
POSITIONS_FROM = 5
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
    """Result of the iterations, with the R-factor of each sweep."""

    r_factors: tuple[float, ...] = ()
    stopped: bool = False


class Iterations(Protocol):
    """Interface of an iterative reconstruction that improves sweep by sweep."""

    def sweep(self, number: int, step: float, should_stop: Stop) -> float | None:
        """Use every pattern once and return the R-factor, or None if stopped.

        The R-factor compares the measured patterns with the patterns modelled before each update. ``step`` scales the
        changes to object and probe; 1 is a full step.
        """

    def solution(self) -> IterativeStart:
        """Return the current object, probe and positions."""

    def preview(self, number: int) -> Preview:
        """Return a small image of the object."""


def step_size(done: float) -> float:
    """Return the step size, relative to a full step, after a fraction ``done`` of the sweeps."""
    fall = min(max((done - _FALL_FROM) / (1 - _FALL_FROM), 0.0), 1.0)
    return _LAST_STEP + (1 - _LAST_STEP) * 0.5 * (1 + math.cos(math.pi * fall))


def iterate(iterations: Iterations, config: IterativeConfig, report: Report, should_stop: Stop) -> Solution:
    """Run all sweeps, or fewer if R stops falling (with ``stop_early``) or a stop is requested; report each sweep."""
    started = time.monotonic()
    r_factors: list[float] = []
    poor = number = 0
    done, left = 0.0, config.sweeps
    shown = started
    stopped = settling = False
    while left > 0:
        number += 1
        part = (1 - done) / left
        r = iterations.sweep(number, step_size(done + part / 2), should_stop)
        if r is None:
            stopped = True
            break
        done, left = done + part, left - 1
        # R may stall before the positions can move.
        waits = config.position_correction and number <= POSITIONS_FROM
        poor = poor + 1 if r_factors and not waits and r > (1 - _PAYS) * min(r_factors) else 0
        r_factors.append(r)
        if config.stop_early and poor >= _PATIENCE and not settling:
            settling, left = True, min(left, _SETTLING)
        spent = time.monotonic() - started
        report(Sweep(number, number + left, r, spent / number, spent / number * left))
        if time.monotonic() - shown > _PREVIEW_S:
            report(iterations.preview(number))
            shown = time.monotonic()
    state = iterations.solution()
    return Solution(state.object_, state.probe, state.positions_px, tuple(r_factors), stopped)


# The engine: improves object, probe and positions of a scan.
Solve = Callable[[RawData, IterativeStart, IterativeConfig, PyTorchExecutionConfig, Report, Stop], Solution]
