from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.data.split import split
from ptychopinn.data.subsample import subsample, subsample_indices
from ptychopinn.errors import DataError


@given(st.integers(1, 500), st.floats(0, 0.5), st.integers(0, 1000))
def test_the_two_parts_are_the_whole(n_samples: int, fraction: float, seed: int) -> None:
    training, validation = split(n_samples, fraction, seed)
    assert sorted([*training.tolist(), *validation.tolist()]) == list(range(n_samples))
    assert len(training) >= 1
    assert (len(validation) >= 1) == (fraction > 0 and n_samples > 1)


def test_validation_is_not_the_end_of_the_scan() -> None:
    _, validation = split(1000, 0.05, seed=1)
    assert len(validation) == 50
    assert validation.min() < 100 and validation.max() > 900


def test_the_seed_decides() -> None:
    np.testing.assert_array_equal(split(100, 0.2, 4)[1], split(100, 0.2, 4)[1])
    assert (split(100, 0.2, 4)[1] != split(100, 0.2, 5)[1]).any()


@pytest.mark.parametrize("fraction", [-0.1, 0.51])
def test_a_fraction_outside_its_range_is_refused(fraction: float) -> None:
    with pytest.raises(DataError, match=r"from 0 to 0\.5"):
        split(10, fraction)


@given(st.integers(1, 300), st.integers(1, 400), st.integers(0, 1000))
def test_a_subsample_keeps_the_scan_order_without_repeats(total: int, wanted: int, seed: int) -> None:
    chosen = subsample_indices(total, wanted, seed)
    assert len(chosen) == min(total, wanted)
    assert (np.diff(chosen) > 0).all()
    np.testing.assert_array_equal(chosen, subsample_indices(total, wanted, seed))


def test_a_subsample_has_patterns_with_their_positions(scan: dict[str, NDArray[Any]]) -> None:
    raw = RawData.from_coords_without_pc(**scan, scan_index=np.arange(81))
    part = subsample(raw, 10, seed=2)
    np.testing.assert_array_equal(part.diff3d, raw.diff3d[part.scan_index])
    np.testing.assert_array_equal(part.positions_px, raw.positions_px[part.scan_index])
    assert subsample(raw, None) is raw and subsample(raw, 81) is raw


def test_no_patterns_at_all_is_refused() -> None:
    with pytest.raises(DataError, match="n_subsample is 0"):
        subsample_indices(10, 0)
