from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ptychopinn.errors import DataError
from ptychopinn.product import npz
from ptychopinn.product.product import Product

FIELDS = ("pixel_size_m", "losses", "name", "comments", "photon_energy_eV", "detector_distance_m")


@pytest.mark.parametrize("pixel_size_m", [None, 6.5e-9])
def test_writing_and_reading_gives_the_same_product(
    tmp_path: Path, make_product: Callable[..., Product], pixel_size_m: float | None
) -> None:
    product = make_product(pixel_size_m=pixel_size_m, photon_energy_eV=8800.0)
    npz.write(tmp_path / "object.npz", product)
    again = npz.read(tmp_path / "object.npz")
    for name in ("object_", "probe", "positions_px"):
        np.testing.assert_array_equal(getattr(again, name), getattr(product, name))
    assert [getattr(again, name) for name in FIELDS] == [getattr(product, name) for name in FIELDS]


def test_scripts_find_the_usual_names_without_pickles(tmp_path: Path, product: Product) -> None:
    npz.write(tmp_path / "object.npz", product)
    with np.load(tmp_path / "object.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(file["objectGuess"], product.object_)
        np.testing.assert_array_equal(file["probeGuess"], product.probe)
        np.testing.assert_array_equal(file["ycoords"], product.positions_px[:, 0])
        np.testing.assert_array_equal(file["xcoords"], product.positions_px[:, 1])


@pytest.mark.parametrize("key", ["objectGuess", "probeGuess", "ycoords"])
def test_values_that_are_not_finite_are_refused_by_their_key(tmp_path: Path, product: Product, key: str) -> None:
    npz.write(tmp_path / "object.npz", product)
    with np.load(tmp_path / "object.npz") as file:
        arrays = dict(file)
    arrays[key] = np.full_like(arrays[key], np.nan)
    np.savez(tmp_path / "object.npz", **arrays)
    with pytest.raises(DataError, match=f"{key} in .*object.npz has values that are not finite"):
        npz.read(tmp_path / "object.npz")


def test_missing_keys_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "scan.npz", objectGuess=np.ones((3, 3)))
    with pytest.raises(DataError, match="has no probeGuess, xcoords, ycoords"):
        npz.read(tmp_path / "scan.npz")
