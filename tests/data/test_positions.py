"""What the checks say about positions and probe."""

from __future__ import annotations

import numpy as np
import pytest

from builders import Arrays, raw_of
from findings import codes, the
from ptychopinn.data.checks import apply_fixes, inspect

# positions --------------------------------------------------------------------------------------


def test_the_fix_removes_positions_that_are_not_finite(scan: Arrays) -> None:
    xcoords = scan["xcoords"].copy()
    xcoords[[4, 9]] = np.nan
    raw = raw_of(scan, xcoords=xcoords)
    finding = the(inspect(raw), "non_finite_positions")
    assert finding.severity == "error" and "2 of 81 positions" in finding.sentence
    fixed = apply_fixes(raw, ["non_finite_positions"])
    assert fixed.n_patterns == 79 and codes(inspect(fixed)) == {"units": "info"}


def test_positions_in_metres(scan: Arrays) -> None:
    summary = inspect(raw_of(scan, xcoords=scan["xcoords"] * 1e-8, ycoords=scan["ycoords"] * 1e-8))
    finding = the(summary, "position_units")
    assert finding.severity == "error" and "metres" in finding.sentence
    assert "outside_object" not in codes(summary)


def test_positions_outside_the_object(scan: Arrays) -> None:
    xcoords = scan["xcoords"].copy()
    xcoords[3] += 50
    summary = inspect(raw_of(scan, xcoords=xcoords))
    finding = the(summary, "outside_object")
    assert finding.severity == "warning" and "1 of 81" in finding.sentence
    assert f"shape {scan['objectGuess'].shape}" in finding.sentence
    assert "outside_object" not in codes(inspect(raw_of(scan, xcoords=xcoords, objectGuess=None)))


def test_an_object_smaller_than_the_patterns_is_reported(scan: Arrays) -> None:
    sentence = the(inspect(raw_of(scan, objectGuess=np.ones((5, 5), complex))), "outside_object").sentence
    assert "expected an object larger than the patterns" in sentence


@pytest.mark.parametrize("where", ["one", "all"])
def test_positions_whose_object_exceeds_any_memory_are_refused(where: str, scan: Arrays) -> None:
    xcoords = scan["xcoords"] * (1 if where == "one" else 1e6)
    xcoords[5] = 1e9
    finding = the(inspect(raw_of(scan, xcoords=xcoords)), "positions_far_apart")
    assert finding.severity == "error"
    assert "far from the others" in finding.mend


def test_coinciding_positions_are_not_treated_as_metres(scan: Arrays) -> None:
    same = np.full_like(scan["xcoords"], 40)
    finding = the(inspect(raw_of(scan, xcoords=same, ycoords=same)), "position_units")
    assert finding.severity == "error"
    assert "metres" not in str(finding)


def test_exchanged_axes_are_reported_if_the_object_reveals_them(scan: Arrays) -> None:
    wide = np.ones((70, 120), dtype=complex)
    x = 17 + (scan["xcoords"] - scan["xcoords"].min()) * 3
    raw = raw_of(scan, objectGuess=wide, xcoords=scan["ycoords"], ycoords=x)
    finding = the(inspect(raw), "positions_swapped")
    assert finding.severity == "warning" and finding.fix
    fixed = apply_fixes(raw, ["positions_swapped"])
    np.testing.assert_array_equal(fixed.xcoords, x)
    assert "positions_swapped" not in codes(inspect(fixed))


def test_duplicate_positions(scan: Arrays) -> None:
    xcoords, ycoords = scan["xcoords"].copy(), scan["ycoords"].copy()
    xcoords[1], ycoords[1] = xcoords[0], ycoords[0]
    summary = inspect(raw_of(scan, xcoords=xcoords, ycoords=ycoords))
    assert the(summary, "duplicate_positions").severity == "info"
    assert "2 of 81" in the(summary, "duplicate_positions").sentence
    xcoords[:40], ycoords[:40] = xcoords[0], ycoords[0]
    summary = inspect(raw_of(scan, xcoords=xcoords, ycoords=ycoords))
    assert the(summary, "duplicate_positions").severity == "warning"
    assert summary.median_step_px is not None and summary.median_step_px > 1


def test_low_overlap(scan: Arrays) -> None:
    changes = {key: 16 + (scan[key] - scan[key].min()) * 3 for key in ("xcoords", "ycoords")}
    summary = inspect(raw_of(scan, objectGuess=None, **changes))
    assert the(summary, "low_overlap").severity == "warning"
    assert summary.overlap is not None and 0.2 < summary.overlap < 0.5
    assert f"{summary.overlap:.0%}" in the(summary, "low_overlap").sentence


def test_steps_wider_than_the_window_raise_the_question_of_units(scan: Arrays) -> None:
    changes = {key: scan[key] * 1000 for key in ("xcoords", "ycoords")}
    summary = inspect(raw_of(scan, objectGuess=None, **changes))
    assert summary.overlap == 0 and "object pixels?" in the(summary, "low_overlap").mend


@pytest.mark.parametrize(("count", "gridsize", "severity"), [(3, 2, "error"), (19, 1, "warning"), (20, 2, None)])
def test_too_few_points(scan: Arrays, count: int, gridsize: int, severity: str | None) -> None:
    part = raw_of(scan).take(np.arange(count))
    assert codes(inspect(part, gridsize=gridsize)).get("too_few_points") == severity


def test_a_single_pattern_is_summed_up(scan: Arrays) -> None:
    summary = inspect(raw_of(scan).take(np.arange(1)))
    assert summary.ok and summary.median_step_px is None and summary.overlap is None


# probe ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "severity"), [(1.0, "warning"), (0.0, "error")])
def test_a_flat_probe_is_a_placeholder(scan: Arrays, value: float, severity: str) -> None:
    assert codes(inspect(raw_of(scan, probeGuess=np.full((32, 32), value + 0j))))["probe_flat"] == severity


def test_a_probe_with_nan(scan: Arrays) -> None:
    probe = scan["probeGuess"].copy()
    probe[0, 0] = np.nan
    assert codes(inspect(raw_of(scan, probeGuess=probe)))["probe_non_finite"] == "error"


def test_a_probe_wider_than_the_window(scan: Arrays) -> None:
    y, x = np.mgrid[:32, :32] - 16
    probe = np.exp(-(y**2 + x**2) / 600 + 0.1j * y)
    assert codes(inspect(raw_of(scan, probeGuess=probe)))["probe_wide"] == "warning"


def test_a_probe_of_another_scale_is_only_information(scan: Arrays) -> None:
    assert codes(inspect(raw_of(scan, probeGuess=7 * scan["probeGuess"])))["probe_scale"] == "info"
