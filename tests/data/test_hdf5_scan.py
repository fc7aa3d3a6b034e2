"""Scans in HDF5 files of ptychodus, pty-chi and CXI are the same scans as in an NPZ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from ptychopinn.cli.main import main
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.data import scan_file
from ptychopinn.data.checks import inspect
from ptychopinn.errors import DataError
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.product import hdf5 as products
from ptychopinn.product.product import Product
from ptychopinn.workflow.quick_look import quick_look

N = 16
PIXEL_M = 7e-9
ENERGY_J, DISTANCE_M = 1.6e-15, 2.3
Arrays = dict[str, Any]


@pytest.fixture
def scan() -> Arrays:
    """An odd number of patterns at subpixel positions, counts, a complex probe of two modes."""
    arrays = simulate_scan(N, 41, 1e5, 3, step_px=2.0)
    random = np.random.default_rng(1)
    arrays["xcoords"] = arrays["xcoords"] + random.uniform(-0.4, 0.4, 41)
    arrays["diff3d"] = np.rint(np.square(arrays["diff3d"])).astype(np.uint32)
    second = 0.3 * np.roll(arrays["probeGuess"], 3, 0) * np.exp(0.3j)
    arrays["probeGuess"] = np.stack([arrays["probeGuess"], second]).astype(np.complex64)
    return arrays


def ptychodus(folder: Path, scan: Arrays, order: np.ndarray | None = None, **options: Any) -> Path:
    """Product and patterns as ptychodus saves them."""
    positions = np.stack([scan["ycoords"], scan["xcoords"]], axis=1)
    product = Product(scan["objectGuess"], scan["probeGuess"], positions, PIXEL_M)
    products.write(folder / "product.h5", product)
    order = np.arange(len(positions)) if order is None else order
    with h5py.File(folder / "diffraction.h5", "w") as file:
        file.create_dataset("indexes", data=order, compression="lzf")
        file.create_dataset("patterns", data=scan["diff3d"][order], **{"compression": "lzf", **options})
        file.create_dataset("bad_pixels", data=np.zeros((N, N), bool), compression="lzf")
    return folder / "product.h5"


def ptychi(folder: Path, scan: Arrays) -> Path:
    """The pair of files that pty-chi reads; positions in metres from the object's centre."""
    shape = np.array(scan["objectGuess"].shape)
    shift = N // 2 - (N - 1) / 2
    positions = np.stack([scan["ycoords"], scan["xcoords"]], axis=1) - (shape - 1) / 2 - shift
    with h5py.File(folder / "scan_para.hdf5", "w") as file:
        file["object"] = scan["objectGuess"][None]
        file["object"].attrs["pixel_height_m"] = PIXEL_M
        file["probe"] = scan["probeGuess"][None]
        file["probe_position_y_m"] = positions[:, 0] * PIXEL_M
        file["probe_position_x_m"] = positions[:, 1] * PIXEL_M
    with h5py.File(folder / "scan_dp.hdf5", "w") as file:
        file["dp"] = scan["diff3d"]
    return folder / "scan_dp.hdf5"


def cxi(folder: Path, scan: Arrays, leave_out: str = "") -> Path:
    """A CXI file with patterns, positions and probe, and the geometry that gives the object pixel."""
    pixel = 1.98644586e-25 / ENERGY_J * DISTANCE_M / (N * PIXEL_M)
    positions = np.stack([scan["xcoords"], scan["ycoords"], 0 * scan["xcoords"]], axis=1) * PIXEL_M
    content = {
        "instrument_1/source_1/energy": ENERGY_J,
        "instrument_1/detector_1/distance": DISTANCE_M,
        "instrument_1/detector_1/x_pixel_size": pixel,
        "instrument_1/detector_1/y_pixel_size": pixel,
        "instrument_1/detector_1/data": scan["diff3d"],
        "sample_1/geometry_1/translation": positions,
        "image_1/data": scan["probeGuess"],
    }
    with h5py.File(folder / "scan.cxi", "w") as file:
        for name, value in content.items():
            if name.split("/")[-1] != leave_out:
                file[f"entry_1/{name}"] = value
    return folder / "scan.cxi"


