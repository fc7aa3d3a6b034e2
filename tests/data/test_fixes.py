"""``--fix``: a scan is fixed where something is wrong with it, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from builders import raw_scan
from ptychopinn.cli.main import main
from ptychopinn.data import npz
from ptychopinn.data.checks import FIX_CODES, fix_scan, inspect
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.read_scan import read_scan
from ptychopinn.errors import DataError
from ptychopinn.events import Event, Notice, ignore


@pytest.fixture
def raw() -> RawData:
    return raw_scan(32, 60, 1e6, 0)


def test_a_sound_scan_stays_unchanged(raw: RawData, tmp_path: Path) -> None:
    npz.write(tmp_path / "scan.npz", raw)
    found, _ = read_scan(tmp_path / "scan.npz", ignore, fixes=FIX_CODES)
    np.testing.assert_array_equal(found.diff3d, raw.diff3d)
    np.testing.assert_array_equal(found.positions_px, raw.positions_px)


def test_only_faults_are_fixed_and_reported(raw: RawData, tmp_path: Path) -> None:
    sound = np.array(raw.diff3d)
    raw.diff3d = np.fft.ifftshift(sound, axes=(1, 2))
    raw.diff3d[3, 5, 5] = np.nan
    npz.write(tmp_path / "scan.npz", raw)
    events: list[Event] = []
    found, _ = read_scan(tmp_path / "scan.npz", events.append, fixes=FIX_CODES)
    assert (np.asarray(found.diff3d) != sound).sum() <= 1
    np.testing.assert_array_equal(found.positions_px, raw.positions_px)
    told = [event.text for event in events if isinstance(event, Notice) and event.text.startswith("Fixed")]
    assert len(told) == 2


@pytest.mark.parametrize("first", ["frame", "marker"])
def test_a_fault_hidden_by_another_is_fixed_too(raw: RawData, tmp_path: Path, first: str) -> None:
    marker = 2**16 - 1 if first == "frame" else 2**32 - 1
    counts = np.rint(raw.diff3d.astype(np.float64) ** 2).astype(np.uint32)
    counts[:, 3:5, 7] = marker
    counts[9] = 0
    if first == "marker":
        counts[9, 3:5, 7] = marker
    npz.write(tmp_path / "scan.npz", RawData(raw.xcoords, raw.ycoords, raw.xcoords, raw.ycoords, counts, raw.probeGuess,
              raw.scan_index, diff3d_units="intensity"))  # fmt: skip
    found, _ = read_scan(tmp_path / "scan.npz", ignore, units="intensity", fixes=FIX_CODES)
    assert found.n_patterns == 59
    assert not np.asarray(found.diff3d)[:, 3:5, 7].any()
    assert main(["check", str(tmp_path / "scan.npz"), "--fix", str(tmp_path / "fixed.npz")]) == 0
    assert inspect(tmp_path / "fixed.npz").ok


def test_a_sound_scan_is_not_copied(raw: RawData) -> None:
    assert fix_scan(raw)[0] is raw


def test_a_fix_that_does_not_exist_is_refused(raw: RawData, tmp_path: Path) -> None:
    npz.write(tmp_path / "scan.npz", raw)
    with pytest.raises(DataError, match="Unknown automatic fix: everything"):
        read_scan(tmp_path / "scan.npz", ignore, fixes=("everything",))
