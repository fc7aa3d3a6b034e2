"""The files of a reconstruction: object, product, pictures and report in one folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ptychopinn.backends.base import Reconstruction
from ptychopinn.events import Phase, Report
from ptychopinn.files import names
from ptychopinn.files.atomic import atomic_path
from ptychopinn.product import hdf5, npz
from ptychopinn.product.images import centred_phase, write_png, write_tiff
from ptychopinn.product.product import Product
from ptychopinn.quality.coverage import lit_mask
from ptychopinn.quality.judgement import Judgement
from ptychopinn.results import ReconstructResult

# What a report names as the model of an object that was found by iteration alone.
NO_MODEL = "none (iterative)"


@dataclass(frozen=True)
class Origin:
    """What an object was made from and by.

    Attributes
    ----------
    data, model : str
        Names of the scan file, and of the model or the object that the work started from.
    network : bool
        Whether a network predicted the object.
    refine_sweeps, sweeps : int
        Sweeps that were allowed to the refinement, and sweeps that were made in all.
    """

    data: str = ""
    model: str = ""
    network: bool = True
    refine_sweeps: int = 0
    sweeps: int = 0

    @classmethod
    def of(cls, object_file: Path) -> Origin:
        """Read the report beside ``object.npz``; a network and no sweeps where it does not say."""
        try:
            content = json.loads((object_file.parent / names.REPORT_FILE).read_text(encoding="utf-8"))
            network = bool(content.get("network", content["model"] != NO_MODEL))
            return cls(network=network, sweeps=int(content.get("sweeps", content.get("refine_sweeps", 0))))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()


def write_result(
    folder: Path,
    found: Reconstruction,
    judgement: Judgement,
    origin: Origin,
    notices: tuple[str, ...],
    report: Report,
    losses: tuple[float, ...] = (),
) -> ReconstructResult:
    """Write ``object.npz``, ``product.h5``, PNG and TIFF pictures, and last ``report.json``.

    Parameters
    ----------
    folder : Path
    found : Reconstruction
    judgement : Judgement
    origin : Origin
    notices : tuple of str
        Sentences about the scan; those of judgement and reconstruction are added.
    losses : tuple of float
        Of the training, for the product.
    """
    report(Phase("writing the result"))
    lit = lit_mask(found.dose)
    pictures = {"amplitude": np.abs(found.object_), "phase": centred_phase(found.object_, lit)}
    product = Product(
        found.object_,
        found.probe,
        found.positions_px,
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
        found.seconds,
        len(found.positions_px),
        judgement.metrics,
        (*notices, *(notice.text for notice in judgement.notices), *found.notices),
    )
    npz.write(result.object_path, product)
    hdf5.write(result.product_path, product)
    for name, values in pictures.items():
        write_png(folder / f"{name}.png", values, "gray", mask=lit)
        write_tiff(folder / f"{name}.tiff", values)
    content = {
        **asdict(origin),
        "patterns": result.n_patterns,
        "r_factor": result.r_factor,
        "noise_floor": result.noise_floor,
        "seconds": result.seconds,
        "object_shape": list(found.object_.shape),
        "metrics": result.metrics,
        "notices": list(result.notices),
    }
    write_json(result.report_path, content)
    return result


def write_json(path: Path, content: dict[str, object]) -> None:
    """Write a table of plain values as JSON, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2), encoding="utf-8")