FORMATS: dict[str, Callable[[Path, Arrays], Path]] = {"ptychodus": ptychodus, "ptychi": ptychi, "cxi": cxi}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_scan_is_the_same_in_every_format(name: str, scan: Arrays, tmp_path: Path) -> None:
    raw = scan_file.read(FORMATS[name](tmp_path, scan))
    np.testing.assert_array_equal(raw.diff3d, scan["diff3d"])
    np.testing.assert_allclose(raw.probe_modes, scan["probeGuess"], rtol=1e-6)
    wanted = np.stack([scan["ycoords"], scan["xcoords"]], axis=1)
    found = np.asarray(raw.positions_px)
    if name == "cxi":
        # Without an object only the positions to each other are known.
        wanted, found = wanted - wanted[0], found - found[0]
    else:
        np.testing.assert_allclose(np.asarray(raw.objectGuess), scan["objectGuess"], rtol=1e-6)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert raw.units == "intensity"


@pytest.mark.parametrize("name", ["ptychodus", "ptychi"])
def test_either_file_of_a_pair_opens_the_scan(name: str, scan: Arrays, tmp_path: Path) -> None:
    FORMATS[name](tmp_path, scan)
    both = [scan_file.read(path) for path in sorted(tmp_path.iterdir())]
    assert len(both) == 2
    np.testing.assert_array_equal(both[0].diff3d, both[1].diff3d)
    np.testing.assert_array_equal(both[0].positions_px, both[1].positions_px)
    assert {scan_file.pattern_size(path) for path in tmp_path.iterdir()} == {N}


def test_a_partner_of_any_name_is_found_by_its_content(scan: Arrays, tmp_path: Path) -> None:
    ptychodus(tmp_path, scan)
    (tmp_path / "product.h5").rename(tmp_path / "night shift.h5")
    (tmp_path / "diffraction.h5").rename(tmp_path / "run 7.hdf5")
    assert scan_file.read(tmp_path / "night shift.h5").n_patterns == 41


def test_patterns_in_another_order_are_matched_by_their_numbers(scan: Arrays, tmp_path: Path) -> None:
    order = np.random.default_rng(0).permutation(41)
    raw = scan_file.read(ptychodus(tmp_path, scan, order))
    np.testing.assert_array_equal(raw.diff3d, scan["diff3d"])


def test_scan_points_in_only_one_file_are_skipped(scan: Arrays, tmp_path: Path) -> None:
    path = ptychodus(tmp_path, scan)
    with h5py.File(tmp_path / "diffraction.h5", "w") as file:
        # Patterns of the points 3 to 40 and two rows that were never filled.
        file["indexes"] = np.array([-1, *range(3, 41), -1])
        empty = np.zeros((1, N, N), np.uint32)
        file["patterns"] = np.concatenate([empty, scan["diff3d"][3:], empty])
    raw = scan_file.read(path)
    np.testing.assert_array_equal(raw.diff3d, scan["diff3d"][3:])
    np.testing.assert_allclose(raw.ycoords, scan["ycoords"][3:], atol=1e-6)


def test_several_possible_partners_are_refused(scan: Arrays, tmp_path: Path) -> None:
    ptychodus(tmp_path, scan)
    (tmp_path / "product.h5").rename(tmp_path / "tuesday.h5")
    content = (tmp_path / "diffraction.h5").read_bytes()
    for name in ("frames 11.h5", "frames 12.h5"):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "diffraction.h5").unlink()
    with pytest.raises(DataError, match=r"in the same folder may belong to it: frames 11\.h5, frames 12\.h5"):
        scan_file.read(tmp_path / "tuesday.h5")


def test_patterns_at_the_place_of_the_probe_are_not_a_probe(scan: Arrays, tmp_path: Path) -> None:
    path = cxi(tmp_path, scan)
    with h5py.File(path, "a") as file:
        probe = file["entry_1/image_1/data"][()]
        del file["entry_1/image_1/data"]
        file["entry_1/image_1/data"] = scan["diff3d"]
        file["entry_1/instrument_1/source_1/probe"] = probe
    np.testing.assert_allclose(scan_file.read(path).probe_modes, scan["probeGuess"], rtol=1e-6)


def test_a_product_without_a_pixel_size_is_reported(scan: Arrays, tmp_path: Path) -> None:
    path = ptychodus(tmp_path, scan)
    with h5py.File(path, "a") as file:
        del file["object"].attrs["pixel_height_m"]
    with pytest.raises(DataError, match="does not contain the pixel size of the object"):
        scan_file.read(path)


