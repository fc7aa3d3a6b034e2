"""Groups that cover a scan, and the scan in relative units."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import raw_scan
from ptychopinn.data.container import GroupedScan
from ptychopinn.data.cover import compact_groups, cover_scan
from ptychopinn.data.raw_data import RawData


@given(st.integers(0, 1000), st.sampled_from([1, 4, 9]), st.integers(1, 3))
def test_every_position_is_covered_often_enough_or_is_a_seed(seed: int, members: int, times: int) -> None:
    positions = np.random.default_rng(seed).uniform(0, 60, (53, 2))
    groups = cover_scan(positions, members, times)
    held = np.bincount(groups.ravel(), minlength=53)
    seeds = set(groups[:, 0].tolist())
    assert (held >= 1).all()
    assert all(held[point] >= times or point in seeds for point in range(53))
    assert all(len(set(row)) == members for row in groups.tolist())


def test_covering_needs_fewer_groups_than_one_per_position() -> None:
    positions = np.random.default_rng(0).uniform(0, 100, (400, 2))
    assert len(cover_scan(positions, 16, 1)) < 120


def test_a_compact_group_is_a_point_with_its_nearest() -> None:
    positions = np.array([[0.0, 0], [0, 1], [0, 3], [0, 10], [0, 11.5]])
    assert compact_groups(positions, np.array([3]), 3)[0].tolist() == [3, 4, 2]


@pytest.fixture
def data() -> RawData:
    return raw_scan(16, 60, 1e5, 0)


def test_relative_patterns_have_a_mean_intensity_of_one(data: RawData) -> None:
    scan = GroupedScan.build(data, 1, 1)
    amplitude = scan.amplitude(np.arange(60)[:, None])
    assert amplitude.dtype == np.float32
    assert np.mean(amplitude.astype(float) ** 2) == pytest.approx(1.0, rel=1e-4)


def test_offsets_are_positions_from_a_whole_pixel_within_reach(data: RawData) -> None:
    scan = GroupedScan.build(data, 9, 12)
    groups = cover_scan(data.positions_px, 9, 2)
    assert np.allclose(scan.origins(groups)[:, None] + scan.offsets(groups), data.positions_px[groups], atol=1e-4)
    assert np.abs(scan.offsets(groups)).max() <= scan.reach_px + 0.5


def test_a_stray_position_does_not_blow_up_the_canvas(data: RawData) -> None:
    usual = GroupedScan.build(data, 9, 12).reach_px
    data.xcoords[5] += 5000
    scan = GroupedScan.build(data, 9, 12)
    assert scan.reach_px < 4 * usual
    kept = scan.compact(cover_scan(data.positions_px, 9, 2))
    assert not (kept == 5).any()
    assert set(kept.ravel()) == set(range(60)) - {5}
