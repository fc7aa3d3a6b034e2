"""The course of the iterations: step sizes, free patterns, early stopping, safeguards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ptychopinn.backends.free_patterns import Split
from ptychopinn.backends.iterative import IterativeStart, iterate
from ptychopinn.backends.sweep_schedule import GAITS, POSITIONS_FROM, Pace, Schedule
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.events import Event, Preview, Stop, Sweep, ignore, never

PATTERNS = 100


@dataclass
class Recorded:
    """An engine that remembers what it was asked for; its state is the number of the sweep that led to it.

    ``r`` and ``likelihood`` give R and the likelihood of patterns after a sweep; R of a sweep that uses all patterns is
    ``unknown`` times as large.
    """

    r: Any = lambda number: 0.5**number
    likelihood: Any = lambda number: 0.5**number
    dim: bool = False
    unknown: float = 1.0
    paces: list[Pace] = field(default_factory=list)
    used: list[NDArray[np.int64]] = field(default_factory=list)
    descents: list[int] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)
    state: int = 0

    def sweep(self, order: NDArray[np.int64], pace: Pace, should_stop: Stop) -> float | None:
        if should_stop():
            self.state = -1
            return None
        self.paces.append(pace)
        return self._used(order)

    def descend(self, chosen: NDArray[np.int64], should_stop: Stop) -> float | None:
        self.descents.append(len(self.used) + 1)
        self._used(chosen)
        return self.r(self.state)

    def _used(self, chosen: NDArray[np.int64]) -> float:
        self.used.append(np.sort(chosen))
        before = self.r(self.state) * (self.unknown if len(chosen) == PATTERNS else 1)
        self.state = len(self.used)
        return before

    def figures(self, chosen: NDArray[np.int64]) -> tuple[float, float]:
        return self.r(self.state), self.likelihood(self.state)

    def snapshot(self) -> int:
        return self.state

    def restore(self, snapshot: int) -> None:
        self.restored.append(snapshot)
        self.state = snapshot

    def solution(self) -> IterativeStart:
        return IterativeStart(np.full((1, 1), self.state + 0j), np.ones((1, 2, 2), np.complex64), np.zeros((1, 2)))

    def preview(self, number: int) -> Preview:
        return Preview(number, np.ones((2, 2), np.float32), np.zeros((2, 2), np.float32))


def course(engine: Recorded, overlap: float = 0.9, stop: Stop = never, fitted: bool = False, **settings: Any) -> Any:
    return iterate(engine, IterativeConfig(**settings), PATTERNS, overlap, ignore, stop, fitted=fitted)


@pytest.mark.parametrize("method", sorted(GAITS))
def test_steps_are_large_first_and_small_at_the_end(method: str) -> None:
    engine = Recorded()
    course(engine, sweeps=30, method=method)
    steps = [pace.step for pace in engine.paces]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] < 0.2 * steps[0]
    assert all(pace.momentum == 0 for pace in engine.paces[-2:])
    assert engine.paces[0].probe_step == 0 < engine.paces[1].probe_step


def test_an_early_end_is_told_ahead_and_has_small_steps() -> None:
    engine, events = Recorded(r=lambda number: 0.5 ** min(number, 6)), list[Event]()
    iterate(engine, IterativeConfig(sweeps=30), PATTERNS, 0.9, events.append, never)
    assert 12 <= len(engine.paces) <= 20
    assert engine.paces[-1].step < 0.2 * engine.paces[0].step
    assert [event.sweeps for event in events if isinstance(event, Sweep)][-1] == len(engine.paces)


def test_free_patterns_take_no_part_until_the_last_two_sweeps() -> None:
    engine, events = Recorded(), list[Event]()
    solution = iterate(engine, IterativeConfig(sweeps=6), PATTERNS, 0.9, events.append, never)
    assert [len(used) for used in engine.used] == [90] * 4 + [100] * 2
    assert all(np.array_equal(used, engine.used[0]) for used in engine.used[:4])
    assert solution.r_free == (0.5, 0.25, 0.125, 0.0625, None, None)
    assert [event.r_free for event in events if isinstance(event, Sweep)] == list(solution.r_free)


@pytest.mark.parametrize(
    ("patterns", "sweeps", "fraction", "free"), [(100, 3, 0.1, 10), (49, 9, 0.1, 0), (100, 2, 0.1, 0), (100, 9, 0.0, 0)]
)
def test_small_scans_and_short_runs_have_no_free_patterns(
    patterns: int, sweeps: int, fraction: float, free: int
) -> None:
    split = Split.draw(patterns, sweeps, fraction, seed=3)
    assert len(split.free) == free
    assert np.array_equal(split.every, np.arange(patterns))
    assert not np.intersect1d(split.work, split.free).size


def test_a_rise_of_r_returns_to_the_best_state_and_takes_smaller_steps() -> None:
    rises = Recorded(r=lambda number: 9.0 if number == 5 else 0.5**number)
    solution = course(rises, sweeps=12, stop_early=False)
    # Sweep 6 starts from the state after sweep 5 and sees the rise.
    assert rises.restored[0] == 4
    assert rises.paces[6].step < 0.8 * rises.paces[5].step
    assert rises.paces[6].momentum == 0
    assert np.isfinite(solution.r_factors).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_state_that_is_not_finite_is_left(bad: float) -> None:
    engine = Recorded(r=lambda number: bad if number in (3, 4) else 0.5**number)
    solution = course(engine, sweeps=4, stop_early=False, free_fraction=0)
    assert engine.state in (0, 1, 2)
    assert solution.object_[0, 0] == engine.state


def test_gaits_become_safer_without_end() -> None:
    for method in GAITS:
        schedule = Schedule(method, update_probe=True, move=False)
        steps = []
        for _ in range(9):
            steps.append(schedule.pace(2, 0.1, 10).step)
            schedule.calm()
        assert steps == sorted(steps, reverse=True)
        assert 0 < steps[-1] < 0.1


@pytest.mark.parametrize("slope", [0.01, 0.5])
def test_at_low_dose_the_likelihood_of_the_free_patterns_ends_the_sweeps(slope: float) -> None:
    def likelihood(number: int) -> float:
        return 1 + slope * abs(number - 5)

    engine = Recorded(dim=True, likelihood=likelihood)
    course(engine, sweeps=60)
    assert len(engine.used) == 5 + 3 + 2, "three sweeps without progress, then two with all patterns from the best"
    assert engine.paces[-1].step < engine.paces[5].step


@pytest.mark.parametrize("corrects", [True, False])
def test_position_correction_runs_before_iterations_stop_early(corrects: bool) -> None:
    engine = Recorded(r=lambda number: 0.5)
    course(engine, sweeps=40, position_correction=corrects, method="rPIE")
    assert (len(engine.paces) > POSITIONS_FROM + 4) is corrects
    assert all(len(used) == PATTERNS for used in engine.used) is corrects
    assert any(pace.move for pace in engine.paces) is corrects


@pytest.mark.parametrize(
    ("method", "overlap", "corrects", "descends"),
    [
        ("auto", 0.5, False, True),
        ("auto", 0.9, False, False),
        ("L-BFGS", 0.9, False, True),
        ("auto", 0.5, True, False),
        ("rPIE", 0.5, False, False),
    ],
)
def test_lbfgs_follows_the_first_sweeps_on_sparse_scans(
    method: str, overlap: float, corrects: bool, descends: bool
) -> None:
    engine = Recorded()
    course(engine, overlap, sweeps=40, method=method, stop_early=False, position_correction=corrects)
    assert bool(engine.descents) is descends
    if descends:
        assert engine.descents == list(range(len(engine.paces) + 1, 41))
        assert 4 <= len(engine.paces) <= 12
        assert all(len(used) == PATTERNS for used in engine.used), "no pattern can be spared"


def test_patterns_that_were_free_are_no_rise() -> None:
    engine = Recorded(r=lambda number: 0.1, unknown=1.2)
    course(engine, sweeps=12, stop_early=False)
    assert engine.restored == []


def test_a_rise_of_r_does_not_end_lbfgs_which_lowers_the_loss() -> None:
    engine = Recorded(r=lambda number: 0.5 if number == 20 else 0.1)
    course(engine, 0.5, sweeps=40, stop_early=False)
    assert len(engine.descents) > 30
    assert engine.restored == []


def test_a_fitted_start_has_no_free_patterns_and_smaller_steps() -> None:
    engine, empty = Recorded(), Recorded()
    course(engine, sweeps=12, fitted=True)
    course(empty, sweeps=12)
    assert all(len(used) == PATTERNS for used in engine.used)
    assert engine.paces[0].step < empty.paces[0].step
    assert engine.paces[1].momentum == 0


def test_a_result_worse_than_its_start_is_taken_back() -> None:
    worse = Recorded(r=lambda number: 0.1 + 0.001 * number)
    solution = course(worse, sweeps=10, fitted=True)
    assert solution.returned
    assert worse.state == 0
    assert not course(Recorded(), sweeps=10, fitted=True).returned


def test_a_worse_state_is_left_before_the_last_two_sweeps() -> None:
    engine = Recorded(r=lambda number: 0.5 + 0.02 * abs(number - 3))
    course(engine, sweeps=8, stop_early=False)
    assert engine.restored[0] == 3


def test_a_stop_returns_the_sweeps_done() -> None:
    engine = Recorded()
    solution = course(engine, stop=lambda: len(engine.used) == 3, sweeps=20)
    assert solution.stopped
    assert len(solution.r_factors) == len(solution.r_free) == 3
    assert solution.object_[0, 0] == 3
