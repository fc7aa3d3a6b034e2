"""L-BFGS minimisation of a loss over all patterns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

# Previous steps that L-BFGS remembers.
_MEMORY = 8
_SHORTER = 0.3

Point = list[Tensor]
# Loss and its gradient at a point.
Evaluate = Callable[[Point], tuple[float, Point]]


def dot(a: Point, b: Point) -> float:
    """Return the real inner product of two points."""
    return float(sum((x.conj() * y).real.sum() for x, y in zip(a, b, strict=True)))


def moved(a: Point, factor: float, b: Point) -> Point:
    """Return ``a + factor * b``."""
    return [torch.add(x, y, alpha=factor) for x, y in zip(a, b, strict=True)]


@dataclass(frozen=True)
class _Pair:
    """A step, the change of the gradient along it, and their products."""

    step: Point
    slope: Point
    curvature: float
    steepness: float


@dataclass
class Descent:
    """L-BFGS on a list of tensors, one evaluation at a time.

    Attributes
    ----------
    point, gradient, loss
        The best point so far, with its gradient and loss.

    Notes
    -----
    Nocedal and Wright, Numerical Optimization, algorithm 7.4.
    """

    point: Point
    gradient: Point
    loss: float

    def __post_init__(self) -> None:
        self._pairs: list[_Pair] = []
        self._length = 1.0

    def _direction(self) -> Point:
        direction = [each.clone() for each in self.gradient]
        factors = []
        for pair in reversed(self._pairs):
            factor = dot(pair.step, direction) / pair.curvature
            direction = moved(direction, -factor, pair.slope)
            factors.append(factor)
        if self._pairs:
            scale = self._pairs[-1].curvature / self._pairs[-1].steepness
            direction = [each * scale for each in direction]
        for pair, factor in zip(self._pairs, reversed(factors), strict=True):
            direction = moved(direction, factor - dot(pair.slope, direction) / pair.curvature, pair.step)
        return direction

    def step(self, evaluate: Evaluate) -> bool:
        """Try one step and return whether it lowered the loss; a failed step shortens the next one."""
        trial = moved(self.point, -self._length, self._direction())
        loss, gradient = evaluate(trial)
        if not loss < self.loss:
            self._length *= _SHORTER
            if self._length < 1e-3:
                self._pairs, self._length = [], 0.1
            return False
        step, slope = moved(trial, -1, self.point), moved(gradient, -1, self.gradient)
        curvature, steepness = dot(step, slope), dot(slope, slope)
        if curvature > 1e-12 * steepness:
            self._pairs = [*self._pairs, _Pair(step, slope, curvature, steepness)][-_MEMORY:]
        self.point, self.gradient, self.loss, self._length = trial, gradient, loss, 1.0
        return True
