"""Layouts of HDF5 files from other programs: patterns, positions, probe and object.

- ptychodus and pty-chi: positions, probe and object in one file (product.h5, ``*_para.hdf5``), patterns in another
  (``patterns`` or ``dp``);
- CXI (Coherent X-ray Imaging format 1.6): everything under ``/entry_1``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import DataError
from ptychopinn.files.names import HDF5_SIGNATURE

PARAMETERS = ("probe_position_y_m", "probe_position_x_m", "probe", "object")
_STACKS = ("patterns", "dp", "entry_1/data_1/data", "entry_1/instrument_1/detector_1/data", "entry/data/data")
_BAD_PIXELS = ("bad_pixels", "entry_1/instrument_1/detector_1/mask")
_CXI = "entry_1"
_CXI_POSITIONS = ("entry_1/sample_1/geometry_1/translation", "entry_1/data_1/translation")
_CXI_PROBES = (
    "entry_1/image_1/data",
    "entry_1/instrument_1/source_1/probe",
    "entry_1/instrument_1/source_1/illumination",
    "entry_1/source_1/illumination",
)
_PLANCK_TIMES_LIGHT_J_M = 1.98644586e-25


def is_hdf5(path: Path) -> bool:
    """Return whether a file has the signature of an HDF5 file."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE
    except OSError:
        return False


def find_stack(file: h5py.File) -> h5py.Dataset | None:
    """Return the dataset of patterns (patterns, H, W), or None."""
    for name in _STACKS:
        dataset = file.get(name)
        if isinstance(dataset, h5py.Dataset) and dataset.ndim == 3:
            return dataset
    return None


def has_parameters(file: h5py.File) -> bool:
    """Return whether a file has positions, probe and object in the layout of ptychodus or pty-chi."""
    return all(isinstance(file.get(name), h5py.Dataset) for name in PARAMETERS)


def is_cxi(file: h5py.File) -> bool:
    """Return whether a file has the CXI layout."""
    return isinstance(file.get(_CXI), h5py.Group)


def patterns_of(dataset: h5py.Dataset, path: Path, map_above_bytes: int) -> NDArray[Any]:
    """Return the patterns (patterns, H, W) with bad pixels set to zero.

    Large contiguous data without bad pixels are memory-mapped.
    """
    file = dataset.file
    mask = next((file[name][()] != 0 for name in _BAD_PIXELS if name in file), None)
    bad = mask if mask is not None and mask.shape == dataset.shape[1:] and mask.any() else None
    offset = dataset.id.get_offset()
    if bad is None and offset is not None and dataset.chunks is None and dataset.nbytes > map_above_bytes:
        return np.memmap(path, dataset.dtype, "r", offset, dataset.shape)
    patterns = dataset[()]
    if bad is not None:
        patterns[:, bad] = 0
    return np.asarray(patterns)


def centre_shift_px(probe_size: int) -> float:
    """Return the offset, in pixels, that converts a position of ptychodus to our convention.

    Our positions refer to the object pixel under probe index N // 2; those of ptychodus (since 1.6) refer to the
    centre of the patch, index (N - 1) / 2. The two differ by half a pixel if N is even.
    """
    return probe_size // 2 - (probe_size - 1) / 2


@dataclass(frozen=True)
class Parameters:
    """The contents of a ptychodus or pty-chi file, without the patterns.

    Attributes
    ----------
    object_ : array (rows, columns), the first layer
    probe : array (mode, N, N)
    positions_px : array (position, 2), float64, (y, x) of the object pixel under probe index ``[N//2, N//2]``
    pixel_m : array (2,), height and width of an object pixel in metres
    """

    object_: NDArray[Any]
    probe: NDArray[Any]
    positions_px: NDArray[np.float64]
    pixel_m: NDArray[np.float64]


def read_parameters(file: h5py.File) -> Parameters:
    """Read object, probe and positions from a ptychodus or pty-chi file.

    Raises
    ------
    DataError
        The pixel size of the object is missing.
    """
    stored = file["object"]
    object_ = stored[0] if stored.ndim == 3 else stored[()]
    height = float(stored.attrs.get("pixel_height_m", 0.0))
    if not height > 0:
        raise DataError(
            f"{Path(file.filename).name} does not contain the pixel size of the object",
            "the attribute pixel_height_m of the data set 'object', in metres",
            "Save the product again.",
        )
    pixel_m = np.array([height, float(stored.attrs.get("pixel_width_m", height))])
    centre_m = np.array([float(stored.attrs.get(f"center_{axis}_m", 0.0)) for axis in "yx"])
    positions_m = np.stack([file[f"probe_position_{axis}_m"][()] for axis in "yx"], axis=1)
    probe = _modes(file["probe"][()])
    middle = (np.array(object_.shape) - 1) / 2
    positions = (positions_m - centre_m) / pixel_m + middle + centre_shift_px(probe.shape[-1])
    return Parameters(object_, probe, positions, pixel_m)


