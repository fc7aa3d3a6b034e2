"""Every code once where it must appear; the sound scan shows that it does not appear elsewhere."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ptychopinn.data.checks import FIX_CODES, Finding, ScanSummary, apply_fixes, inspect, require_sound
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError

Arrays = dict[str, NDArray[Any]]
Save = Callable[..., Path]


def raw_of(scan: Arrays, **changes: Any) -> RawData:
    return RawData.from_coords_without_pc(**{**scan, "scan_index": None, **changes})


def counts_of(scan: Arrays) -> NDArray[Any]:
    return np.rint(np.square(scan["diff3d"]))


def codes(summary: ScanSummary) -> dict[str, str]:
    return {finding.code: finding.severity for finding in summary.findings}


def the(summary: ScanSummary, code: str) -> Finding:
    [finding] = [finding for finding in summary.findings if finding.code == code]
    return finding


def test_a_sound_scan_has_only_information(scan: Arrays, save: Save) -> None:
    summary = inspect(save(scan))
    assert codes(summary) == {"units": "info"}
    assert summary.ok


@pytest.mark.parametrize("dtype", ["uint16", "int32", "float32"])
def test_a_sound_scan_of_counts_has_only_information(scan: Arrays, dtype: str) -> None:
    assert set(codes(inspect(raw_of(scan, diff3d=counts_of(scan).astype(dtype))))) == {"units"}


def test_the_summary_gives_the_facts(scan: Arrays, save: Save) -> None:
    path = save({**scan, "probeGuess": np.stack([scan["probeGuess"]] * 2)})
    summary = inspect(path)
    assert summary.path == path
    assert (summary.n_patterns, summary.pattern_shape, summary.dtype) == (81, (32, 32), "float32")
    assert summary.keys_found == tuple(scan) and summary.keys_missing == ()
    assert summary.units == "amplitude" and "fractional" in str(summary.units_reason)
    assert summary.mean_counts == pytest.approx(raw_of(scan).mean_counts())
    assert summary.probe_modes == 2
    assert summary.object_shape == scan["objectGuess"].shape
    assert summary.y_range_px == (scan["ycoords"].min(), scan["ycoords"].max())
    assert summary.x_range_px == (scan["xcoords"].min(), scan["xcoords"].max())
    assert summary.scan_fov_px == (np.ptp(scan["ycoords"]), np.ptp(scan["xcoords"]))
    assert summary.median_step_px == pytest.approx(2.7, abs=0.4)
    assert summary.overlap == pytest.approx(1 - summary.median_step_px / summary.probe_diameter_px)


def test_probe_diameter_holds_nine_tenths_of_a_gaussian(scan: Arrays) -> None:
    # Intensity exp(-r²/s²) with s = N/8 = 4 px: 90 % lie within r = s·sqrt(ln 10).
    assert inspect(raw_of(scan)).probe_diameter_px == pytest.approx(2 * 4 * np.sqrt(np.log(10)), abs=0.7)


def test_the_summary_survives_pickling(scan: Arrays) -> None:
    summary = inspect(raw_of(scan))
    assert pickle.loads(pickle.dumps(summary)) == summary


def test_errors_come_first(scan: Arrays) -> None:
    patterns = scan["diff3d"].copy()
    patterns[3, 4, 5] = np.nan
    positions = np.tile(scan["xcoords"][:1], 81)
    severities = [finding.severity for finding in inspect(raw_of(scan, diff3d=patterns, xcoords=positions)).findings]
    assert severities == sorted(severities, key=("error", "warning", "info").index)
    assert severities[0] == "error"


# files ------------------------------------------------------------------------------------------


def test_missing_file(tmp_path: Path) -> None:
    summary = inspect(tmp_path / "nowhere.npz")
    assert codes(summary) == {"missing_file": "error"} and not summary.ok
    assert "nowhere.npz" in summary.findings[0].sentence


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"])
def test_unreadable_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scan.npz").write_bytes(content)
    summary = inspect(tmp_path / "scan.npz")
    assert codes(summary) == {"unreadable": "error"}
    assert "scan.npz" in summary.findings[0].sentence


def test_a_folder_is_unreadable(tmp_path: Path) -> None:
    assert codes(inspect(tmp_path)) == {"unreadable": "error"}


def test_damage_anywhere_never_raises(scan: Arrays, save: Save) -> None:
    path = save(scan, compressed=True)
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), 3):
            damaged[place] = rng.integers(256)
        # The table of contents at the end decides most about how the file is read.
        damaged[-rng.integers(1, 600)] = rng.integers(256)
        path.write_bytes(damaged)
        assert inspect(path).path == path


def test_one_damaged_array_leaves_the_others_to_be_checked(scan: Arrays, save: Save) -> None:
    path = save(scan)
    content = bytearray(path.read_bytes())
    place = content.index(scan["objectGuess"].tobytes())
    content[place + 50] ^= 0xFF
    path.write_bytes(content)
    summary = inspect(path)
    assert codes(summary) == {"unreadable": "error", "units": "info"}
    assert "objectGuess in scan.npz is damaged" in the(summary, "unreadable").sentence


def test_pickled_arrays_are_refused_without_opening_them(scan: Arrays, tmp_path: Path) -> None:
    boxed = np.empty(1, dtype=object)
    np.savez(tmp_path / "scan.npz", **{**scan, "objectGuess": boxed})  # type: ignore[arg-type]
    finding = the(inspect(tmp_path / "scan.npz"), "pickled")
    assert finding.severity == "error" and "objectGuess in scan.npz" in finding.sentence


@pytest.mark.parametrize("key", ["xcoords", "ycoords", "diff3d"])
def test_missing_key(scan: Arrays, save: Save, key: str) -> None:
    scan.pop(key)
    summary = inspect(save(scan))
    assert summary.keys_missing == (key,)
    assert the(summary, "missing_key").severity == "error"
    assert f"scan.npz has no {key}" in the(summary, "missing_key").sentence


def test_missing_probe_with_a_likely_name(scan: Arrays, save: Save) -> None:
    scan["probe"] = scan.pop("probeGuess")
    summary = inspect(save(scan))
    assert "Rename probe to probeGuess" in the(summary, "probe_missing").mend
    assert "extra_key" not in codes(summary)


def test_extra_key(scan: Arrays, save: Save) -> None:
    summary = inspect(save({**scan, "bad_pixels": np.zeros((32, 32), dtype=bool)}))
    assert the(summary, "extra_key").severity == "info" and "bad_pixels" in the(summary, "extra_key").sentence
    assert summary.ok


def test_a_file_without_arrays(save: Save) -> None:
    assert inspect(save({})).keys_missing == ("xcoords", "ycoords", "diff3d", "probeGuess")


# layout -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "code", "says"),
    [
        ("diff3d", np.ones((81, 32)), "bad_shape", "diff3d in scan.npz has shape (81, 32)"),
        ("diff3d", np.ones((81, 32, 30)), "not_square", "shape (81, 32, 30); expected square"),
        ("diff3d", np.ones((81, 4, 4), complex), "bad_dtype", "complex128"),
        ("diff3d", np.ones((80, 32, 32)), "count_mismatch", "80 patterns (shape (80, 32, 32))"),
        ("ycoords", np.ones(7), "count_mismatch", "ycoords in scan.npz has 7 values"),
        ("xcoords", np.ones((81, 2)), "bad_shape", "xcoords in scan.npz has shape (81, 2)"),
        ("xcoords", np.array(["a"] * 81), "bad_dtype", "xcoords in scan.npz has dtype"),
        ("probeGuess", np.ones((30, 30), complex), "probe_size", "expected 32 x 32 pixels"),
        ("probeGuess", np.ones(32, complex), "bad_shape", "probeGuess in scan.npz has shape (32,)"),
        ("objectGuess", np.ones(9, complex), "bad_shape", "objectGuess in scan.npz has shape (9,)"),
        ("diff3d_units", np.array("photons"), "bad_units", "'photons'; expected 'amplitude' or"),
    ],
)
def test_layout_faults(scan: Arrays, save: Save, key: str, value: Any, code: str, says: str) -> None:
    summary = inspect(save({**scan, key: value}))
    assert any(f.code == code and f.severity == "error" and says in f.sentence for f in summary.findings)
    assert not summary.ok


def test_patterns_on_the_last_axis_are_no_fault(scan: Arrays, save: Save) -> None:
    summary = inspect(save({**scan, "diff3d": np.moveaxis(scan["diff3d"], 0, -1)}))
    assert codes(summary) == {"units": "info"} and summary.n_patterns == 81


# values -----------------------------------------------------------------------------------------


def test_units_are_said_with_the_reason(scan: Arrays) -> None:
    sentence = the(inspect(raw_of(scan, diff3d=counts_of(scan).astype("uint16"))), "units").sentence
    assert "whole numbers (uint16)" in sentence and "square root" in sentence
    assert "declared" in the(inspect(raw_of(scan), units="intensity"), "units").sentence


def test_the_caller_overrules_the_file(scan: Arrays, save: Save) -> None:
    path = save({**scan, "diff3d_units": np.array("intensity")})
    assert inspect(path).units == "intensity"
    assert inspect(path, units="amplitude").units == "amplitude"


def test_unknown_units_are_refused(scan: Arrays) -> None:
    with pytest.raises(DataError, match="'volts'"):
        inspect(raw_of(scan), units="volts")


def test_amplitudes_too_large_to_be_true_are_doubted(scan: Arrays) -> None:
    summary = inspect(raw_of(scan, diff3d=counts_of(scan) * 10 + 0.5))
    assert codes(summary)["units_doubtful"] == "warning"


def test_non_finite_values_are_counted_and_mended(scan: Arrays) -> None:
    patterns = scan["diff3d"].copy()
    patterns[7, 3, 4], patterns[7, 3, 5], patterns[9, 0, 0] = np.nan, np.inf, -np.inf
    raw = raw_of(scan, diff3d=patterns)
    finding = the(inspect(raw), "non_finite")
    assert finding.severity == "error" and finding.fix
    assert "3 values" in finding.sentence and "2 patterns" in finding.sentence and "number 7" in finding.sentence
    assert np.isfinite(inspect(raw).mean_counts)
    mended = apply_fixes(raw, ["non_finite"])
    assert codes(inspect(mended)) == {"units": "info"}
    assert mended.diff3d[7, 3, 4] == 0


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
    assert "do not measure" in the(inspect(raw_of(scan, diff3d=patterns)), "negative").sentence


def test_dark_patterns(scan: Arrays) -> None:
    patterns = scan["diff3d"].copy()
    patterns[11:13] = 0
    finding = the(inspect(raw_of(scan, diff3d=patterns)), "dark_patterns")
    assert finding.severity == "warning" and "2 patterns" in finding.sentence and "number 11" in finding.sentence
    mended = apply_fixes(raw_of(scan, diff3d=patterns), ["dark_patterns"])
    assert mended.n_patterns == 79 and codes(inspect(mended)) == {"units": "info"}
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
    assert "y 2 x 29" in finding.sentence and "y 27 x 5" in finding.sentence
    mended = apply_fixes(raw, ["hot_pixels"])
    assert "hot_pixels" not in codes(inspect(mended))
    assert mended.diff3d.dtype == patterns.dtype and mended.units == units
    untouched = np.ones((32, 32), dtype=bool)
    untouched[2, 29] = untouched[27, 5] = False
    np.testing.assert_array_equal(mended.diff3d[:, untouched], clean[:, untouched])


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


def test_dead_pixels_are_seen_in_the_bright_part_only(scan: Arrays) -> None:
    patterns = ring_patterns(0, 20)
    patterns[:, 30, 35] = 0
    raw = RawData.from_coords_without_pc(
        np.arange(60.0), np.arange(60.0) % 7, patterns, np.ones((64, 64), complex), None
    )
    finding = the(inspect(raw), "dead_pixels")
    assert finding.severity == "info" and "1 pixel of" in finding.sentence and "y 30 x 35" in finding.sentence
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
    mended = apply_fixes(raw, ["masked_marker"])
    assert not mended.diff3d[:, 10:12].any()
    assert "masked_marker" not in codes(inspect(mended))


def test_uncentred_patterns_are_found_and_shifted(scan: Arrays) -> None:
    raw = raw_of(scan, diff3d=np.fft.ifftshift(scan["diff3d"], axes=(1, 2)))
    finding = the(inspect(raw), "dc_not_centred")
    assert finding.severity == "error" and "y 16 x 16" in finding.sentence
    np.testing.assert_array_equal(apply_fixes(raw, ["dc_not_centred"]).diff3d, scan["diff3d"])


def test_a_beam_far_off_the_centre_is_told_with_its_place(scan: Arrays) -> None:
    sentence = the(
        inspect(raw_of(scan, diff3d=np.roll(scan["diff3d"], (7, -6), axis=(1, 2)))), "beam_off_centre"
    ).sentence
    assert "+7" in sentence or "+6" in sentence
    assert "beam_off_centre" not in codes(inspect(raw_of(scan, diff3d=np.roll(scan["diff3d"], 2, axis=1))))


# positions --------------------------------------------------------------------------------------


def test_positions_that_are_not_finite_are_left_out_by_the_fix(scan: Arrays) -> None:
    xcoords = scan["xcoords"].copy()
    xcoords[[4, 9]] = np.nan
    raw = raw_of(scan, xcoords=xcoords)
    finding = the(inspect(raw), "non_finite_positions")
    assert finding.severity == "error" and "2 positions of 81" in finding.sentence
    mended = apply_fixes(raw, ["non_finite_positions"])
    assert mended.n_patterns == 79 and codes(inspect(mended)) == {"units": "info"}


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


def test_exchanged_axes_are_told_where_the_object_shows_it(scan: Arrays) -> None:
    wide = np.ones((70, 120), dtype=complex)
    x = 17 + (scan["xcoords"] - scan["xcoords"].min()) * 3
    raw = raw_of(scan, objectGuess=wide, xcoords=scan["ycoords"], ycoords=x)
    finding = the(inspect(raw), "positions_swapped")
    assert finding.severity == "warning" and finding.fix
    mended = apply_fixes(raw, ["positions_swapped"])
    np.testing.assert_array_equal(mended.xcoords, x)
    assert "positions_swapped" not in codes(inspect(mended))


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


def test_a_probe_of_another_scale_is_information(scan: Arrays) -> None:
    assert codes(inspect(raw_of(scan, probeGuess=7 * scan["probeGuess"])))["probe_scale"] == "info"


# fixes and refusal ------------------------------------------------------------------------------


def test_fixes_leave_the_original_untouched(scan: Arrays) -> None:
    patterns = counts_of(scan).astype("float64")
    patterns[:, 2, 29], patterns[0, 0, 0], patterns[0, 0, 1] = 10_000, np.nan, -3
    xcoords = scan["xcoords"].copy()
    xcoords[5] = np.nan
    raw = raw_of(scan, diff3d=patterns, xcoords=xcoords)
    before = [array.copy() for array in (patterns, xcoords, scan["ycoords"])]
    mended = apply_fixes(raw, FIX_CODES)
    for array, kept in zip((raw.diff3d, raw.xcoords, raw.ycoords), before, strict=True):
        np.testing.assert_array_equal(array, kept)
    assert mended.units == raw.units == "intensity"


def test_fixes_keep_the_units_decided_before(scan: Arrays) -> None:
    patterns = counts_of(scan).astype(np.float32)
    patterns[:, 2, 29] = 10_000
    patterns[::2, 1, 29] += 1
    assert apply_fixes(raw_of(scan, diff3d=patterns), ["hot_pixels"]).units == "intensity"


def test_an_unknown_fix_is_named(scan: Arrays) -> None:
    with pytest.raises(DataError, match="no automatic fix low_overlap"):
        apply_fixes(raw_of(scan), ["low_overlap"])


def test_require_sound_joins_all_errors(scan: Arrays, save: Save) -> None:
    scan.pop("ycoords")
    with pytest.raises(DataError) as caught:
        require_sound(save({**scan, "probeGuess": np.ones((3, 3), complex)}))
    for words in (
        "scan.npz has no ycoords",
        "probeGuess in scan.npz has shape (3, 3)",
        "Crop or pad the probe",
    ):
        assert words in str(caught.value)


def test_require_sound_logs_warnings_and_goes_on(scan: Arrays, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="ptychopinn"):
        assert require_sound(raw_of(scan).take(np.arange(10))).n_patterns == 10
    assert "only 10 positions" in caplog.text
