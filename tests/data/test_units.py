from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptychopinn.data.units import decide_units
from ptychopinn.errors import DataError


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "int32", "int64", "float32", "float64"])
def test_whole_numbers_of_any_dtype_are_counts(dtype: str) -> None:
    patterns = np.arange(3 * 16).reshape(3, 4, 4).astype(dtype)
    assert decide_units(patterns)[0] == "intensity"


@pytest.mark.parametrize("dtype", ["uint16", "float32", "bool"])
def test_zeros_and_ones_are_amplitude(dtype: str) -> None:
    assert decide_units(np.eye(4)[None].astype(dtype))[0] == "amplitude"


@given(st.integers(0, 4999), st.integers(0, 15))
def test_one_fraction_anywhere_makes_it_amplitude(pattern: int, pixel: int) -> None:
    patterns = np.full((5000, 4, 4), 7.0, dtype=np.float32)
    patterns[pattern].flat[pixel] = 2.5
    assert decide_units(patterns)[0] == "amplitude"


def test_non_finite_values_do_not_change_the_decision() -> None:
    patterns = np.full((3, 4, 4), 7.0)
    patterns[0, 0, :3] = np.nan, np.inf, -np.inf
    assert decide_units(patterns)[0] == "intensity"
    assert decide_units(np.full((3, 4, 4), np.nan))[0] == "amplitude"


@pytest.mark.parametrize("units", ["amplitude", "intensity"])
def test_a_declaration_wins(units: str) -> None:
    assert decide_units(np.full((3, 4, 4), 7), units) == (units, f"diff3d is declared to be {units}.")


def test_an_unknown_word_is_refused_with_the_valid_words() -> None:
    with pytest.raises(DataError, match=r"'counts'.*'amplitude' or 'intensity'"):
        decide_units(np.ones((3, 4, 4)), "counts")


def test_the_search_ends_at_the_first_fraction() -> None:
    """A file larger than memory must not be read to its end to learn that it holds amplitudes."""

    class Watched(np.ndarray):
        touched = 0

        def __getitem__(self, key):  # type: ignore[no-untyped-def]
            if isinstance(key, slice):
                Watched.touched = max(Watched.touched, key.stop)
            return super().__getitem__(key)

    patterns = np.full((1000, 8, 8), 0.5, dtype=np.float32).view(Watched)
    decide_units(patterns)
    assert Watched.touched == 1
