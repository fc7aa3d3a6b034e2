"""Which files in a watched folder are new and whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptychopinn.workflow.arrivals import Arrivals, scan_stamps

A, B = Path("a.npz"), Path("b.npz")


def test_a_file_arrives_once_after_two_seconds_without_change() -> None:
    arrivals = Arrivals({})
    assert arrivals.look({A: (10, 1)}, 0.0) == []
    assert arrivals.look({A: (20, 2)}, 1.9) == [], "it has grown"
    assert arrivals.look({A: (20, 2)}, 3.0) == []
    assert arrivals.pending == 1
    assert arrivals.look({A: (20, 2)}, 3.9) == [A]
    assert arrivals.look({A: (20, 2)}, 9.0) == []
    assert arrivals.pending == 0


def test_existing_files_are_skipped_until_they_change() -> None:
    arrivals = Arrivals({A: (10, 1)})
    assert arrivals.look({A: (10, 1), B: (5, 1)}, 0.0) == []
    assert arrivals.look({A: (10, 1), B: (5, 1)}, 2.0) == [B]
    assert arrivals.look({A: (10, 7), B: (5, 1)}, 3.0) == []
    assert arrivals.look({A: (10, 7), B: (5, 1)}, 5.0) == [A]


def test_empty_and_deleted_files_do_not_arrive() -> None:
    arrivals = Arrivals({})
    arrivals.look({A: (0, 1), B: (5, 1)}, 0.0)
    assert arrivals.look({A: (0, 1)}, 5.0) == []
    assert arrivals.look({A: (0, 1), B: (5, 1)}, 6.0) == [], "it came back and has to settle again"


def test_an_empty_file_arrives_after_a_while_and_again_once_it_is_filled() -> None:
    arrivals = Arrivals({})
    assert arrivals.look({A: (0, 1)}, 0.0) == []
    assert arrivals.look({A: (0, 1)}, 21.0) == [A]
    assert arrivals.pending == 0
    assert arrivals.look({A: (9, 2)}, 22.0) == []
    assert arrivals.look({A: (9, 2)}, 25.0) == [A]


@pytest.mark.parametrize(("one", "other"), [("product.h5", "diffraction.h5"), ("s7_para.hdf5", "s7_dp.hdf5")])
def test_two_files_of_one_scan_are_one(one: str, other: str, tmp_path: Path) -> None:
    (tmp_path / other).write_bytes(b"123")
    assert [path.name for path in scan_stamps(tmp_path)] == [other]
    (tmp_path / one).write_bytes(b"12345")
    before = scan_stamps(tmp_path)
    assert {path.name: size for path, (size, _) in before.items()} == {one: 8}
    (tmp_path / other).write_bytes(b"1234")
    assert scan_stamps(tmp_path) != before, "a change of either is a change of the scan"


def test_only_scans_are_listed(tmp_path: Path) -> None:
    for name in ("b.npz", "a.NPZ", "note.txt", ".hidden.npz"):
        (tmp_path / name).write_bytes(b"1234")
    stamps = scan_stamps(tmp_path)
    assert [path.name for path in stamps] == ["a.NPZ", "b.npz"]
    assert all(size == 4 for size, _ in stamps.values())
