"""What the checks say about the patterns: units, spoiled values, pixels, centring."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from builders import Arrays, Save, counts_of, raw_of
from findings import codes, the
from ptychopinn.data.checks import apply_fixes, inspect
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError

# values -----------------------------------------------------------------------------------------


def test_units_are_reported_with_the_reason(scan: Arrays) -> None:
    sentence = the(inspect(raw_of(scan, diff3d=counts_of(scan).astype("uint16"))), "units").sentence
    assert "whole numbers (uint16)" in sentence and "square root" in sentence
    assert "declared" in the(inspect(raw_of(scan), units="intensity"), "units").sentence


def test_the_caller_overrides_the_file(scan: Arrays, save: Save) -> None:
    path = save({**scan, "diff3d_units": np.array("intensity")})
    assert inspect(path).units == "intensity"
    assert inspect(path, units="amplitude").units == "amplitude"


def test_unknown_units_are_refused(scan: Arrays) -> None:
    with pytest.raises(DataError, match="'volts'"):
        inspect(raw_of(scan), units="volts")


@pytest.mark.filterwarnings("error")
def test_values_beyond_single_precision_are_reported_in_few_digits(scan: Arrays) -> None:
    summary = inspect(raw_of(scan, diff3d=np.asarray(scan["diff3d"], float) * 1e150))
    assert "beyond 3e38" in the(summary, "non_finite").sentence
    assert len(the(summary, "units").sentence) < 250


def test_implausibly_large_amplitudes_are_doubted(scan: Arrays) -> None:
    summary = inspect(raw_of(scan, diff3d=counts_of(scan) * 10 + 0.5))
    assert codes(summary)["units_doubtful"] == "warning"


def test_non_finite_values_are_counted_and_fixed(scan: Arrays) -> None:
    patterns = scan["diff3d"].copy()
    patterns[7, 3, 4], patterns[7, 3, 5], patterns[9, 0, 0] = np.nan, np.inf, -np.inf
    raw = raw_of(scan, diff3d=patterns)
    finding = the(inspect(raw), "non_finite")
    assert finding.severity == "error" and finding.fix
    assert "3 non-finite" in finding.sentence and "2 patterns" in finding.sentence and "number 7" in finding.sentence
    assert np.isfinite(inspect(raw).mean_counts)
    fixed = apply_fixes(raw, ["non_finite"])
    assert codes(inspect(fixed)) == {"units": "info"}
    assert fixed.diff3d[7, 3, 4] == 0


def test_negative_amplitudes_are_an_error(scan: Arrays) -> None:
    patterns = scan["diff3d"].copy()
    patterns[2, 3, 4] = -1.5
    raw = raw_of(scan, diff3d=patterns)
    assert the(inspect(raw), "negative").severity == "error"
    assert "1 value below zero (down to -1.5)" in the(inspect(raw), "negative").sentence
    assert "negative" not in codes(inspect(apply_fixes(raw, ["negative"])))


def test_negative_intensities_are_a_warning(scan: Arrays) -> None:
    patterns = counts_of(scan) - 0.25
    finding = the(inspect(raw_of(scan, diff3d=patterns), units="intensity"), "negative")
    assert finding.severity == "warning" and "background subtraction" in finding.sentence


def test_minus_one_is_a_detectors_mark(scan: Arrays) -> None:
    patterns = counts_of(scan).astype("int32")
    patterns[:, 3] = -1
    assert "unmeasured pixels" in the(inspect(raw_of(scan, diff3d=patterns)), "negative").sentence


def test_dark_patterns(scan: Arrays) -> None:
    patterns = scan["diff3d"].copy()
    patterns[11:13] = 0
    finding = the(inspect(raw_of(scan, diff3d=patterns)), "dark_patterns")
    assert finding.severity == "warning" and "2 of 81 patterns" in finding.sentence and "number 11" in finding.sentence
    fixed = apply_fixes(raw_of(scan, diff3d=patterns), ["dark_patterns"])
    assert fixed.n_patterns == 79 and codes(inspect(fixed)) == {"units": "info"}
    nothing = the(inspect(raw_of(scan, diff3d=0 * patterns)), "dark_patterns")
    assert nothing.severity == "error" and nothing.fix is None


@pytest.mark.parametrize("units", ["amplitude", "intensity"])
def test_hot_pixels_are_found_and_replaced(scan: Arrays, units: str) -> None:
    clean = scan["diff3d"] if units == "amplitude" else counts_of(scan).astype("uint16")
    patterns = clean.copy()
    patterns[:, 2, 29] = patterns[:, 27, 5] = 100 if units == "amplitude" else 10_000
    raw = raw_of(scan, diff3d=patterns)
    finding = the(inspect(raw), "hot_pixels")
    assert finding.severity == "warning" and "2 hot pixels" in finding.sentence
    assert "(2, 29)" in finding.sentence and "(27, 5)" in finding.sentence
    fixed = apply_fixes(raw, ["hot_pixels"])
    assert "hot_pixels" not in codes(inspect(fixed))
    assert fixed.diff3d.dtype == patterns.dtype and fixed.units == units
    untouched = np.ones((32, 32), dtype=bool)
    untouched[2, 29] = untouched[27, 5] = False
    np.testing.assert_array_equal(fixed.diff3d[:, untouched], clean[:, untouched])


def ring_patterns(inner: float, outer: float, stop: bool = False, seed: int = 0) -> NDArray[Any]:
    """Counts of a zone plate's annulus with sharp edges, 60 patterns of 64 x 64."""
    y, x = np.mgrid[:64, :64] - 32
    radius = np.hypot(y, x)
    mean = np.where((radius > inner) & (radius < outer), 200.0, 0.3)
    if stop:
        mean[radius <= 5] = 0
    return np.random.default_rng(seed).poisson(mean, (60, 64, 64)).astype("uint16")


