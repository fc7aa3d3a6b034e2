"""The iterative engine: laws of the solver, and the jobs that use it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from builders import raw_scan
from ptychopinn.backends.iterative import IterativeStart, Solution
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.data import npz
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import ConfigError, DataError, JobCancelled
from ptychopinn.events import Event, Notice, Preview, Sweep, ignore, never
from ptychopinn.physics.exit_wave import model_intensities
from ptychopinn.physics.scaling import normalise_probe
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.quality.align import align
from ptychopinn.quality.rfactor import r_factor
from ptychopinn.workflow.iterate import Iteration, flat_start
from ptychopinn.workflow.quick_look import calibrate_probe, quick_look
from ptychopinn.workflow.refine import refine

N = 24
FIXED = IterativeConfig(sweeps=3, update_probe=False, stop_early=False)


def scan(modes: int = 1, seed: int = 3, positions: int = 71, **changes: object) -> RawData:
    """A noiseless scan at subpixel positions, with a random complex probe of some modes."""
    arrays = simulate_scan(N, positions, 1e6, seed, step_px=2.5, poisson=False)
    rng = np.random.default_rng(seed)
    probe = np.asarray(arrays["probeGuess"]).reshape(-1, N, N)[0]
    ramps = [np.exp(2j * np.pi * rng.uniform(-2, 2) * np.arange(N) / N) * 0.4**k for k in range(modes)]
    arrays["probeGuess"] = np.stack([probe * ramp for ramp in ramps]).astype(np.complex64)
    positions_px = np.stack([arrays["ycoords"], arrays["xcoords"]], axis=1)
    model = model_intensities(arrays["objectGuess"], arrays["probeGuess"], positions_px)
    arrays["diff3d"] = np.sqrt(np.stack(list(model))).astype(np.float32)
    return RawData(**{**arrays, **changes})


def run(data: RawData, start: IterativeStart, config: IterativeConfig = FIXED) -> Solution:
    return Iteration(data, config, None, ignore, never).solve(start)


def at_the_truth(data: RawData) -> IterativeStart:
    start = flat_start(data)
    # An empty object of the same probe is brighter than the sample: the product of both is what counts.
    factor = np.sqrt(np.sum(np.abs(data.probe_modes) ** 2) / np.sum(np.abs(start.probe) ** 2))
    return IterativeStart((data.objectGuess * factor).astype(np.complex64), start.probe, start.positions_px)


@pytest.mark.parametrize("modes", [1, 3])
@pytest.mark.parametrize("update_probe", [False, True])
def test_the_truth_is_a_fixed_point(modes: int, update_probe: bool) -> None:
    data = scan(modes)
    truth = at_the_truth(data)
    found = run(data, truth, IterativeConfig(sweeps=4, update_probe=update_probe, stop_early=False))
    assert max(found.r_factors) < 2e-4
    assert np.abs(np.abs(found.object_) - np.abs(truth.object_)).max() < 5e-3
    before, after = (np.sum(np.abs(each) ** 2, axis=0) for each in (truth.probe, found.probe))
    assert np.allclose(after, before, atol=2e-3 * before.max())


@pytest.mark.parametrize("method", ["multilevel", "L-BFGS", "rPIE", "ePIE"])
@pytest.mark.parametrize("batch_size", [1, 7, 200, None])
def test_iterations_from_an_empty_object_explain_the_data(method: str, batch_size: int) -> None:
    data = scan()
    config = IterativeConfig(sweeps=25, method=method, batch_size=batch_size, update_probe=False, stop_early=False)
    found = run(data, flat_start(data), config)
    assert found.r_factors[-1] < 0.35 * found.r_factors[0]
    shape = data.objectGuess.shape
    lit = np.zeros(shape, bool)
    lit[N // 2 : -N // 2, N // 2 : -N // 2] = True
    aligned, info = align(found.object_[: shape[0], : shape[1]], data.objectGuess, lit)
    assert np.hypot(info["shift_y_px"], info["shift_x_px"]) < 0.1
    assert np.corrcoef(np.abs(aligned[lit]), np.abs(data.objectGuess[lit]))[0, 1] > 0.8


def test_the_scale_of_probe_and_counts_changes_nothing_but_the_probe() -> None:
    data = scan()
    config = IterativeConfig(sweeps=5)
    plain = run(data, flat_start(data), config)
    brighter = scan(probeGuess=7 * data.probeGuess, diff3d=np.sqrt(10.0) * data.diff3d)
    found = run(brighter, flat_start(brighter), config)
    assert np.allclose(found.object_, plain.object_, atol=3e-3)
    assert np.allclose(found.probe, np.sqrt(10.0) * plain.probe, atol=1e-3 * np.abs(found.probe).max())


def test_an_empty_object_with_the_new_probe_has_the_counts_of_the_data() -> None:
    data = scan(2)
    found = run(data, flat_start(data), IterativeConfig(sweeps=6))
    assert np.sum(np.abs(found.probe) ** 2) == pytest.approx(data.mean_counts(), rel=1e-4)


def test_a_wrong_probe_is_corrected() -> None:
    data = scan()
    y, x = np.mgrid[:N, :N] - N // 2
    blurred = data.probe_modes * np.exp(0.02j * (x**2 + y**2)) * np.exp(-0.01 * (x**2 + y**2))
    wrong = scan(probeGuess=blurred)
    kept = run(wrong, flat_start(wrong), IterativeConfig(sweeps=25, update_probe=False))
    freed = run(wrong, flat_start(wrong), IterativeConfig(sweeps=25))
    assert freed.r_factors[-1] < 0.5 * kept.r_factors[-1]


def test_new_modes_are_orthogonal_and_sorted() -> None:
    data = scan(3)
    one = scan(3, probeGuess=data.probe_modes[:1])
    single = run(one, flat_start(one), IterativeConfig(sweeps=25))
    several = run(one, flat_start(one), IterativeConfig(sweeps=25, modes=3))
    assert several.probe.shape == (3, N, N)
    assert several.r_factors[-1] < 0.7 * single.r_factors[-1]
    flat = several.probe.reshape(3, -1)
    gram = np.abs(flat @ flat.conj().T)
    assert (np.diff(np.diag(gram)) <= 0).all()
    assert gram[~np.eye(3, dtype=bool)].max() < 1e-4 * gram.max()
    assert run(data, flat_start(data), IterativeConfig(sweeps=2, modes=2)).probe.shape == (2, N, N)


def test_omitting_modes_keeps_the_power() -> None:
    import torch

    from ptychopinn.backends.torch.iterative.modes import add_modes

    probe = torch.from_numpy(scan(3).probe_modes)
    for count in (1, 2, 3, 5):
        changed = add_modes(probe, count)
        assert len(changed) == count
        assert float(changed.abs().square().sum()) == pytest.approx(float(probe.abs().square().sum()), rel=1e-5)
    dark = add_modes(torch.cat([probe[:1], torch.zeros_like(probe[:2])]), 3)
    assert (dark.abs().square().sum(dim=(-2, -1)) > 0).all()


@pytest.mark.parametrize("value", [1e19, np.nan])
def test_modes_that_diverged_are_left_to_the_safeguards(value: float) -> None:
    import torch

    from ptychopinn.backends.torch.iterative.modes import orthogonalised

    probe = torch.full((3, 4, 4), value, dtype=torch.complex64)
    assert orthogonalised(probe) is probe


def test_too_few_sweeps_for_position_correction_are_reported() -> None:
    data, events = scan(), list[Event]()
    for sweeps, told in ((5, True), (6, False)):
        config = IterativeConfig(sweeps=sweeps, position_correction=True, stop_early=False)
        found = Iteration(data, config, None, events.append, never).solve(flat_start(data))
        assert any(isinstance(event, Notice) and "5 sweeps" in event.text for event in events) is told
        assert np.array_equal(found.positions_px, flat_start(data).positions_px) is told
        events.clear()


def test_wrong_positions_are_corrected_around_their_mean() -> None:
    data = scan(positions=120)
    rng = np.random.default_rng(0)
    error = rng.normal(0, 0.4, (120, 2))
    moved = scan(positions=120, xcoords=data.xcoords + error[:, 1], ycoords=data.ycoords + error[:, 0])
    config = IterativeConfig(sweeps=60, position_correction=True, stop_early=False)
    found = run(moved, flat_start(moved), config)
    left = found.positions_px - data.positions_px
    left -= left.mean(axis=0)
    centred = error - error.mean(axis=0)
    assert np.sqrt(np.mean(left**2)) < 0.5 * np.sqrt(np.mean(centred**2))
    assert np.allclose(found.positions_px.mean(axis=0), moved.positions_px.mean(axis=0), atol=1e-6)
    kept = run(moved, flat_start(moved), IterativeConfig(sweeps=60, stop_early=False))
    assert found.r_factors[-1] < 0.7 * kept.r_factors[-1]


def test_the_iterations_stop_when_converged() -> None:
    data = scan()
    found = run(data, at_the_truth(data), IterativeConfig(sweeps=50))
    assert len(found.r_factors) < 20
    assert len(run(data, at_the_truth(data), IterativeConfig(sweeps=12, stop_early=False)).r_factors) == 12


def test_each_sweep_is_reported() -> None:
    data = scan()
    events: list[Event] = []
    Iteration(data, FIXED, None, events.append, never).solve(flat_start(data))
    assert [event.sweep for event in events if isinstance(event, Sweep)] == [1, 2, 3]


def test_a_stop_before_the_first_sweep_gives_no_result() -> None:
    data = scan()
    with pytest.raises(JobCancelled):
        Iteration(data, FIXED, None, ignore, lambda: True).solve(flat_start(data))


def test_a_stop_keeps_the_sweeps_that_were_completed(file: Path, tmp_path: Path) -> None:
    events: list[Event] = []

    def should_stop() -> bool:
        return sum(isinstance(event, Sweep) for event in events) >= 2

    config = IterativeConfig(sweeps=30, stop_early=False)
    result = quick_look(file, tmp_path, config, report=events.append, should_stop=should_stop)
    assert len(result.r_work) == 2
    assert any("stopped after 2 of 30 sweeps" in notice for notice in result.notices)
    assert result.r_factor < 0.9 * result.r_work[0]
    assert result.object_path.is_file()
    with pytest.raises(JobCancelled):
        calibrate_probe(file, tmp_path / "probe", config, report=events.append, should_stop=should_stop)


def test_the_free_patterns_assess_each_sweep_but_the_last_two(file: Path, tmp_path: Path) -> None:
    result = quick_look(file, tmp_path, IterativeConfig(sweeps=6, stop_early=False))
    assert [r is None for r in result.r_free] == [False] * 4 + [True] * 2
    assert all(free > work for free, work in zip(result.r_free[1:4], result.r_work[2:5], strict=True))
    content = json.loads(result.report_path.read_text())
    assert content["r_work"] == list(result.r_work) and content["r_free"] == list(result.r_free)
    without = quick_look(file, tmp_path / "without", IterativeConfig(sweeps=6, free_fraction=0, stop_early=False))
    assert without.r_free == (None,) * 6


def test_a_fixed_probe_stays_exactly_as_given() -> None:
    data = scan(2)
    start = flat_start(data)
    for method in ("multilevel", "L-BFGS"):
        config = IterativeConfig(sweeps=4, update_probe=False, method=method)
        assert np.array_equal(run(data, start, config).probe, start.probe)


def test_a_long_run_sends_previews() -> None:
    data = scan()
    events: list[Event] = []
    Iteration(data, IterativeConfig(sweeps=400, stop_early=False), None, events.append, never).solve(flat_start(data))
    pictures = [event for event in events if isinstance(event, Preview)]
    assert pictures
    assert pictures[0].amplitude.shape == flat_start(data).object_.shape


@pytest.mark.parametrize("field", ["sweeps", "modes", "batch_size"])
def test_a_setting_out_of_range_is_refused_by_name(field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        IterativeConfig(**{field: 0})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scan") / "scan.npz"
    npz.write(path, raw_scan(N, 80, 1e6, 1, step_px=2.5))
    return path


def test_a_quick_look_writes_the_files_of_a_reconstruction(file: Path, tmp_path: Path) -> None:
    result = quick_look(file, tmp_path)
    assert result.r_factor < 0.5
    for path in (result.object_path, result.product_path, result.amplitude_png, result.phase_png):
        assert path.is_file()
    assert json.loads(result.report_path.read_text())["sweeps"] >= 1


def test_a_calibration_reports_r_with_the_old_and_the_new_probe(file: Path, tmp_path: Path) -> None:
    raw = npz.read(file)
    y, x = np.mgrid[:N, :N] - N // 2
    raw.probeGuess = raw.probe_modes * np.exp(0.02j * (x**2 + y**2))
    npz.write(tmp_path / "wrong.npz", raw)
    found = calibrate_probe(tmp_path / "wrong.npz", tmp_path / "run", IterativeConfig(sweeps=15, modes=2))
    assert found.r_after < 0.8 * found.r_before
    assert sum(found.mode_powers) == pytest.approx(1)
    with np.load(found.probe_path) as content:
        assert content["probeGuess"].shape == (2, N, N)
    assert found.picture.is_file()


def test_a_calibration_does_not_claim_to_improve_a_correct_probe(tmp_path: Path) -> None:
    npz.write(tmp_path / "scan.npz", scan(positions=150))
    found = calibrate_probe(tmp_path / "scan.npz", tmp_path / "run", IterativeConfig(sweeps=25))
    assert found.r_after > 0.9 * found.r_before


@pytest.mark.parametrize("truth", [np.ones((9, 9), complex), np.full((72, 72), np.nan + 0j)])
def test_a_truth_that_shows_nothing_of_the_scan_is_not_compared(truth: np.ndarray, tmp_path: Path) -> None:
    raw = scan()
    raw.objectGuess = truth
    npz.write(tmp_path / "scan.npz", raw)
    assert quick_look(tmp_path / "scan.npz", tmp_path / "out", IterativeConfig(sweeps=1)).metrics == {}


def test_refining_continues_from_a_result(file: Path, tmp_path: Path) -> None:
    first = quick_look(file, tmp_path / "first", IterativeConfig(sweeps=2))
    better = refine(first.run_dir, file, tmp_path / "second", IterativeConfig(sweeps=5))
    assert better.r_factor < first.r_factor
    assert better.seconds > 0
    other = tmp_path / "other.npz"
    npz.write(other, raw_scan(N, 60, 1e6, 2))
    with pytest.raises(DataError, match="80 positions"):
        refine(first.run_dir, other, tmp_path / "third")
    assert not (tmp_path / "third").exists()


def test_the_scale_of_the_probe_does_not_change_the_counts() -> None:
    data = scan()
    found = run(data, flat_start(data), IterativeConfig(sweeps=20))
    probe = normalise_probe(found.probe, data.mean_counts())
    shape = data.objectGuess.shape
    figure = r_factor(data, found.object_[: shape[0], : shape[1]], probe, found.positions_px)
    assert figure is not None
    assert figure.r < 0.1
    assert figure.scale == pytest.approx(1, abs=0.05)


def test_sweeps_do_not_chase_the_noise_of_single_patterns() -> None:
    data = scan()
    gain = 2e4 / data.mean_counts()
    counts = np.random.default_rng(5).poisson(gain * data.diff3d.astype(np.float64) ** 2)
    data = scan(diff3d=np.sqrt(counts).astype(np.float32), probeGuess=data.probeGuess * np.sqrt(gain))
    truth = at_the_truth(data)
    found = run(data, truth, IterativeConfig(sweeps=10, update_probe=False, stop_early=False))
    before, after = (r_factor(data, each.object_, each.probe, each.positions_px) for each in (truth, found))
    assert before is not None and after is not None
    assert after.r < before.r
