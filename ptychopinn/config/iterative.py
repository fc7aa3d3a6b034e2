"""Settings of the iterative engine: quick look, probe calibration, refinement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ptychopinn.config.field import advanced_option, option
from ptychopinn.config.ranges import field_problems, refuse


@dataclass(frozen=True)
class IterativeConfig:
    """Settings of the iterative engine."""

    sweeps: int = option(20, "Sweeps", "Number of passes over all patterns.", "Iterations", minimum=1)
    modes: int | None = option(
        None,
        "Probe modes",
        "Number of incoherent modes; use 2 or 3 for partially coherent light.",
        "Probe",
        minimum=1,
        maximum=8,
        unset="as in the scan",
    )
    update_probe: bool = option(True, "Update probe", "Updates the probe together with the object.", "Probe")
    position_correction: bool = option(
        False,
        "Correct positions",
        "Moves each position to its best fit, starting with sweep 6; a shift common to all positions is removed.",
        "Positions",
    )
    stop_early: bool = option(
        True,
        "Stop when converged",
        "Takes smaller steps, and finally ends, when R has fallen by less than 0.1 % in each of 3 consecutive sweeps.",
        "Iterations",
    )
    free_fraction: float = option(
        0.1,
        "Free patterns",
        "Fraction of the patterns that only assess the result until the last 2 sweeps; 0 turns this off. Not used for "
        "fewer than 50 patterns or 3 sweeps, little overlap, position correction or the refinement of a result.",
        "Iterations",
        minimum=0,
        maximum=0.5,
    )
    method: Literal["auto", "multilevel", "L-BFGS", "rPIE", "ePIE"] = advanced_option(
        "auto",
        "Method",
        "'auto' chooses 'multilevel' (with coarse grids), followed by 'L-BFGS' (all patterns at a time) on scans with "
        "little overlap; 'rPIE' and 'ePIE' are the classic algorithms.",
        "Iterations",
    )
    batch_size: int | None = advanced_option(
        None,
        "Patterns per update",
        "Number of patterns per update; larger batches make each sweep faster and each update less effective.",
        "Iterations",
        minimum=1,
        unset="depends on scan and device",
    )
    seed: int = advanced_option(0, "Seed", "Seed for the random order of the patterns.", "Iterations", minimum=0)

    def __post_init__(self) -> None:
        refuse(field_problems(self))
