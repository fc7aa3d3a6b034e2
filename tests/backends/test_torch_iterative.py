"""The parts of the PyTorch engine, against plain calculations on the whole object."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import avg_pool2d, interpolate

from builders import raw_scan
from ptychopinn.backends.iterative import iterate
from ptychopinn.backends.sweep_schedule import Pace
from ptychopinn.backends.torch.iterative.coarse import ObjectUpdate
from ptychopinn.backends.torch.iterative.descent import Descent, Point
from ptychopinn.backends.torch.iterative.measured import Patterns
from ptychopinn.backends.torch.iterative.patches import TILE, Canvas
from ptychopinn.backends.torch.iterative.scene import Batch
from ptychopinn.backends.torch.iterative.solver import Solver, overlap_in
from ptychopinn.backends.torch.iterative.updates import regularised
from ptychopinn.backends.torch.sweeps import to_corner
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.events import Event, Notice, ignore, never
from ptychopinn.workflow.iterate import flat_start

CPU = torch.device("cpu")


def complex_normal(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    return torch.from_numpy((rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(np.complex64))


def canvas_of(rng: np.random.Generator, n: int, side: int) -> Canvas:
    return Canvas(complex_normal(rng, side, side + 5).numpy(), n, CPU)


@pytest.mark.parametrize("n", [8, 9, 24])
def test_patches_are_cut_and_added_where_they_lie(n: int) -> None:
    rng = np.random.default_rng(n)
    canvas = canvas_of(rng, n, 61)
    positions = rng.uniform(-3, 64, (7, 2))
    corners, fractions = canvas.corners(positions)
    assert np.allclose(corners + n // 2 - canvas.margin + fractions, positions, atol=1e-5)
    on_device = torch.from_numpy(corners)
    patches, parts, dose = canvas.cut(on_device), complex_normal(rng, 7, n, n), torch.rand(7, n, n)
    canvas.add(corners, on_device, parts, dose)
    expected = torch.zeros_like(canvas.values)
    for (y, x), patch, part in zip(corners, patches, parts, strict=True):
        assert torch.equal(patch, canvas.values[y : y + n, x : x + n])
        expected[y : y + n, x : x + n] += part
    assert torch.allclose(canvas.pulled, expected, atol=1e-5)
    assert float(canvas.dose.sum()) == pytest.approx(float(dose.sum()), rel=1e-5)
    touched = torch.zeros_like(canvas.values, dtype=torch.bool)
    rows, columns = canvas.touched(corners)
    Canvas.by_tile(touched)[torch.from_numpy(rows), torch.from_numpy(columns)] = torch.ones((), dtype=torch.bool)
    assert touched[canvas.pulled != 0].all()
    assert len(rows) <= 7 * ((n + TILE - 2) // TILE + 1) ** 2


def spread(cells: torch.Tensor, size: int) -> torch.Tensor:
    return interpolate(cells[None], scale_factor=size, mode="bilinear", align_corners=False)[0]


def dense_change(canvas: Canvas, alpha: float, coarse: bool) -> torch.Tensor:
    """The update on the whole canvas at a time."""
    dose, pulled = canvas.dose, torch.stack([canvas.pulled.real, canvas.pulled.imag])
    change = pulled / regularised(dose, alpha)
    if coarse:
        left, light = (avg_pool2d(each, 4) for each in (pulled - dose * change, dose[None]))
        smooth = torch.zeros_like(left)
        for size in (4, 2):
            fine = spread(avg_pool2d(left, size) / regularised(avg_pool2d(light, size), alpha), size)
            smooth, left = smooth + fine, left - light * fine
        # The interpolation of the finest cells sees only those of touched tiles.
        cells = (smooth + left / regularised(light, alpha)) * (avg_pool2d(dose[None], TILE) > 0).repeat_interleave(
            4, 1
        ).repeat_interleave(4, 2)
        change = change + spread(cells, 4)
    return torch.complex(*change)


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("side", [40, 300])
def test_a_batch_changes_only_the_tiles_that_it_touches(coarse: bool, side: int) -> None:
    rng = np.random.default_rng(side)
    canvas = canvas_of(rng, 9, side)
    update = ObjectUpdate(canvas, CPU)
    for patterns in (9, 4):
        corners, _ = canvas.corners(rng.uniform(12, 28, (patterns, 2)))
        canvas.add(corners, torch.from_numpy(corners), complex_normal(rng, patterns, 9, 9), torch.rand(patterns, 9, 9))
        tiles = torch.from_numpy(canvas.touched(corners))
        touched = torch.zeros_like(canvas.values, dtype=torch.bool)
        Canvas.by_tile(touched)[tiles[0], tiles[1]] = torch.ones((), dtype=torch.bool)
        before, expected = canvas.values.clone(), dense_change(canvas, 0.2, coarse)
        update(tiles, 0.7, 0.2, coarse)
        assert torch.equal(canvas.values[~touched], before[~touched])
        assert torch.allclose((canvas.values - before)[touched], 0.7 * expected[touched], atol=1e-5)
        assert not canvas.pulled.any() and not canvas.dose.any()


def test_a_batch_needs_no_memory_of_the_size_of_the_object() -> None:
    from torch.profiler import ProfilerActivity, profile

    canvas = Canvas(np.ones((2000, 2000), np.complex64), 8, CPU)
    update = ObjectUpdate(canvas, CPU)
    corners, _ = canvas.corners(np.array([[30.0, 40.0]]))
    tiles = torch.from_numpy(canvas.touched(corners))
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as made:
        canvas.add(corners, torch.from_numpy(corners), torch.ones(1, 8, 8, dtype=torch.complex64), torch.ones(1, 8, 8))
        update(tiles, 1.0, 0.2, True)
    assert max(event.self_cpu_memory_usage for event in made.key_averages()) < 1e6


def test_patterns_beyond_the_budget_are_read_when_used() -> None:
    data = raw_scan(12, 30, 1e4, 2)
    chosen = np.array([4, 7, 29])
    expected = to_corner(torch.from_numpy(data.amplitude(chosen)))
    for budget in (0, 1 << 30):
        found = Patterns(data, CPU, budget).amplitude(chosen, torch.from_numpy(chosen))
        assert torch.equal(found, expected)


def test_lbfgs_solves_a_badly_conditioned_problem() -> None:
    rng = np.random.default_rng(3)
    scales = torch.logspace(0, 3, 30)
    target = [complex_normal(rng, 30), complex_normal(rng, 4, 3)]

    def evaluate(point: Point) -> tuple[float, Point]:
        error = [a - b for a, b in zip(point, target, strict=True)]
        gradient = [scales * error[0], 7 * error[1]]
        return float(sum((e.conj() * g).real.sum() for e, g in zip(error, gradient, strict=True))) / 2, gradient

    point = [torch.zeros_like(each) for each in target]
    loss, gradient = evaluate(point)
    descent = Descent(point, [each / 1e3 for each in gradient], loss)
    losses = []
    for _ in range(120):
        descent.step(evaluate)
        losses.append(descent.loss)
    assert losses == sorted(losses, reverse=True)
    assert descent.loss < 1e-4 * loss


@pytest.mark.parametrize("update_probe", [False, True])
def test_lbfgs_lowers_r(update_probe: bool) -> None:
    data = raw_scan(16, 40, 1e6, 5, step_px=5.0)
    solver = Solver(data, flat_start(data), IterativeConfig(update_probe=update_probe), CPU)
    every = np.arange(40)
    solver.sweep(every, Pace(1.0, 0.2), never)
    before = solver.figures(every)[0]
    for _ in range(12):
        r = solver.descend(every, never)
        assert r == pytest.approx(solver.figures(every)[0], rel=1e-3), "R is that of the new state"
    assert r < 0.8 * before


def test_a_full_gpu_halves_the_patterns_per_update_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    data = raw_scan(16, 40, 1e6, 5)
    events: list[Event] = []
    solver = Solver(data, flat_start(data), IterativeConfig(batch_size=20), CPU, events.append)
    smaller = Solver(data, flat_start(data), IterativeConfig(batch_size=5), CPU)
    add, sizes = Solver._add, []

    def full(self: Solver, batch: Batch, probe: torch.Tensor, change: torch.Tensor) -> None:
        add(self, batch, probe, change)
        sizes.append(len(batch.chosen))
        # The second batch of each size: some of the sweep is done already.
        if len(batch.chosen) > 5 and sizes.count(len(batch.chosen)) == 2:
            raise torch.cuda.OutOfMemoryError("out of memory")

    monkeypatch.setattr(Solver, "_add", full)
    order, pace = np.random.default_rng(0).permutation(40), Pace(1.0, 0.2)
    assert solver.sweep(order, pace, never) == pytest.approx(smaller.sweep(order, pace, never), rel=1e-5)
    assert np.allclose(solver.solution().object_, smaller.solution().object_, atol=1e-5)
    texts = [event.text for event in events if isinstance(event, Notice)]
    assert ["10" in texts[0], "5" in texts[1], len(texts)] == [True, True, 2]


def test_sparse_scans_are_recognised() -> None:
    dense, sparse = (overlap_in(flat_start(raw_scan(24, 80, 1e6, 1, step_px=step))) for step in (2.0, 12.0))
    assert dense is not None and sparse is not None
    assert sparse < 0.5 < 0.8 < dense
    assert overlap_in(flat_start(raw_scan(24, 1, 1e6, 1))) is None


def random_scan(rng: np.random.Generator) -> tuple[int, int, float, float]:
    """Patterns, sweeps, step and counts of a random scan."""
    return int(rng.integers(3, 60)), int(rng.integers(10, 40)), rng.uniform(0.5, 14), 10 ** rng.uniform(2, 8)


@pytest.mark.parametrize("seed", range(12))
def test_no_random_scan_diverges(seed: int) -> None:
    rng = np.random.default_rng([7, seed])
    patterns, sweeps, step, counts = random_scan(rng)
    data = raw_scan(12, patterns, counts, seed, step_px=step)
    start = flat_start(data)
    config = IterativeConfig(
        sweeps=sweeps, seed=seed, modes=int(rng.integers(1, 3)), update_probe=bool(rng.integers(2))
    )
    solver = Solver(data, start, config, CPU)
    every = np.arange(patterns)
    before = solver.figures(every)[solver.dim]
    solution = iterate(solver, config, patterns, overlap_in(start), ignore, never)
    assert np.isfinite(solution.object_).all() and np.isfinite(solution.probe).all()
    assert solver.figures(every)[solver.dim] <= before


@pytest.mark.parametrize("seed", range(6))
def test_sparse_scans_are_not_left_flat(seed: int) -> None:
    data = raw_scan(12, 70, 1e5, seed, step_px=8.0)
    start = flat_start(data)
    solver = Solver(data, start, IterativeConfig(), CPU)
    solution = iterate(solver, IterativeConfig(sweeps=20), 70, overlap_in(start), ignore, never)
    assert solution.r_factors[-1] < 0.5 * solution.r_factors[0]
    assert not solution.returned


def test_momentum_rests_after_a_return_to_an_earlier_state() -> None:
    data = raw_scan(16, 60, 1e6, 5)
    order, pace = np.arange(60), Pace(1.0, 0.2, momentum=0.5)
    first, second = (Solver(data, flat_start(data), IterativeConfig(update_probe=False), CPU) for _ in range(2))
    start = first.snapshot()
    first.sweep(order, pace, never)
    first.restore(start)
    for solver in (first, second):
        solver.sweep(order, pace, never)
    assert np.array_equal(first.solution().object_, second.solution().object_)


def test_a_stop_within_lbfgs_leaves_nothing_behind() -> None:
    data = raw_scan(16, 100, 1e6, 5)
    solver = Solver(data, flat_start(data), IterativeConfig(), CPU)
    every = np.arange(100)
    solver.descend(every, never)
    asked = iter([False, True])
    assert solver.descend(every, lambda: next(asked, True)) is None
    assert not solver._scene.canvas.pulled.any() and not solver._scene.canvas.dose.any()
