"""Assess a finished reconstruction: metrics as JSON, arrays as NPZ, one page as PNG."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends import registry
from ptychopinn.backends.iterative import IterativeStart, Solution
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.presets import QUICK_LOOK_SWEEPS
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError
from ptychopinn.events import Metric, Phase, Report, Stop, ignore, never
from ptychopinn.files import names
from ptychopinn.files.npz_members import read_array, write_npz
from ptychopinn.product.product import Product
from ptychopinn.quality.align import align
from ptychopinn.quality.collapse import collapse_notice
from ptychopinn.quality.compare import figures_of
from ptychopinn.quality.coverage import dose, lit_mask, well_lit
from ptychopinn.quality.frc import Frc, fourier_ring_correlation
from ptychopinn.quality.judgement import grid_shift, known_part
from ptychopinn.quality.rfactor import RFactor
from ptychopinn.results import QualityReport
from ptychopinn.wording import counted
from ptychopinn.workflow.iterate import Iteration
from ptychopinn.workflow.report_page import write_page
from ptychopinn.workflow.result_files import Origin, read_result, write_json
from ptychopinn.workflow.run_folder import make_folder, write_record

# R below this fraction of the noise floor is not a fluctuation: the object has fitted noise.
_FITS_NOISE = 0.98
# R above this multiple of the floor is not explained by counting noise.
_NEAR_FLOOR = 1.05
_HALF = IterativeConfig(sweeps=12, update_probe=False, free_fraction=0)


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
    """Assess an object against its scan; write ``quality.json``, ``quality.npz``, ``quality.png``, ``config.yaml``.

    If the output folder is that of the object, ``quality.yaml`` is written and ``config.yaml`` is left unchanged.

    Parameters
    ----------
    object_file : Path
        ``object.npz`` of a reconstruction, or the folder that holds it.
    data_file : Path
        Scan of the object; its ``objectGuess`` is used as ground truth unless it is flat.
    output_dir : Path or None
        None selects the folder of the object.
    reference : Path or None
        Another NPZ file whose ``objectGuess`` is the ground truth.
    split_half : bool
        Also reconstruct two random halves of the scan by iteration, with the probe of the result, and compare
        them to measure the resolution of the data.
    flat_start : bool
        If a network predicted the object, also reconstruct the scan from an empty object with the same probe and
        number of sweeps (or as many as a quick look if the object was not refined), to show whether the network helped.

    Raises
    ------
    DataError, MissingFileError
        A file cannot be used, or the object does not match the scan.
    JobCancelled
        ``should_stop`` returned True.
    """
    object_file, product, raw, _ = read_result(object_file, data_file, report, units, fixes)
    report(Phase("assessing the result"))
    truth = raw.objectGuess if reference is None else _known_object(reference)
    origin = Origin.of(object_file)
    # Without a network there is nothing to compare an empty object with.
    sweeps = (origin.sweeps or QUICK_LOOK_SWEEPS) if flat_start and origin.network else 0
    judge = _Judge(product, raw, execution, report, should_stop)
    findings = judge.findings(truth, split_half, sweeps)
    folder = make_folder(Path(output_dir) if output_dir else object_file.parent)
    result = _written(folder, product, findings)
    for name in ("r_factor", "noise_floor"):
        report(Metric(name, getattr(result, name)))
    run: dict[str, Any] = {"result": object_file, "file": data_file, "output": folder, "reference": reference}
    run |= {"split_half": split_half, "flat_start": flat_start, "units": units, "fixes": fixes}
    # The folder of the object already has the record of its own run.
    own = folder.resolve() != object_file.parent.resolve()
    write_record(folder if own else folder / names.QUALITY_CONFIG, "report", run, execution=execution)
    return result


def _known_object(reference: Path) -> NDArray[np.complexfloating]:
    known = read_array(reference, "objectGuess")
    if known.ndim not in (2, 3) or not known.size or not np.isfinite(known).any():
        problem = f"objectGuess in {reference.name}, shape {known.shape}, is not a usable object"
        raise DataError(problem, "an array (rows, columns) of finite numbers", "Choose another file.")
    return known


@dataclass(frozen=True)
class _Findings:
    """R, dose, lit pixels, FRC curves and metrics; ``empty`` is R after ``sweeps`` sweeps from an empty object."""

    figure: RFactor
    light: NDArray[np.float32]
    lit: NDArray[np.bool_]
    curves: dict[str, Frc]
    metrics: dict[str, float]
    empty: RFactor | None
    sweeps: int

    def resolution_px(self, name: str) -> float | None:
        """Return the resolution from the curve `name`, or None if there is no such curve."""
        return self.curves[name].resolution_px() if name in self.curves else None


@dataclass(frozen=True)
class _Judge:
    """A result, its scan, and the settings for iterating on that scan."""

    product: Product
    raw: RawData
    execution: PyTorchExecutionConfig | None
    report: Report
    should_stop: Stop

    def findings(self, truth: NDArray[np.complexfloating] | None, split_half: bool, sweeps: int) -> _Findings:
        """Compute all measures; if `sweeps` is 0, skip the reconstruction from an empty object."""
        product = self.product
        figure = self.r_of(IterativeStart(product.object_, product.probe, product.positions_px))
        light = dose(product.probe, product.positions_px, product.object_.shape)
        curve, metrics = (None, {}) if truth is None else self.against(truth, light)
        both = {"split_half": self.halves(light) if split_half else None, "truth": curve}
        curves = {name: each for name, each in both.items() if each is not None}
        config = IterativeConfig(sweeps=sweeps or 1, update_probe=False, stop_early=False, free_fraction=0)
        empty = self.r_of(self.from_empty(self.raw, product.positions_px, config)) if sweeps else None
        return _Findings(figure, light, lit_mask(light), curves, metrics, empty, sweeps)

    def r_of(self, state: IterativeStart) -> RFactor:
        """Return R for an object, a probe and positions."""
        return registry.measure_r(self.execution.accelerator if self.execution else "auto")(
            self.raw, state.object_, state.probe, state.positions_px, self.should_stop
        )

    def against(
        self, truth: NDArray[np.complexfloating], light: NDArray[np.float32]
    ) -> tuple[Frc | None, dict[str, float]]:
        """Compare with the true object; return the FRC and the metrics, or None and {} if no area is usable."""
        product = self.product
        both = known_part(product.object_, truth, light, grid_shift(product.positions_px, self.raw))
        if both is None:
            return None, {}
        part, known, mask = both
        aligned, info = align(part, known, mask, self.should_stop)
        return fourier_ring_correlation(aligned, known, mask), {**info, **figures_of(aligned, known, mask)}

    def halves(self, light: NDArray[np.float32]) -> Frc | None:
        """Reconstruct two random halves of the scan and return their Fourier ring correlation; None if one failed."""
        order = np.random.default_rng(0).permutation(self.raw.n_patterns)
        halves = (np.sort(order[::2]), np.sort(order[1::2]))
        solutions = [self.from_empty(self.raw.take(half), self.product.positions_px[half], _HALF) for half in halves]
        if any(solution.returned for solution in solutions):
            return None
        first, second = (solution.object_ for solution in solutions)
        mask = well_lit(light)
        aligned, _ = align(second, first, mask, self.should_stop)
        return fourier_ring_correlation(aligned, first, mask)

    def from_empty(self, raw: RawData, positions_px: NDArray[np.float64], config: IterativeConfig) -> Solution:
        """Iterate from an empty object with the probe of the result."""
        start = IterativeStart(np.ones_like(self.product.object_), self.product.probe, positions_px)
        return Iteration(raw, config, self.execution, self.report, self.should_stop).completed(start)


def _worth(figure: RFactor, empty: RFactor, sweeps: int) -> str:
    text = f"R is {empty.r:.4f} after {counted(sweeps, 'sweep')} from an empty object with this probe"
    if min(figure.r, empty.r) < _FITS_NOISE * figure.noise_floor:
        return f"{text}; if R is below the noise floor, it does not show which result is better."
    text += "; the assessed result is better." if figure.r < empty.r else "; this scan needs no network."
    if all(each.r > _NEAR_FLOOR * each.noise_floor for each in (figure, empty)):
        text += f" Neither R is within {_NEAR_FLOOR - 1:.0%} of the noise floor."
    return text


def _written(folder: Path, product: Product, findings: _Findings) -> QualityReport:
    """Write JSON, arrays and the page; return the report."""
    figure, lit = findings.figure, findings.lit
    worst = int(np.nanargmax(figure.per_position))
    result = QualityReport(
        folder,
        folder / names.QUALITY_JSON,
        folder / names.QUALITY_PAGE,
        folder / names.QUALITY_ARRAYS,
        figure.r,
        figure.noise_floor,
        float(np.nanmedian(figure.per_position)),
        float(np.nanpercentile(figure.per_position, 95)),
        float(figure.per_position[worst]),
        worst,
        float(lit.mean()),
        findings.resolution_px("split_half"),
        findings.resolution_px("truth"),
        findings.metrics,
        collapse_notice(product.object_[lit]) if lit.any() else None,
        None if findings.empty is None else findings.empty.r,
        None if findings.empty is None else _worth(figure, findings.empty, findings.sweeps),
    )
    arrays: dict[str, Any] = {
        "r_per_pattern": figure.per_position,
        "positions_px": product.positions_px,
        "dose": findings.light,
    }
    for name, curve in findings.curves.items():
        arrays |= {f"frc_{name}": curve.correlation, f"frc_{name}_cycles_per_px": curve.frequency}
    write_npz(result.arrays_path, arrays)
    paths = {"folder", "json_path", "page_path", "arrays_path"}
    content = {name: value for name, value in vars(result).items() if name not in paths}
    write_json(result.json_path, content)
    write_page(result.page_path, content, product, figure, findings.light, lit, findings.curves)
    return result