@pytest.mark.parametrize(("inner", "outer"), [(8, 14), (12, 13.1), (20, 31), (0, 1.2)])
def test_sharp_annuli_and_a_tiny_beam_have_no_hot_pixels(inner: float, outer: float) -> None:
    raw = RawData.from_coords_without_pc(
        np.arange(60.0), np.arange(60.0) % 7, ring_patterns(inner, outer), np.ones((64, 64), complex), None
    )
    assert "hot_pixels" not in codes(inspect(raw))


def test_dead_pixels_are_reported_only_in_the_bright_part(scan: Arrays) -> None:
    patterns = ring_patterns(0, 20)
    patterns[:, 30, 35] = 0
    raw = RawData.from_coords_without_pc(
        np.arange(60.0), np.arange(60.0) % 7, patterns, np.ones((64, 64), complex), None
    )
    finding = the(inspect(raw), "dead_pixels")
    assert finding.severity == "info" and "1 pixel of" in finding.sentence and "(30, 35)" in finding.sentence
    patterns[:, 28:36] = 0
    assert the(inspect(raw_of_patterns(patterns)), "dead_pixels").severity == "warning"


def raw_of_patterns(patterns: NDArray[Any]) -> RawData:
    count, size = len(patterns), patterns.shape[1]
    places = np.arange(float(count))
    return RawData.from_coords_without_pc(places, places % 7, patterns, np.ones((size, size), complex), None)


def test_dark_outskirts_are_not_dead() -> None:
    patterns = ring_patterns(0, 20)
    y, x = np.mgrid[:64, :64] - 32
    patterns[:, np.hypot(y, x) > 26] = 0
    assert "dead_pixels" not in codes(inspect(raw_of_patterns(patterns)))


@pytest.mark.parametrize("marker", [2**16 - 1, 2**32 - 1])
def test_detector_marks_for_masked_pixels(scan: Arrays, marker: int) -> None:
    patterns = counts_of(scan).astype("uint32")
    patterns[:, 10:12] = marker
    raw = raw_of(scan, diff3d=patterns)
    finding = the(inspect(raw), "masked_marker")
    assert finding.severity == "error" and "64 pixels" in finding.sentence and f"{marker:,}" in finding.sentence
    fixed = apply_fixes(raw, ["masked_marker"])
    assert not fixed.diff3d[:, 10:12].any()
    assert "masked_marker" not in codes(inspect(fixed))


def test_uncentred_patterns_are_found_and_shifted(scan: Arrays) -> None:
    raw = raw_of(scan, diff3d=np.fft.ifftshift(scan["diff3d"], axes=(1, 2)))
    finding = the(inspect(raw), "dc_not_centred")
    assert finding.severity == "error" and "(16, 16)" in finding.sentence
    np.testing.assert_array_equal(apply_fixes(raw, ["dc_not_centred"]).diff3d, scan["diff3d"])


def test_a_beam_off_the_centre_is_reported_with_its_position(scan: Arrays) -> None:
    sentence = the(
        inspect(raw_of(scan, diff3d=np.roll(scan["diff3d"], (7, -6), axis=(1, 2)))), "beam_off_centre"
    ).sentence
    assert "+7" in sentence or "+6" in sentence
    assert "beam_off_centre" not in codes(inspect(raw_of(scan, diff3d=np.roll(scan["diff3d"], 2, axis=1))))
