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
        "Stops 4 sweeps after R has fallen by less than 0.1 % in each of 3 consecutive sweeps.",
        "Iterations",
    )
    method: Literal["rPIE", "ePIE"] = advanced_option(
        "rPIE", "Method", "'rPIE' converges faster; 'ePIE' takes smaller steps where the probe is dim.", "Iterations"
    )
    batch_size: int = advanced_option(
        24,
        "Patterns per update",
        "Number of patterns per update; larger batches make each sweep faster.",
        "Iterations",
        minimum=1,
    )
    seed: int = advanced_option(0, "Seed", "Seed for the random order of the patterns.", "Iterations", minimum=0)

    def __post_init__(self) -> None:
        refuse(field_problems(self))
