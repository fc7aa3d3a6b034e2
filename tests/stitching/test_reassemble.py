"""Patches become an object: on the right pixels, with the right weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptychopinn.stitching.object_grid import ObjectGrid
from ptychopinn.stitching.reassemble import Stitcher
from strategies import seeds


@given(seeds, st.complex_numbers(max_magnitude=10, allow_nan=False, allow_infinity=False))
def test_stitching_a_constant_gives_that_constant_where_covered(seed: int, value: complex) -> None:
    rng = np.random.default_rng(seed)
    stitcher = Stitcher((17, 23))
    for _ in range(9):
        stitcher.add(rng.integers(-4, 20, 2), np.full((6, 6), value), rng.uniform(0.1, 1, (6, 6)))
    obj, seen = stitcher.result(outside=-9), stitcher.weight > 0
    assert np.allclose(obj[seen], value, atol=1e-4)
    assert (obj[~seen] == -9).all()


def test_the_weights_decide_where_patches_disagree() -> None:
    stitcher = Stitcher((4, 4))
    stitcher.add(np.array([0, 0]), np.full((4, 4), 1 + 0j), np.full((4, 4), 3.0))
    stitcher.add(np.array([0, 0]), np.full((4, 4), 5j), np.full((4, 4), 1.0))
    assert np.allclose(stitcher.result(), (3 + 5j) / 4)


def test_cut_patches_restore_the_object() -> None:
    rng = np.random.default_rng(0)
    truth = rng.standard_normal((20, 30)) + 1j * rng.standard_normal((20, 30))
    stitcher = Stitcher(truth.shape)
    for row in range(0, 16, 3):
        for column in range(0, 26, 3):
            patch = truth[row : row + 5, column : column + 5]
            stitcher.add(np.array([row, column]), patch, np.ones(patch.shape))
    seen = stitcher.weight > 0
    assert np.allclose(stitcher.result()[seen], truth[seen], atol=1e-6)


def test_a_global_phase_per_patch_is_removed_before_averaging() -> None:
    rng = np.random.default_rng(1)
    truth = rng.standard_normal((20, 30)) + 1j * rng.standard_normal((20, 30))
    stitcher = Stitcher(truth.shape)
    for row in range(-2, 18, 3):
        for column in range(-2, 28, 3):
            patch = np.pad(truth, 5)[row + 5 : row + 10, column + 5 : column + 10]
            weight = rng.uniform(0.1, 1, patch.shape) * (patch != 0)
            corner = np.array([row, column])
            patch = patch * np.exp(2j * np.pi * rng.random())
            stitcher.add(corner, stitcher.phase_aligned(corner, patch, weight), weight)
    seen = stitcher.weight > 0
    found = stitcher.result()
    phase = np.vdot(truth[seen], found[seen])
    assert np.allclose(found[seen] * np.conj(phase) / abs(phase), truth[seen], atol=1e-5)


def test_a_patch_without_overlap_keeps_its_phase() -> None:
    stitcher = Stitcher((10, 10))
    stitcher.add(np.array([0, 0]), np.full((3, 3), 1 + 0j), np.ones((3, 3)))
    for corner in ([5, 5], [20, 20], [-9, 3]):
        patch = np.full((3, 3), 1j)
        assert np.array_equal(stitcher.phase_aligned(np.array(corner), patch, np.ones((3, 3))), patch)


@given(st.integers(0, 1000), st.integers(5, 20), st.floats(-40, 60))
def test_the_grid_holds_every_patch_and_has_no_negative_position(seed: int, n: int, offset: float) -> None:
    positions = np.random.default_rng(seed).uniform(0, 50, (12, 2)) + offset
    grid = ObjectGrid.of_scan(positions, n)
    moved = grid.positions(positions)
    assert (np.floor(moved + 0.5) >= 0).all()
    assert (np.floor(moved + 0.5) + (n + 1) // 2 <= grid.shape).all()
    assert np.allclose(moved - positions, grid.shift_px)


def test_positions_that_are_indices_stay_as_they_are() -> None:
    grid = ObjectGrid.of_scan(np.array([[10.2, 3.0], [12.0, 30.5]]), 8, at_least=(100, 20))
    assert grid.shift_px == (0, 0)
    assert grid.shape[0] == 100
    assert grid.shape[1] == pytest.approx(31 + 4)


def test_a_grid_that_is_shifted_still_holds_the_whole_known_object() -> None:
    grid = ObjectGrid.of_scan(np.array([[-3.0, 5.0], [40.0, 30.0]]), 8, at_least=(60, 50))
    assert grid.shift_px == (7, 0)
    assert grid.shape == (67, 50)
    assert ObjectGrid.of_scan(np.array([[-90.0, 5.0], [-60.0, 30.0]]), 8).shape == (30 + 8, 34)