def parameter_arrays(file: h5py.File) -> dict[str, NDArray[Any]]:
    """Return probe, object and positions (in object pixels) by schema key; a flat object is omitted."""
    read = read_parameters(file)
    return _arrays(read.positions_px, read.probe, read.object_)


def cxi_arrays(file: h5py.File, pattern_size: int, source: str) -> dict[str, NDArray[Any]]:
    """Return positions in object pixels and, if present, the probe of a CXI file, by schema key.

    Raises
    ------
    DataError
        The positions, or the values needed to convert metres to object pixels, are missing.
    """
    translation = next((file[name][()] for name in _CXI_POSITIONS if name in file), None)
    if translation is None or translation.ndim != 2 or translation.shape[1] < 2:
        raise DataError(f"{source} has no scan positions", f"{_CXI_POSITIONS[0]} with shape (patterns, 3), in metres")
    positions_m = np.asarray(translation, np.float64)[:, 1::-1]
    positions = positions_m / _cxi_pixels_m(file, pattern_size, source)
    # Without an object, the origin is the first pixel of the outermost patch.
    positions += pattern_size // 2 + 1 - positions.min(axis=0)
    probe = next((_modes(file[name][()]) for name in _CXI_PROBES if _is_probe(file.get(name), pattern_size)), None)
    return _arrays(positions, probe, None)


def _is_probe(dataset: Any, pattern_size: int) -> bool:
    """Return whether a dataset can be a probe; some programs store patterns in the same place."""
    return isinstance(dataset, h5py.Dataset) and dataset.dtype.kind == "c" and dataset.shape[-1] == pattern_size


def _cxi_pixels_m(file: h5py.File, pattern_size: int, source: str) -> NDArray[np.float64]:
    """Return the height and width of an object pixel in metres: wavelength times distance over detector size (Abbe)."""
    energy = _scalar(file, "entry_1/instrument_1/source_1/energy")
    distance = _scalar(file, "entry_1/instrument_1/detector_1/distance")
    pixel = _scalar(file, "entry_1/instrument_1/detector_1/x_pixel_size")
    if not (energy and distance and pixel):
        names = {"source_1/energy": energy, "detector_1/distance": distance, "detector_1/x_pixel_size": pixel}
        missing = ", ".join(f"instrument_1/{name}" for name, value in names.items() if not value)
        raise DataError(
            f"{source} has no {missing}",
            "photon energy in J, distance and pixel size in m, which determine the size of an object pixel",
            "Add them to the file, or convert the scan to NPZ with positions in object pixels.",
        )
    sides = np.array([_scalar(file, "entry_1/instrument_1/detector_1/y_pixel_size") or pixel, pixel])
    return np.asarray(_PLANCK_TIMES_LIGHT_J_M / energy * abs(distance) / (pattern_size * sides))


def _scalar(file: h5py.File, name: str) -> float | None:
    dataset = file.get(name)
    return float(np.asarray(dataset[()]).reshape(-1)[0]) if isinstance(dataset, h5py.Dataset) and dataset.size else None


def _modes(probe: NDArray[Any]) -> NDArray[np.complexfloating]:
    """Return the incoherent modes (modes, N, N) of a probe that may have an additional axis for probe variations."""
    return np.asarray(probe[0] if probe.ndim == 4 else probe)


def _arrays(
    positions: NDArray[np.float64], probe: NDArray[Any] | None, object_: NDArray[Any] | None
) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {"ycoords": positions[:, 0].copy(), "xcoords": positions[:, 1].copy()}
    if probe is not None:
        arrays["probeGuess"] = probe
    # The object before a reconstruction is flat and carries no information.
    if object_ is not None and float(np.std(object_)) > 1e-6 * max(float(np.abs(object_).max()), 1e-30):
        arrays["objectGuess"] = np.asarray(object_)
    return arrays
