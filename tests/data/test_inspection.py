"""Every code once where it must appear; the sound scan shows that it does not appear elsewhere."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import Arrays, Save, counts_of, raw_of
from findings import codes, the
from ptychopinn.data.checks import FIX_CODES, apply_fixes, inspect, require_sound
from ptychopinn.errors import DataError


def test_a_sound_scan_has_only_information(scan: Arrays, save: Save) -> None:
    summary = inspect(save(scan))
    assert codes(summary) == {"units": "info"}
    assert summary.ok


def test_the_check_of_a_small_scan_does_not_load_scipy(scan: Arrays, save: Save) -> None:
    code = f"import sys; from ptychopinn.data.checks import inspect; inspect({str(save(scan))!r}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "numpy" in loaded and not {"scipy", "h5py"} & set(loaded)


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


def test_other_arrays_are_checked_despite_a_damaged_one(scan: Arrays, save: Save) -> None:
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


def test_patterns_on_the_last_axis_are_accepted(scan: Arrays, save: Save) -> None:
    summary = inspect(save({**scan, "diff3d": np.moveaxis(scan["diff3d"], 0, -1)}))
    assert codes(summary) == {"units": "info"} and summary.n_patterns == 81


# fixes and refusal ------------------------------------------------------------------------------


def test_fixes_leave_the_original_untouched(scan: Arrays) -> None:
    patterns = counts_of(scan).astype("float64")
    patterns[:, 2, 29], patterns[0, 0, 0], patterns[0, 0, 1] = 10_000, np.nan, -3
    xcoords = scan["xcoords"].copy()
    xcoords[5] = np.nan
    raw = raw_of(scan, diff3d=patterns, xcoords=xcoords)
    before = [array.copy() for array in (patterns, xcoords, scan["ycoords"])]
    fixed = apply_fixes(raw, FIX_CODES)
    for array, kept in zip((raw.diff3d, raw.xcoords, raw.ycoords), before, strict=True):
        np.testing.assert_array_equal(array, kept)
    assert fixed.units == raw.units == "intensity"


def test_fixes_keep_the_units_decided_before(scan: Arrays) -> None:
    patterns = counts_of(scan).astype(np.float32)
    patterns[:, 2, 29] = 10_000
    patterns[::2, 1, 29] += 1
    assert apply_fixes(raw_of(scan, diff3d=patterns), ["hot_pixels"]).units == "intensity"


def test_an_unknown_fix_is_named(scan: Arrays) -> None:
    with pytest.raises(DataError, match="Unknown automatic fix: low_overlap"):
        apply_fixes(raw_of(scan), ["low_overlap"])


def test_require_sound_joins_all_errors(scan: Arrays, save: Save) -> None:
    scan.pop("ycoords")
    with pytest.raises(DataError) as caught:
        require_sound(save({**scan, "probeGuess": np.ones((3, 3), complex)}))
    for words in ("scan.npz has no ycoords", "probeGuess in scan.npz has shape (3, 3)", "Crop or pad the probe"):
        assert words in str(caught.value)


def test_require_sound_accepts_warnings(scan: Arrays) -> None:
    summary = require_sound(raw_of(scan).take(np.arange(10)))
    assert summary.n_patterns == 10
    assert any("only 10 positions" in finding.sentence for finding in summary.findings)
