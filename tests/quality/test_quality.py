"""Figures of merit tell a good object from a bad one, and forget what ptychography cannot know."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from builders import raw_scan
from ptychopinn.errors import DataError, JobCancelled
from ptychopinn.physics.exit_wave import cut_patch, fourier_shift
from ptychopinn.physics.sample_object import sample_object
from ptychopinn.quality import rfactor
from ptychopinn.quality.align import align
from ptychopinn.quality.collapse import collapse_notice
from ptychopinn.quality.compare import compare, figures_of, ssim
from ptychopinn.quality.frc import fourier_ring_correlation
from ptychopinn.quality.rfactor import r_factor


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    return sample_object((96, 110), np.random.default_rng(4))


@pytest.fixture(scope="module")
def mask() -> np.ndarray:
    inside = np.zeros((96, 110), bool)
    inside[16:80, 18:92] = True
    return inside


def test_r_of_the_truth_is_the_noise_floor() -> None:
    data = raw_scan(24, 40, 1e4, 1)
    figure = r_factor(data, data.objectGuess, data.probe_modes, data.positions_px)
    assert figure.r == pytest.approx(figure.noise_floor, rel=0.03)
    assert figure.per_position.shape == (40,)


def test_r_of_a_flat_object_is_well_above_the_floor_and_a_scale_changes_nothing() -> None:
    data = raw_scan(24, 40, 1e6, 1)
    flat = np.ones_like(data.objectGuess)
    first = r_factor(data, flat, data.probe_modes, data.positions_px)
    again = r_factor(data, 3 * flat, data.probe_modes, data.positions_px)
    assert first.r > 3 * first.noise_floor
    assert again.r == pytest.approx(first.r, rel=1e-4)
    assert again.scale == pytest.approx(first.scale / 3, rel=1e-4)


def _peak_bytes(action: Callable[[], object]) -> int:
    tracemalloc.start()
    action()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_r_is_the_same_with_and_without_stored_models(monkeypatch: pytest.MonkeyPatch) -> None:
    data = raw_scan(32, 300, 1e5, 1)
    plain = r_factor(data, data.objectGuess, data.probe_modes, data.positions_px)
    for kept in (0, 100 * 4 * 32**2):
        monkeypatch.setattr(rfactor, "_KEPT_BYTES", kept)
        again = r_factor(data, data.objectGuess, data.probe_modes, data.positions_px)
        assert again.r == plain.r and again.noise_floor == plain.noise_floor
        assert np.array_equal(again.per_position, plain.per_position)
    monkeypatch.setattr(rfactor, "_KEPT_BYTES", 0)
    peak = _peak_bytes(lambda: r_factor(data, data.objectGuess, data.probe_modes, data.positions_px))
    assert peak < data.diff3d.nbytes / 2


def test_a_stop_interrupts_both_passes_of_r() -> None:
    data = raw_scan(24, 40, 1e4, 1)
    for allowed in (3, 60):
        stop = iter([False] * allowed + [True]).__next__
        with pytest.raises(JobCancelled, match="comparison was stopped"):
            r_factor(data, data.objectGuess, data.probe_modes, data.positions_px, stop)


def test_cutting_a_patch_does_not_copy_the_object() -> None:
    obj = np.ones((1000, 1000), np.complex64)
    assert _peak_bytes(lambda: cut_patch(obj, (500, 500), 32)) < obj.nbytes / 20


def test_alignment_removes_factor_ramp_and_shift(truth: np.ndarray, mask: np.ndarray) -> None:
    shift, slope = (2.3, -1.6), (0.02, -0.013)
    rows, columns = np.arange(96)[:, None], np.arange(110)[None, :]
    moved = fourier_shift(truth, shift) * np.exp(1j * (slope[0] * rows + slope[1] * columns)) * 2.5 * np.exp(1.1j)
    aligned, info = align(moved, truth, mask)
    assert info["shift_y_px"] == pytest.approx(-shift[0], abs=0.05)
    assert info["shift_x_px"] == pytest.approx(-shift[1], abs=0.05)
    assert info["ramp_y_rad_per_px"] == pytest.approx(-slope[0], abs=2e-3)
    error = np.linalg.norm((aligned - truth)[mask]) / np.linalg.norm(truth[mask])
    assert error < 0.05


def test_a_stop_interrupts_the_alignment(truth: np.ndarray, mask: np.ndarray) -> None:
    stop = iter([False] * 5 + [True]).__next__
    with pytest.raises(JobCancelled):
        compare(truth, truth, mask, stop)


def test_an_identical_object_is_perfect_and_a_noisy_one_is_not(truth: np.ndarray, mask: np.ndarray) -> None:
    perfect = compare(truth, truth, mask)
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(truth.shape) + 1j * rng.standard_normal(truth.shape)
    noisy = compare(truth + 0.2 * noise, truth, mask)
    for name in ("amplitude", "phase"):
        assert perfect[f"{name}_ssim"] > 0.99
        assert perfect[f"{name}_psnr_db"] > noisy[f"{name}_psnr_db"] + 10
        assert noisy[f"{name}_ssim"] < 0.9


def test_a_mirrored_object_differs_from_the_true_object(truth: np.ndarray, mask: np.ndarray) -> None:
    assert compare(truth[::-1], truth, mask)["phase_ssim"] < 0.7


def test_ssim_is_one_only_for_equal_images(truth: np.ndarray, mask: np.ndarray) -> None:
    image = np.abs(truth)
    assert ssim(image, image, mask, 1.0) == pytest.approx(1.0)
    assert ssim(image, image[::-1], mask, 1.0) < 0.95


def test_nan_is_not_a_perfect_match(truth: np.ndarray, mask: np.ndarray) -> None:
    broken = truth.copy()
    broken[40, 50] = np.nan
    for name, value in figures_of(broken, truth, mask).items():
        assert not value > 0, name
    assert fourier_ring_correlation(broken, truth, mask).resolution_px() > 10
    assert "NaN or infinite in 1 of" in str(collapse_notice(broken))


def test_a_diverged_object_is_reported_not_judged() -> None:
    data = raw_scan(24, 40, 1e4, 1)
    broken = data.objectGuess.copy()
    broken[30, 30] = np.nan
    with pytest.raises(DataError, match="diverged"):
        r_factor(data, broken, data.probe_modes, data.positions_px)


def test_only_flat_objects_are_reported_as_collapsed(truth: np.ndarray) -> None:
    assert collapse_notice(truth) is None
    sentence = collapse_notice(np.full((30, 30), 0.7 * np.exp(2j)))
    assert sentence is not None and "flat" in sentence
    assert collapse_notice(np.exp(0.3j * np.random.default_rng(0).standard_normal((30, 30)))) is None
