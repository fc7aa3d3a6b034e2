"""The files of a reconstruction: object, product, images and report in one folder."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from ptychopinn.backends.base import Reconstruction
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.read_scan import read_scan
from ptychopinn.errors import DataError
from ptychopinn.events import Phase, Report
from ptychopinn.files import names
from ptychopinn.files.atomic import atomic_path
from ptychopinn.physics.scaling import normalise_probe
from ptychopinn.product import hdf5, npz
from ptychopinn.product.images import centred_phase, write_png, write_tiff
from ptychopinn.product.product import Product
from ptychopinn.quality.coverage import lit_mask
from ptychopinn.quality.judgement import Judgement
from ptychopinn.results import ReconstructResult

# Model in the report of an object from iteration alone.
NO_MODEL = "none (iterative)"


@dataclass(frozen=True)
class Origin:
    """The data and the method behind an object.

    Attributes
    ----------
    data, model : str
        Names of the scan file, and of the model or the initial object.
    network : bool
        Whether a network predicted the object.
    refine_sweeps, sweeps : int
        Maximum number of refinement sweeps, and total number of sweeps performed.
    """

    data: str = ""
    model: str = ""
    network: bool = True
    refine_sweeps: int = 0
    sweeps: int = 0

    @classmethod
    def of(cls, object_file: Path) -> Origin:
        """Read the report next to ``object.npz``; if it cannot be read, assume a network and no sweeps."""
        try:
            content = json.loads((object_file.parent / names.REPORT_FILE).read_text(encoding="utf-8"))
            network = bool(content.get("network", content["model"] != NO_MODEL))
            return cls(network=network, sweeps=int(content.get("sweeps", content.get("refine_sweeps", 0))))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()


def write_result(
    folder: Path,
    reconstruction: Reconstruction,
    judgement: Judgement,
    origin: Origin,
    notices: tuple[str, ...],
    report: Report,
    losses: tuple[float, ...] = (),
) -> ReconstructResult:
    """Write ``object.npz``, ``product.h5``, PNG and TIFF images, and finally ``report.json``.

    Parameters
    ----------
    notices : tuple of str
        Sentences about the scan; notices from the assessment and the reconstruction are added.
    losses : tuple of float
        Training losses to store in the product.
    """
    report(Phase("writing the result"))
    lit = lit_mask(reconstruction.dose)
    pictures = {"amplitude": np.abs(reconstruction.object_), "phase": centred_phase(reconstruction.object_, lit)}
    product = Product(
        reconstruction.object_,
        reconstruction.probe,
        reconstruction.positions_px,
        losses=losses,
        name=origin.data.removesuffix(".npz"),
        comments=f"R {judgement.r_factor:.4f}, noise floor {judgement.noise_floor:.4f}",
    )
    result = ReconstructResult(
        folder,
        folder / names.OBJECT_FILE,
        folder / names.PRODUCT_FILE,
        folder / names.AMPLITUDE_PNG,
        folder / names.PHASE_PNG,
        folder / names.REPORT_FILE,
        judgement.r_factor,
        judgement.noise_floor,
        reconstruction.seconds,
        len(reconstruction.positions_px),
        judgement.metrics,
        (*notices, *(notice.text for notice in judgement.notices), *reconstruction.notices),
        reconstruction.r_work,
        reconstruction.r_free,
        reconstruction.stopped,
    )
    npz.write(result.object_path, product)
    hdf5.write(result.product_path, product)
    for name, values in pictures.items():
        write_png(folder / f"{name}.png", values, "gray", mask=lit)
        write_tiff(folder / f"{name}.tiff", values)
    _write_report(result, origin, reconstruction.object_.shape)
    return result


def _write_report(result: ReconstructResult, origin: Origin, shape: tuple[int, ...]) -> None:
    content = {
        **asdict(origin),
        "patterns": result.n_patterns,
        "r_factor": result.r_factor,
        "noise_floor": result.noise_floor,
        "seconds": result.seconds,
        "object_shape": list(shape),
        "metrics": result.metrics,
        "notices": list(result.notices),
        "r_work": _plain(result.r_work),
        "r_free": _plain(result.r_free),
    }
    write_json(result.report_path, content)


def _plain(values: tuple[float | None, ...]) -> list[float | None]:
    """Return numbers for JSON, which knows neither NaN nor infinity."""
    return [value if value is not None and math.isfinite(value) else None for value in values]


def read_result(
    object_file: Path, data_file: Path, report: Report, units: str, fixes: tuple[str, ...]
) -> tuple[Path, Product, RawData, tuple[str, ...]]:
    """Read a reconstruction and its scan.

    Parameters
    ----------
    object_file : Path
        ``object.npz``, or the folder that holds it.
    data_file : Path
    units, fixes
        See :func:`ptychopinn.data.read_scan.read_scan`.

    Returns
    -------
    object_file : Path
        ``object.npz``
    product : Product
        The reconstruction, with its probe scaled to the counts of the scan.
    raw : RawData
    notices : tuple of str
        Warnings about the scan.

    Raises
    ------
    DataError, MissingFileError
        A file cannot be used, or the object does not match the scan.
    """
    object_file, data_file = npz.object_file(Path(object_file)), Path(data_file)
    product = npz.read(object_file)
    raw, notices = read_scan(data_file, report, units=units, fixes=fixes, spare_probe=product.probe)
    if len(product.positions_px) != raw.n_patterns or product.probe.shape[-1] != raw.pattern_size:
        raise DataError(
            f"{object_file.name} has {len(product.positions_px)} positions and a probe of {product.probe.shape[-1]} px,"
            f" but {data_file.name} has {raw.n_patterns} patterns of {raw.pattern_size} px",
            "a reconstruction of this scan",
            "Choose the scan that was reconstructed.",
        )
    product = replace(product, probe=normalise_probe(product.probe, raw.mean_counts()))
    return object_file, product, raw, notices


def write_json(path: Path, content: dict[str, object]) -> None:
    """Write plain values by name to a JSON file atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2), encoding="utf-8")
