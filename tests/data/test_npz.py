from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ptychopinn.data import npz
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError, MissingFileError

Arrays = dict[str, NDArray[Any]]
Save = Callable[..., Path]


def test_writing_and_reading_is_exact(scan: Arrays, tmp_path: Path) -> None:
    raw = RawData(
        scan["xcoords"],
        scan["ycoords"],
        scan["xcoords"] + 0.5,
        scan["ycoords"] - 0.5,
        np.rint(scan["diff3d"] ** 2).astype(np.uint16),
        np.stack([scan["probeGuess"]] * 2),
        np.arange(81),
        scan["objectGuess"],
    )
    npz.write(tmp_path / "out.npz", raw)
    again = npz.read(str(tmp_path / "out.npz"))
    for key in (
        "xcoords",
        "ycoords",
        "xcoords_start",
        "ycoords_start",
        "diff3d",
        "probeGuess",
        "scan_index",
        "objectGuess",
    ):
        np.testing.assert_array_equal(getattr(again, key), getattr(raw, key))
        assert getattr(again, key).dtype == getattr(raw, key).dtype
    assert again.diff3d_units == "intensity"


def test_written_files_need_no_pickle(scan: Arrays, tmp_path: Path) -> None:
    npz.write(tmp_path / "out.npz", RawData.from_coords_without_pc(**scan, scan_index=None))
    with np.load(tmp_path / "out.npz", allow_pickle=False) as file:
        assert {key: file[key].dtype.kind for key in file.files}["diff3d_units"] == "U"
        assert str(file["diff3d_units"]) == "amplitude"


def test_a_failed_write_leaves_the_old_file(scan: Arrays, tmp_path: Path) -> None:
    raw = RawData.from_coords_without_pc(**scan, scan_index=None)
    npz.write(tmp_path / "out.npz", raw)
    before = (tmp_path / "out.npz").read_bytes()
    raw.norm_Y_I = object()
    with pytest.raises(ValueError, match="pickle"):
        npz.write(tmp_path / "out.npz", raw)
    assert (tmp_path / "out.npz").read_bytes() == before
    assert os.listdir(tmp_path) == ["out.npz"]


def test_start_positions_and_scan_index_are_optional(scan: Arrays, save: Save) -> None:
    raw = npz.read(save(scan))
    np.testing.assert_array_equal(raw.xcoords_start, scan["xcoords"])
    np.testing.assert_array_equal(raw.scan_index, np.zeros(81))


def test_the_header_has_shapes_without_values(scan: Arrays, save: Save) -> None:
    found = npz.header(save(scan, compressed=True))
    assert found == {key: (array.shape, array.dtype) for key, array in scan.items()}


def test_diffraction_is_another_name_for_diff3d(scan: Arrays, save: Save) -> None:
    patterns = scan.pop("diff3d")
    np.testing.assert_array_equal(npz.read(save({**scan, "diffraction": patterns})).diff3d, patterns)


def test_the_schema_name_wins_over_its_alias(scan: Arrays, save: Save) -> None:
    path = save({"diffraction": np.zeros((2, 3, 3)), **scan})
    np.testing.assert_array_equal(npz.read(path).diff3d, scan["diff3d"])


def test_patterns_on_the_last_axis_are_turned(scan: Arrays, save: Save) -> None:
    turned = np.moveaxis(scan["diff3d"], 0, -1)
    np.testing.assert_array_equal(npz.read(save({**scan, "diff3d": turned})).diff3d, scan["diff3d"])


def test_column_vectors_of_positions_are_flattened(scan: Arrays, save: Save) -> None:
    raw = npz.read(save({**scan, "xcoords": scan["xcoords"][:, None], "ycoords": scan["ycoords"][None]}))
    assert raw.xcoords.shape == raw.ycoords.shape == (81,)


