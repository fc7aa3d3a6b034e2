from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import Arrays, raw_of
from ptychopinn.errors import DataError


def test_arrays_stay_unchanged(scan: Arrays) -> None:
    raw = raw_of(scan)
    assert raw.diff3d is scan["diff3d"]
    assert raw.xcoords_start is scan["xcoords"]
    assert raw.objectGuess is scan["objectGuess"]


def test_positions_put_y_before_x(scan: Arrays) -> None:
    np.testing.assert_array_equal(raw_of(scan).positions_px, np.stack([scan["ycoords"], scan["xcoords"]], 1))


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "int64", "float64"])
def test_amplitude_of_large_counts_does_not_overflow(scan: Arrays, dtype: str) -> None:
    counts = np.full((81, 32, 32), 65535, dtype=dtype)
    raw = raw_of(scan, diff3d=counts)
    assert raw.amplitude().dtype == np.float32
    np.testing.assert_allclose(raw.amplitude(), np.sqrt(65535.0), rtol=1e-6)
    np.testing.assert_allclose(raw.mean_counts(), 65535.0 * 32 * 32, rtol=1e-6)


def test_counts_and_their_amplitude_agree(scan: Arrays) -> None:
    counts = np.rint(np.square(scan["diff3d"])).astype(np.uint16)
    from_counts, from_amplitude = raw_of(scan, diff3d=counts), raw_of(scan)
    assert (from_counts.units, from_amplitude.units) == ("intensity", "amplitude")
    np.testing.assert_allclose(from_counts.amplitude(), from_amplitude.amplitude(), rtol=1e-6)
    np.testing.assert_allclose(from_counts.mean_counts(), from_amplitude.mean_counts(), rtol=1e-6)


def test_amplitude_of_chosen_patterns_is_a_copy(scan: Arrays) -> None:
    before = scan["diff3d"].copy()
    chosen = raw_of(scan).amplitude(np.array([5, 2]))
    np.testing.assert_array_equal(chosen, before[[5, 2]])
    chosen[:] = 0
    raw_of(scan).amplitude()[:] = 0
    np.testing.assert_array_equal(scan["diff3d"], before)


def test_negative_intensities_count_as_zero(scan: Arrays) -> None:
    raw = raw_of(scan, diff3d=np.full((81, 32, 32), -3.5, dtype=np.float32), diff3d_units="intensity")
    assert not raw.amplitude().any()
    assert raw.mean_counts() == 0


def test_replacing_the_patterns_renews_units_and_counts(scan: Arrays) -> None:
    raw = raw_of(scan)
    assert raw.units == "amplitude" and raw.mean_counts() > 0
    raw.diff3d = np.full((81, 32, 32), 4, dtype=np.uint16)
    assert raw.units == "intensity"
    assert raw.mean_counts() == pytest.approx(4 * 32 * 32)


def test_declaring_units_renews_the_decision(scan: Arrays) -> None:
    raw = raw_of(scan)
    counts = raw.mean_counts()
    raw.diff3d_units = "intensity"
    assert raw.units == "intensity"
    assert raw.mean_counts() < counts


@pytest.mark.parametrize("modes", [None, 1, 3])
def test_probe_modes_come_first(scan: Arrays, modes: int | None) -> None:
    probe = scan["probeGuess"] if modes is None else np.stack([scan["probeGuess"]] * modes)
    raw = raw_of(scan, probeGuess=probe)
    assert raw.probe_modes.shape == (modes or 1, 32, 32)
    assert raw.probe_modes.dtype == np.complex64


def test_taking_patterns_keeps_the_units_of_the_whole_scan(scan: Arrays) -> None:
    patterns = scan["diff3d"].copy()
    patterns[:5] = 3.0
    part = raw_of(scan, diff3d=patterns).take(np.arange(5))
    assert part.units == "amplitude"
    assert part.n_patterns == len(part.xcoords) == len(part.scan_index) == 5


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("diff3d", np.ones((81, 32, 30)), r"\(81, 32, 30\); expected square"),
        ("diff3d", np.ones((32, 32)), "three axes"),
        ("diff3d", np.ones((0, 32, 32)), "is empty"),
        ("diff3d", np.ones((81, 32, 32), dtype=complex), "complex128; expected real"),
        ("diff3d", np.ones((80, 32, 32)), "81 values but diff3d has 80 patterns"),
        ("xcoords", np.ones(80), "xcoords has 80 values"),
        ("ycoords", np.ones((81, 2)), r"ycoords has shape \(81, 2\)"),
        ("probeGuess", np.ones((30, 30), dtype=complex), "expected 32 x 32"),
        ("probeGuess", np.ones((2, 2, 32, 32), dtype=complex), r"\(modes, N, N\)"),
        ("scan_index", np.zeros(3, dtype=int), "scan_index has 3 values"),
        ("objectGuess", np.ones(7, dtype=complex), r"\(height, width\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(scan: Arrays, key: str, value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        raw_of(scan, **{key: value})


def test_several_faults_come_in_one_message(scan: Arrays) -> None:
    with pytest.raises(DataError) as caught:
        raw_of(scan, xcoords=np.ones(3), probeGuess=np.ones((5, 5), dtype=complex))
    assert "xcoords has 3 values" in str(caught.value)
    assert "probeGuess has shape (5, 5)" in str(caught.value)


def test_the_probe_of_a_scan_without_one_is_an_error(scan: Arrays) -> None:
    with pytest.raises(DataError, match="no probe"):
        _ = raw_of(scan, probeGuess=None).probe_modes
