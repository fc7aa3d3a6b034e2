"""Judge a finished reconstruction: figures as JSON, arrays as NPZ, one page as PNG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.iterative import IterativeStart
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.presets import QUICK_LOOK_SWEEPS
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError
from ptychopinn.events import Metric, Phase, Report, Stop, ignore, never
from ptychopinn.files import names
from ptychopinn.files.atomic import atomic_path
from ptychopinn.files.npz_members import read_array
from ptychopinn.product.product import Product
from ptychopinn.quality.align import align
from ptychopinn.quality.collapse import collapse_notice
from ptychopinn.quality.compare import figures_of
from ptychopinn.quality.coverage import dose, lit_mask, well_lit
from ptychopinn.quality.frc import Frc, fourier_ring_correlation
from ptychopinn.quality.judgement import grid_shift, known_part
from ptychopinn.quality.rfactor import RFactor, r_factor
from ptychopinn.results import QualityReport
from ptychopinn.wording import counted
from ptychopinn.workflow.iterate import solve
from ptychopinn.workflow.report_page import write_page
from ptychopinn.workflow.result_files import Origin, read_result, write_json
from ptychopinn.workflow.run_folder import make_folder, write_record

# An R of less than this part of the noise floor is no accident of counting: the object has taken up noise.
_FITS_NOISE = 0.98
# An R of more than this multiple of the floor is not explained by counting.
_NEAR_FLOOR = 1.05
_HALF = IterativeConfig(sweeps=12, update_probe=False)


def quality_report(
    object_file: Path,
    data_file: Path,
    output_dir: Path | None = None,
    *,
    reference: Path | None = None,
    split_half: bool = True,
    flat_start: bool = True,
    execution: PyTorchExecutionConfig | None = None,
    units: str = "auto",
    fixes: tuple[str, ...] = (),
    report: Report = ignore,
    should_stop: Stop = never,
) -> QualityReport:
    """Judge ``object.npz`` on its scan; write ``quality.json``, ``quality.npz``, ``quality.png`` and ``config.yaml``.

    In the folder of the object the last is named ``quality.yaml``.

    Parameters
    ----------
    object_file : Path
        ``object.npz`` of a reconstruction, or the folder that holds it.
    data_file : Path
        The scan it was made from; its ``objectGuess`` is the truth unless it is flat.
    output_dir : Path or None
        None: the folder of the object.
    reference : Path or None
        Another NPZ file whose ``objectGuess`` is the truth.
    split_half : bool
        Also reconstruct two random halves of the scan by iteration, with the probe of the result, and compare
        them: what the data themselves can resolve.
    flat_start : bool
        Also iterate from an empty object, with the probe of the result and as many sweeps as it had, to say
        whether the network was worth its time on this scan.

    Raises
    ------
    DataError, MissingFileError
        A file cannot be used, or the two do not belong together.
    JobCancelled
        ``should_stop`` answered yes.
    """
    object_file, product, raw, _ = read_result(object_file, data_file, report, units, fixes)
    report(Phase("judging the result"))
    figure = r_factor(raw, product.object_, product.probe, product.positions_px, should_stop)
    light = dose(product.probe, product.positions_px, product.object_.shape)
    lit = lit_mask(light)
    truth = raw.objectGuess if reference is None else _known_object(reference)
    against, metrics = _against(product, raw, truth, light, should_stop)
    halves = _halves(raw, product, light, execution, report, should_stop) if split_half else None
    origin = Origin.of(object_file)
    # Without a network there is nothing that an empty object would be compared with.
    sweeps = (origin.sweeps or QUICK_LOOK_SWEEPS) if flat_start and origin.network else 0
    empty = _flat_start(raw, product, sweeps, execution, report, should_stop) if sweeps else None
    folder = make_folder(Path(output_dir) if output_dir else object_file.parent)
    worst = int(np.argmax(figure.per_position))
    result = QualityReport(
        folder,
        folder / names.QUALITY_JSON,
        folder / names.QUALITY_PAGE,
        folder / names.QUALITY_ARRAYS,
        figure.r,
        figure.noise_floor,
        float(np.median(figure.per_position)),
        float(np.percentile(figure.per_position, 95)),
        float(figure.per_position[worst]),
        worst,
        float(lit.mean()),
        None if halves is None else halves.resolution_px(),
        None if against is None else against.resolution_px(),
        metrics,
        collapse_notice(product.object_[lit]) if lit.any() else None,
        None if empty is None else empty.r,
        None if empty is None else _worth(figure, empty, sweeps),
    )
    for name in ("r_factor", "noise_floor"):
        report(Metric(name, getattr(result, name)))
    _write(result, product, figure, light, lit, {"split_half": halves, "truth": against})
    parts = {"reference": reference, "split_half": split_half, "flat_start": flat_start}
    made_with = {"result": object_file, "file": data_file, "output": folder, **parts, "units": units, "fixes": fixes}
    # The folder of the object has a record already: that of the run that made it.
    own = folder.resolve() != object_file.parent.resolve()
    write_record(folder if own else folder / names.QUALITY_CONFIG, "report", made_with, execution=execution)
    return result


def _known_object(reference: Path) -> NDArray[np.complexfloating]:
    known = read_array(reference, "objectGuess")
    if known.ndim not in (2, 3) or not known.size or not np.isfinite(known).any():
        found = f"objectGuess of {reference.name}, shape {known.shape}, is no object"
        raise DataError(found, "finite numbers (rows, columns)", "Choose another file.")
    return known


def _against(
    product: Product,
    raw: RawData,
    known: NDArray[np.complexfloating] | None,
    light: NDArray[np.float32],
    should_stop: Stop,
) -> tuple[Frc | None, dict[str, float]]:
    both = None if known is None else known_part(product.object_, known, light, grid_shift(product.positions_px, raw))
    if both is None:
        return None, {}
    part, truth, mask = both
    aligned, info = align(part, truth, mask, should_stop)
    return fourier_ring_correlation(aligned, truth, mask), {**info, **figures_of(aligned, truth, mask)}


def _halves(
    raw: RawData,
    product: Product,
    light: NDArray[np.float32],
    execution: PyTorchExecutionConfig | None,
    report: Report,
    should_stop: Stop,
) -> Frc:
    order = np.random.default_rng(0).permutation(raw.n_patterns)
    objects = []
    for half in (np.sort(order[::2]), np.sort(order[1::2])):
        part = raw.take(half)
        start = IterativeStart(np.ones_like(product.object_), product.probe, product.positions_px[half])
        objects.append(solve(part, start, _HALF, execution, report, should_stop).object_)
    mask = well_lit(light)
    aligned, _ = align(objects[1], objects[0], mask, should_stop)
    return fourier_ring_correlation(aligned, objects[0], mask)


def _flat_start(
    raw: RawData,
    product: Product,
    sweeps: int,
    execution: PyTorchExecutionConfig | None,
    report: Report,
    should_stop: Stop,
) -> RFactor:
    start = IterativeStart(np.ones_like(product.object_), product.probe, product.positions_px)
    config = IterativeConfig(sweeps=sweeps, update_probe=False, stop_early=False)
    found = solve(raw, start, config, execution, report, should_stop)
    return r_factor(raw, found.object_, found.probe, found.positions_px, should_stop)


def _worth(figure: RFactor, empty: RFactor, sweeps: int) -> str:
    text = f"{counted(sweeps, 'sweep')} from an empty object, with this probe: R {empty.r:.4f}"
    if min(figure.r, empty.r) < _FITS_NOISE * figure.noise_floor:
        return f"{text}; R is below the noise floor and cannot decide between the two."
    text += "; this result is better." if figure.r < empty.r else "; no network is needed for this scan."
    if all(one.r > _NEAR_FLOOR * one.noise_floor for one in (figure, empty)):
        text += f" Neither comes within {_NEAR_FLOOR - 1:.0%} of the noise floor."
    return text


def _write(
    result: QualityReport,
    product: Product,
    figure: RFactor,
    light: NDArray[np.float32],
    lit: NDArray[np.bool_],
    curves: dict[str, Frc | None],
) -> None:
    known = {name: curve for name, curve in curves.items() if curve is not None}
    arrays: dict[str, Any] = {"r_per_pattern": figure.per_position, "positions_px": product.positions_px, "dose": light}
    for name, curve in known.items():
        arrays |= {f"frc_{name}": curve.correlation, f"frc_{name}_cycles_per_px": curve.frequency}
    with atomic_path(result.arrays_path) as temporary, temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
    paths = {"folder", "json_path", "page_path", "arrays_path"}
    content = {name: value for name, value in vars(result).items() if name not in paths}
    write_json(result.json_path, content)
    write_page(result.page_path, content, product, figure, light, lit, known)