@pytest.mark.parametrize("word", [np.array("intensity"), np.array(["intensity"]), np.array(b"intensity")])
def test_the_file_may_declare_the_units(scan: Arrays, save: Save, word: NDArray[Any]) -> None:
    path = save({**scan, "diff3d_units": word})
    assert npz.read(path).units == "intensity"
    assert npz.read(path, units="amplitude").units == "amplitude"


@pytest.mark.parametrize("order", ["C", "F"])
def test_large_uncompressed_arrays_are_memory_mapped(scan: Arrays, save: Save, order: Any) -> None:
    path = save({**scan, "diff3d": np.asarray(scan["diff3d"], order=order)})
    raw = npz.read(path, map_above_bytes=100_000)
    assert isinstance(raw.diff3d, np.memmap) and not isinstance(raw.xcoords, np.memmap)
    np.testing.assert_array_equal(raw.diff3d, scan["diff3d"])
    with pytest.raises(ValueError, match="read-only"):
        raw.diff3d[0] = 0


def test_compressed_arrays_are_read_whole(scan: Arrays, save: Save) -> None:
    raw = npz.read(save(scan, compressed=True), map_above_bytes=1)
    assert not isinstance(raw.diff3d, np.memmap)
    np.testing.assert_array_equal(raw.diff3d, scan["diff3d"])


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files through /proc")
def test_no_file_stays_open(scan: Arrays, save: Save) -> None:
    path = save(scan)
    before = len(os.listdir("/proc/self/fd"))
    npz.header(path)
    npz.read(path)
    with pytest.raises(DataError):
        npz.read(save({"xcoords": scan["xcoords"]}, "part.npz"))
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("key", ["xcoords", "ycoords", "diff3d", "probeGuess"])
def test_a_missing_key_is_named(scan: Arrays, save: Save, key: str) -> None:
    scan.pop(key)
    with pytest.raises(DataError, match=rf"scan\.npz has no {key} "):
        npz.read(save(scan))


def test_a_likely_misspelling_is_named(scan: Arrays, save: Save) -> None:
    scan["probe"] = scan.pop("probeGuess")
    with pytest.raises(DataError, match="rename probe to probeGuess"):
        npz.read(save(scan))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"nowhere\.npz"):
        npz.read(tmp_path / "nowhere.npz")
    with pytest.raises(FileNotFoundError):
        npz.header(tmp_path / "nowhere.npz")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"hello, world", "is not an NPZ file"),
        (b"\x93NUMPY\x01\x00rest", "single array"),
        (b"\x89HDF\r\n\x1a\nrest", "is an HDF5 file"),
        (b"PK\x03\x04 the rest is gone", "truncated"),
    ],
)
def test_another_kind_of_file_is_recognised(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "scan.npz").write_bytes(content)
    with pytest.raises(DataError, match=says):
        npz.read(tmp_path / "scan.npz")


def test_a_file_that_is_hdf5_only_by_name_is_reported(tmp_path: Path) -> None:
    (tmp_path / "scan.h5").write_text("hello, world")
    with pytest.raises(DataError, match=r"scan\.h5 is not an HDF5 file"):
        npz.read(tmp_path / "scan.h5")


def test_a_folder_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder"):
        npz.read(tmp_path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_reported_as_cut_short(scan: Arrays, save: Save, share: float) -> None:
    path = save(scan)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError, match="truncated"):
        npz.read(path)


def test_pickled_objects_are_never_opened(scan: Arrays, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    bomb = np.empty(1, dtype=object)
    bomb[0] = Bomb()
    np.savez(tmp_path / "scan.npz", **{**scan, "diff3d": bomb})  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"diff3d in scan\.npz is a pickled Python object"):
        npz.read(tmp_path / "scan.npz")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("compressed", [False, True])
def test_a_flipped_byte_is_noticed(scan: Arrays, save: Save, compressed: bool) -> None:
    path = save(scan, compressed=compressed)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("diff3d.npy")
    content = bytearray(path.read_bytes())
    content[info.header_offset + info.compress_size // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"diff3d in scan\.npz is damaged"):
        npz.read(path)
