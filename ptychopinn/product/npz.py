"""Read and write reconstructions as NPZ files, for use in scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import DataError
from ptychopinn.files.names import OBJECT_FILE
from ptychopinn.files.npz_members import member_keys, open_npz, read_member, write_npz
from ptychopinn.product.product import Product

_REQUIRED = ("objectGuess", "probeGuess", "xcoords", "ycoords")


def object_file(path: Path) -> Path:
    """Return the object file of a reconstruction: ``object.npz`` if ``path`` is a folder, otherwise ``path`` itself."""
    return path / OBJECT_FILE if path.is_dir() else path


def write(path: str | Path, product: Product) -> None:
    """Write ``objectGuess`` (height, width), ``probeGuess`` (modes, N, N), ``xcoords`` and ``ycoords``.

    Losses, name, comments and, if known, pixel size, photon energy and detector distance are added under their
    attribute names. The file is written completely or not at all, without pickled objects.
    """
    arrays: dict[str, Any] = {
        "objectGuess": product.object_,
        "probeGuess": product.probe,
        "xcoords": product.positions_px[:, 1],
        "ycoords": product.positions_px[:, 0],
        "losses": np.array(product.losses, dtype=np.float64),
        "name": product.name,
        "comments": product.comments,
        "pixel_size_m": product.pixel_size_m,
        "photon_energy_eV": product.photon_energy_eV,
        "detector_distance_m": product.detector_distance_m,
    }
    write_npz(path, arrays)


def read(path: str | Path) -> Product:
    """Read a product from an object file.

    Raises
    ------
    MissingFileError, DataError
        The file is missing or unreadable, lacks a key, or contains values that are not finite numbers.
    """
    file = Path(path)
    with open_npz(file) as archive:
        arrays = {key: read_member(archive, info, file) for key, info in member_keys(archive).items()}
    missing = [key for key in _REQUIRED if key not in arrays]
    if missing:
        raise DataError(f"{file} has no {', '.join(missing)}", "a reconstruction with " + ", ".join(_REQUIRED))
    for key in _REQUIRED:
        if not _finite_numbers(arrays[key]):
            fix = "Reconstruct the scan again, or choose another file."
            raise DataError(f"{key} in {file} has values that are not finite numbers", "a reconstruction", fix)
    numbers = ("pixel_size_m", "photon_energy_eV", "detector_distance_m")
    extras: dict[str, Any] = {key: float(arrays[key]) for key in numbers if key in arrays}
    extras |= {key: str(arrays[key]) for key in ("name", "comments") if key in arrays}
    return Product(
        object_=arrays["objectGuess"],
        probe=arrays["probeGuess"],
        positions_px=np.stack([arrays["ycoords"], arrays["xcoords"]], axis=1),
        losses=tuple(arrays["losses"]) if "losses" in arrays else (),
        **extras,
    )


def _finite_numbers(array: NDArray[Any]) -> bool:
    return array.dtype.kind in "iufc" and bool(np.isfinite(array).all())
