from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ptychopinn.data.grouping import group
from ptychopinn.data.neighbours import nearest_distances, nearest_neighbours
from ptychopinn.errors import DataError
from strategies import positions, seeds


@given(positions(), seeds)
@settings(deadline=None)
def test_a_group_has_no_pattern_twice(positions: NDArray[Any], seed: int) -> None:
    groups = group(positions, 2, seed=seed)
    assert all(len(set(row)) == 4 for row in groups.tolist())


@given(positions(), seeds)
@settings(deadline=None)
def test_first_column_is_the_seed_point_each_once(positions: NDArray[Any], seed: int) -> None:
    groups = group(positions, 2, seed=seed)
    assert sorted(groups[:, 0].tolist()) == list(range(len(positions)))


@given(positions(), seeds, st.integers(4, 12))
@settings(deadline=None)
def test_members_are_among_the_nearest(positions: NDArray[Any], seed: int, neighbor_count: int) -> None:
    groups = group(positions, 2, neighbor_count=neighbor_count, seed=seed)
    for row in groups:
        distances = np.sort(np.linalg.norm(positions - positions[row[0]], axis=1))
        limit = distances[min(neighbor_count, len(positions) - 1)]
        assert (np.linalg.norm(positions[row] - positions[row[0]], axis=1) <= limit + 1e-9).all()


@given(positions(), seeds, st.integers(1, 60))
@settings(deadline=None)
def test_gridsize_one_uses_each_point_at_most_once(positions: NDArray[Any], seed: int, n_groups: int) -> None:
    groups = group(positions, 1, n_groups=n_groups, seed=seed)
    assert groups.shape == (min(n_groups, len(positions)), 1)
    assert len(set(groups[:, 0].tolist())) == len(groups)


@given(positions(), seeds)
@settings(deadline=None)
def test_same_seed_same_groups(positions: NDArray[Any], seed: int) -> None:
    np.testing.assert_array_equal(group(positions, 2, seed=seed), group(positions, 2, seed=seed))


@given(positions(), seeds, st.integers(1, 4))
@settings(deadline=None)
def test_oversampling_returns_exactly_the_requested_number(positions: NDArray[Any], seed: int, times: int) -> None:
    wanted = times * len(positions) + 3
    groups = group(positions, 2, n_groups=wanted, seed=seed, enable_oversampling=True, neighbor_pool_size=6)
    assert groups.shape == (wanted, 4)
    assert all(len(set(row)) == 4 for row in groups.tolist())
    uses = np.bincount(groups[:, 0], minlength=len(positions))
    assert uses.max() - uses.min() <= 1


def test_another_seed_gives_other_groups() -> None:
    positions = np.random.default_rng(1).uniform(0, 50, (200, 2))
    assert (group(positions, 2, neighbor_count=8, seed=1) != group(positions, 2, neighbor_count=8, seed=2)).any()


def test_the_first_groups_cover_the_whole_scan() -> None:
    positions = np.stack([np.arange(1000.0), np.zeros(1000)], axis=1)
    first = group(positions, 1, seed=3)[:100, 0]
    assert first.min() < 100 and first.max() > 900


def test_sequential_groups_ignore_the_seed() -> None:
    positions = np.random.default_rng(1).uniform(0, 50, (50, 2))
    one = group(positions, 2, n_groups=7, seed=1, sequential=True)
    np.testing.assert_array_equal(one, group(positions, 2, n_groups=7, seed=2, sequential=True))
    np.testing.assert_array_equal(one[:, 0], np.arange(7))


def test_too_many_groups_at_gridsize_one_are_capped_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="ptychopinn"):
        groups = group(np.random.default_rng(0).uniform(size=(9, 2)), 1, n_groups=20, seed=0)
    assert len(groups) == 9
    assert "20 groups" in caplog.text and "9 positions" in caplog.text


def test_more_groups_than_points_need_oversampling() -> None:
    with pytest.raises(ValueError) as caught:
        group(np.random.default_rng(0).uniform(size=(9, 2)), 2, n_groups=10)
    for words in ("OVERSAMPLING-001", "enable_oversampling", "K choose C oversampling"):
        assert words in str(caught.value)


def test_a_small_pool_is_refused() -> None:
    with pytest.raises(ValueError) as caught:
        group(np.ones((9, 2)), 2, n_groups=10, enable_oversampling=True, neighbor_pool_size=3)
    assert "OVERSAMPLING-001" in str(caught.value) and "neighbor_pool_size >= C" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"positions_px": np.ones((3, 2))}, "3 positions, too few"),
        ({"neighbor_count": 3}, "neighbor_count >= 4"),
        ({"gridsize": 0}, "gridsize is 0"),
        ({"n_groups": 0}, "n_groups is 0"),
        ({"positions_px": np.full((9, 2), np.nan)}, "not finite"),
    ],
)
def test_impossible_requests_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(DataError, match=says):
        group(**{"positions_px": np.random.default_rng(0).uniform(size=(9, 2)), "gridsize": 2, **change})


def test_groups_hold_indices_as_int64() -> None:
    assert group(np.random.default_rng(0).uniform(size=(9, 2)), 3, neighbor_count=9).dtype == np.int64


@given(positions())
@settings(deadline=None)
def test_a_point_is_never_its_own_neighbour(positions: NDArray[Any]) -> None:
    found = nearest_neighbours(positions, np.arange(len(positions)), 4)
    assert not (found == np.arange(len(positions))[:, None]).any()
    distances = np.linalg.norm(positions[found] - positions[:, None], axis=2)
    every = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    np.fill_diagonal(every, np.inf)
    np.testing.assert_allclose(np.sort(distances, axis=1), np.sort(every, axis=1)[:, :4], atol=1e-9)
    np.testing.assert_allclose(nearest_distances(positions), every.min(axis=1), atol=1e-9)


def test_distances_of_large_and_small_scans_agree() -> None:
    positions = np.random.default_rng(0).uniform(size=(1200, 2))
    every = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    np.fill_diagonal(every, np.inf)
    np.testing.assert_allclose(nearest_distances(positions), every.min(axis=1))