def test_bad_pixels_are_zero(scan: Arrays, tmp_path: Path) -> None:
    path = ptychodus(tmp_path, scan)
    with h5py.File(tmp_path / "diffraction.h5", "a") as file:
        mask = np.zeros((N, N), bool)
        mask[3, 5] = True
        file["bad_pixels"][...] = mask
    patterns = np.asarray(scan_file.read(path).diff3d)
    assert (patterns[:, 3, 5] == 0).all()
    assert patterns[:, 3, 6].any()


def test_large_patterns_in_one_piece_are_mapped_not_read(scan: Arrays, tmp_path: Path) -> None:
    raw = scan_file.read(ptychi(tmp_path, scan), map_above_bytes=0)
    assert isinstance(raw.diff3d, np.memmap)
    np.testing.assert_array_equal(raw.diff3d, scan["diff3d"])


def test_a_flat_object_does_not_count_as_known(scan: Arrays, tmp_path: Path) -> None:
    scan["objectGuess"] = np.ones_like(scan["objectGuess"])
    assert scan_file.read(ptychodus(tmp_path, scan)).objectGuess is None


def test_a_missing_partner_is_reported_with_the_searched_folder(scan: Arrays, tmp_path: Path) -> None:
    path = ptychodus(tmp_path, scan)
    (tmp_path / "diffraction.h5").unlink()
    with pytest.raises(DataError, match=r"product\.h5 has no patterns") as error:
        scan_file.read(path)
    assert str(tmp_path) in str(error.value) and "41 scan points" in str(error.value)
    finding = inspect(path).findings[0]
    assert finding.severity == "error" and "no patterns" in finding.sentence


@pytest.mark.parametrize("leave_out", ["energy", "distance", "x_pixel_size", "translation"])
def test_a_cxi_file_without_geometry_names_the_missing_values(leave_out: str, scan: Arrays, tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        scan_file.read(cxi(tmp_path, scan, leave_out))
    assert (leave_out if leave_out != "translation" else "no scan positions") in str(error.value)


def test_a_cxi_file_without_a_probe_is_reported(scan: Arrays, tmp_path: Path) -> None:
    with h5py.File(cxi(tmp_path, scan), "a") as file:
        del file["entry_1/image_1"]
    with pytest.raises(DataError, match="no probeGuess"):
        scan_file.read(tmp_path / "scan.cxi")


@pytest.mark.parametrize("damage", ["cut", "foreign", "empty"])
def test_damaged_and_foreign_files_are_refused_with_a_reason(damage: str, scan: Arrays, tmp_path: Path) -> None:
    path = ptychodus(tmp_path, scan)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:900])
    elif damage == "foreign":
        with h5py.File(path, "w") as file:
            file["temperature"] = [1.0]
    else:
        path.write_bytes(b"")
    summary = inspect(path)
    assert not summary.ok
    assert path.name in summary.findings[0].sentence
    with pytest.raises(DataError, match=r"product\.h5"):
        scan_file.read(path)


def test_commands_take_these_files(scan: Arrays, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = ptychodus(tmp_path, scan)
    assert main(["check", str(path)]) == 0
    assert "41" in capsys.readouterr().out


def test_a_quick_look_at_a_product_and_its_patterns(scan: Arrays, tmp_path: Path) -> None:
    result = quick_look(ptychodus(tmp_path, scan), tmp_path / "out", IterativeConfig(sweeps=4))
    assert result.n_patterns == 41
    assert result.r_factor < 0.5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("probe_position_x_m", np.zeros(7)),
        ("probe_position_x_m", np.array([b"left"] * 41)),
        ("probe_position_y_m", 1e-8),
        ("object", np.ones((1, 1, 9, 9), np.complex64)),
    ],
)
def test_a_product_with_an_unusable_array_is_refused(
    name: str, value: object, scan: Arrays, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ptychodus(tmp_path, scan)
    with h5py.File(path, "a") as file:
        kept = dict(file[name].attrs)
        del file[name]
        file[name] = value
        file[name].attrs.update(kept)
    assert main(["check", str(path)]) == 2
    assert "ERROR   product.h5 has the data sets of a scan" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["instrument_1/detector_1/distance", "sample_1/geometry_1/translation"])
def test_a_cxi_file_with_text_for_numbers_is_refused(name: str, scan: Arrays, tmp_path: Path) -> None:
    path = cxi(tmp_path, scan)
    with h5py.File(path, "a") as file:
        del file[f"entry_1/{name}"]
        file[f"entry_1/{name}"] = [["far", "away"]]
    with pytest.raises(DataError, match=r"scan\.cxi has the data sets of a scan"):
        scan_file.read(path)
