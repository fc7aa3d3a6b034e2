"""Read and write product files of ptychodus (HDF5).

Layout as in ptychodus 1.7 (``ptychodus.api.io``): root attributes for the metadata; datasets ``object``
(layers, height, width) and ``probe`` (1, modes, N, N) with their pixel sizes in metres as attributes;
``probe_position_x_m`` and ``probe_position_y_m`` in metres; ``loss_epochs`` and ``loss_values``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.hdf5_layouts import centre_shift_px, read_parameters
from ptychopinn.errors import DataError, MissingFileError
from ptychopinn.files.atomic import atomic_path
from ptychopinn.product.product import Product

NOMINAL_PIXEL_SIZE_M = 1e-8
"""Pixel size assumed if a product has none: 10 nm, a typical order of magnitude. The file says so in its comments."""

_NOMINAL_NOTE = "Pixel size unknown: lengths assume a nominal pixel of 10 nm and are meaningful only in pixels."
_EARLIER_NOTE = "Pixel size unknown: lengths assume a nominal pixel of 10 nm and are right in pixels only."
_NOMINAL_FLAG = "ptychopinn_pixel_size_is_nominal"
_UNKNOWN = (
    "exposure_time_s",
    "mass_attenuation_m2_per_kg",
    "tomography_angle_deg",
    "focus_object_distance_m",
    "tilt_angle_deg",
)


def write(path: str | Path, product: Product) -> None:
    """Write a product file for ptychodus, completely or not at all.

    The object's centre is the origin of the metre coordinates. An unknown photon energy or detector distance is written
    as 0, as ptychodus does.
    """
    pixel_m = NOMINAL_PIXEL_SIZE_M if product.pixel_size_m is None else product.pixel_size_m
    nominal = product.pixel_size_m is None
    positions_m = _metres(product, pixel_m)
    probe_counts = float(np.square(np.abs(product.probe), dtype=np.float64).sum())
    with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
        comments = f"{product.comments}\n{_NOMINAL_NOTE}".strip() if nominal else product.comments
        attributes = {"name": product.name, "comments": comments, _NOMINAL_FLAG: nominal, "far_field": True}
        attributes |= {"photon_energy_eV": product.photon_energy_eV or 0.0, "probe_photon_count": probe_counts}
        attributes |= {"detector_object_distance_m": product.detector_distance_m or 0.0, **dict.fromkeys(_UNKNOWN, 0.0)}
        file.attrs.update(attributes)
        file["probe_position_indexes"] = np.arange(len(positions_m), dtype=np.int64)
        file["probe_position_y_m"] = positions_m[:, 0]
        file["probe_position_x_m"] = positions_m[:, 1]
        _write_image(file, "probe", product.probe[None], pixel_m)
        _write_image(file, "object", product.object_[None], pixel_m)
        file["object"].attrs["center_x_m"] = 0.0
        file["object"].attrs["center_y_m"] = 0.0
        file["object_layer_spacing_m"] = np.empty(0, dtype=np.float64)
        file["loss_epochs"] = np.arange(len(product.losses), dtype=np.int64)
        file["loss_values"] = np.array(product.losses, dtype=np.float64)


def read(path: str | Path) -> Product:
    """Read the first object layer of a ptychodus product file, and convert the positions to object pixels.

    Raises
    ------
    MissingFileError
        The file does not exist.
    DataError
        The file is not an HDF5 file, or lacks a required dataset.
    """
    file_path = Path(path)
    if not file_path.is_file():
        raise MissingFileError(f"File not found: {file_path}", mend="Check the path.")
    try:
        with h5py.File(file_path, "r") as file:
            return _product(file)
    except OSError as error:
        raise DataError(f"{file_path} is not a readable HDF5 file ({error})", "a product file") from error
    except KeyError as error:
        expected = "the data sets object, probe, probe_position_x_m and probe_position_y_m"
        fix = "Choose a product saved by ptychodus or PtychoPINN Studio."
        problem = f"{file_path} is an HDF5 file but not a product file ({error.args[0]})"
        raise DataError(problem, expected, fix) from error


def _metres(product: Product, pixel_m: float) -> NDArray[np.float64]:
    """Return the positions in metres relative to the object's centre, which is at index (size - 1) / 2."""
    middle = (np.array(product.object_.shape) - 1) / 2
    shift = centre_shift_px(product.probe.shape[-1])
    metres: NDArray[np.float64] = (product.positions_px - shift - middle) * pixel_m
    return metres


def _write_image(file: h5py.File, name: str, array: NDArray[Any], pixel_m: float) -> None:
    dataset = file.create_dataset(name, data=array)
    dataset.attrs["pixel_width_m"] = pixel_m
    dataset.attrs["pixel_height_m"] = pixel_m


def _product(file: h5py.File) -> Product:
    read = read_parameters(file)
    nominal = bool(file.attrs.get(_NOMINAL_FLAG, False))
    comments = str(file.attrs.get("comments", ""))
    if nominal:
        comments = comments.removesuffix(_NOMINAL_NOTE).removesuffix(_EARLIER_NOTE).rstrip("\n")
    return Product(
        object_=read.object_,
        probe=read.probe,
        positions_px=read.positions_px,
        pixel_size_m=None if nominal else float(read.pixel_m[0]),
        losses=tuple(file["loss_values"][()]) if "loss_values" in file else (),
        name=str(file.attrs.get("name", "Unnamed")),
        comments=comments,
        photon_energy_eV=float(file.attrs.get("photon_energy_eV", 0)) or None,
        detector_distance_m=float(file.attrs.get("detector_object_distance_m", 0)) or None,
    )
