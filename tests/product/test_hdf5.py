"""The layout is ptychodus 1.7's (``ptychodus.api.io``); its own reader is run where it is installed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from ptychopinn.errors import DataError, MissingFileError
from ptychopinn.product import hdf5
from ptychopinn.product.product import Product

Make = Callable[..., Product]


@pytest.mark.parametrize("size", [8, 9])
@pytest.mark.parametrize("shape", [(40, 51), (41, 50)])
def test_writing_and_reading_gives_the_same_product(
    tmp_path: Path, make_product: Make, size: int, shape: tuple[int, int]
) -> None:
    product = make_product(size, shape, photon_energy_eV=8800.0, detector_distance_m=1.92)
    hdf5.write(tmp_path / "product.h5", product)
    again = hdf5.read(tmp_path / "product.h5")
    np.testing.assert_array_equal(again.object_, product.object_)
    np.testing.assert_array_equal(again.probe, product.probe)
    np.testing.assert_allclose(again.positions_px, product.positions_px, atol=1e-9)
    for name in ("pixel_size_m", "losses", "name", "comments", "photon_energy_eV", "detector_distance_m"):
        assert getattr(again, name) == getattr(product, name), name


def test_the_layout_is_that_of_ptychodus(tmp_path: Path, product: Product) -> None:
    hdf5.write(tmp_path / "product.h5", product)
    with h5py.File(tmp_path / "product.h5") as file:
        layout = {name: (file[name].shape, file[name].dtype) for name in file}
        assert layout == {
            "probe_position_indexes": ((7,), np.dtype("int64")),
            "probe_position_x_m": ((7,), np.dtype("float64")),
            "probe_position_y_m": ((7,), np.dtype("float64")),
            "probe": ((1, 2, 8, 8), np.dtype("complex64")),
            "object": ((1, 41, 50), np.dtype("complex64")),
            "object_layer_spacing_m": ((0,), np.dtype("float64")),
            "loss_epochs": ((3,), np.dtype("int64")),
            "loss_values": ((3,), np.dtype("float64")),
        }
        for name in ("probe", "object"):
            assert file[name].attrs["pixel_width_m"] == file[name].attrs["pixel_height_m"] == 6.5e-9
        assert file["object"].attrs["center_x_m"] == file["object"].attrs["center_y_m"] == 0
        attributes = dict(file.attrs)
    assert attributes["name"] == "star" and attributes["comments"] == "first try"
    assert attributes["probe_photon_count"] == pytest.approx(np.square(np.abs(product.probe)).sum(), rel=1e-6)
    assert attributes["far_field"]
    for unknown in (
        "detector_object_distance_m",
        "photon_energy_eV",
        "exposure_time_s",
        "mass_attenuation_m2_per_kg",
        "tomography_angle_deg",
        "focus_object_distance_m",
        "tilt_angle_deg",
    ):
        assert attributes[unknown] == 0.0, unknown


@pytest.mark.parametrize(("size", "shift"), [(8, 0.5), (9, 0.0)])
def test_metres_count_from_the_middle_of_the_object_to_the_middle_of_the_patch(
    tmp_path: Path, make_product: Make, size: int, shift: float
) -> None:
    """The patch of N pixels that starts at index s has its middle at s + (N - 1) / 2."""
    product = make_product(size, (41, 50), positions_px=np.array([[20.0, 24.5], [12.25, 30.0]]))
    hdf5.write(tmp_path / "product.h5", product)
    with h5py.File(tmp_path / "product.h5") as file:
        np.testing.assert_allclose(file["probe_position_y_m"], (np.array([20, 12.25]) - shift - 20) * 6.5e-9)
        np.testing.assert_allclose(file["probe_position_x_m"], (np.array([24.5, 30]) - shift - 24.5) * 6.5e-9)


def test_the_comments_mention_a_nominal_pixel_size(tmp_path: Path, make_product: Make) -> None:
    product = make_product(pixel_size_m=None)
    hdf5.write(tmp_path / "product.h5", product)
    with h5py.File(tmp_path / "product.h5") as file:
        assert file["object"].attrs["pixel_width_m"] == hdf5.NOMINAL_PIXEL_SIZE_M
        assert file.attrs["comments"].startswith("first try\n") and "10 nm" in file.attrs["comments"]
    again = hdf5.read(tmp_path / "product.h5")
    assert again.pixel_size_m is None and again.comments == "first try"
    np.testing.assert_allclose(again.positions_px, product.positions_px, atol=1e-9)


def test_the_note_of_an_earlier_version_is_removed_from_the_comments(tmp_path: Path, make_product: Make) -> None:
    hdf5.write(tmp_path / "product.h5", make_product(pixel_size_m=None))
    with h5py.File(tmp_path / "product.h5", "r+") as file:
        file.attrs["comments"] = (
            "first try\nPixel size unknown: lengths assume a nominal pixel of 10 nm and are right in pixels only."
        )
    assert hdf5.read(tmp_path / "product.h5").comments == "first try"


def test_the_centre_of_a_foreign_file_is_honoured(tmp_path: Path, product: Product) -> None:
    hdf5.write(tmp_path / "product.h5", product)
    with h5py.File(tmp_path / "product.h5", "r+") as file:
        file["object"].attrs["center_y_m"] = 3e-6
        file["probe_position_y_m"][...] += 3e-6
        del file.attrs[next(name for name in file.attrs if name.startswith("ptychopinn"))]
    np.testing.assert_allclose(hdf5.read(tmp_path / "product.h5").positions_px, product.positions_px, atol=1e-6)


def test_a_failed_write_leaves_nothing(tmp_path: Path, make_product: Make) -> None:
    with pytest.raises(TypeError):
        hdf5.write(tmp_path / "product.h5", make_product(name=object()))
    assert os.listdir(tmp_path) == []


def test_files_other_than_products_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"nowhere\.h5"):
        hdf5.read(tmp_path / "nowhere.h5")
    (tmp_path / "text.h5").write_text("hello")
    with pytest.raises(DataError, match="not a readable HDF5 file"):
        hdf5.read(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["data"] = 1
    with pytest.raises(DataError, match="not a product file"):
        hdf5.read(tmp_path / "other.h5")


@pytest.mark.parametrize("size", [8, 9])
@pytest.mark.parametrize("shape", [(40, 51), (41, 50)])
def test_ptychodus_reads_it_and_cuts_the_same_patches(
    tmp_path: Path, make_product: Make, size: int, shape: tuple[int, int]
) -> None:
    io = pytest.importorskip("ptychodus.api.io", reason="ptychodus is not installed")
    from ptychodus.api.probe import ProbeGeometry

    whole = np.random.default_rng(1).integers(size, np.array(shape) - size, size=(5, 2))
    product = make_product(size, shape, positions_px=whole + 0.25)
    hdf5.write(tmp_path / "product.h5", product)
    theirs = io.load_product(tmp_path / "product.h5")
    np.testing.assert_array_equal(theirs.object_.get_layer(0), product.object_)
    np.testing.assert_array_equal(theirs.probes.get_probe_no_opr().get_array(), product.probe)
    assert [loss.value for loss in theirs.losses] == list(product.losses)
    geometry = theirs.object_.get_geometry()
    x_px = geometry.map_probe_positions_to_object_x_px(theirs.probe_positions)
    y_px = geometry.map_probe_positions_to_object_y_px(theirs.probe_positions)
    patch = ProbeGeometry(size, size, geometry.pixel_width_m, geometry.pixel_height_m)
    for (y, x), their_x, their_y in zip(whole, x_px, y_px, strict=True):
        bounds = patch.resolve_patch_bounds(their_x, their_y)
        assert (bounds.y_slice.start, bounds.x_slice.start) == (y - size // 2, x - size // 2)
        np.testing.assert_allclose((bounds.dy, bounds.dx), 0.25, atol=1e-6)
