"""How the iterative engine works on a scan: quick look, probe calibration, refinement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ptychopinn.config.field import option
from ptychopinn.config.ranges import field_problems, refuse


@dataclass(frozen=True)
class IterativeConfig:
    """Settings of the iterative engine."""

    sweeps: int = option(20, label="Sweeps", help="Number of passes over all patterns.", minimum=1, group="Iterations")
    modes: int | None = option(
        None,
        label="Probe modes",
        help="Number of incoherent probe modes; a partially coherent beam needs two or three.",
        minimum=1,
        maximum=8,
        group="Probe",
        unset="as given",
    )
    update_probe: bool = option(
        True, label="Update probe", help="Updates the probe together with the object.", group="Probe"
    )
    position_correction: bool = option(
        False,
        label="Correct positions",
        help="Moves each scan position to where its pattern fits best, from the sixth sweep on;"
        " a common shift is removed.",
        group="Positions",
    )
    stop_early: bool = option(
        True,
        label="Stop when it no longer pays",
        help="Stops four sweeps after R has fallen by less than 0.1 % in each of three sweeps.",
        group="Iterations",
    )
    method: Literal["rPIE", "ePIE"] = option(
        "rPIE",
        label="Method",
        help="'rPIE' converges faster; 'ePIE' takes smaller steps where the probe is dim.",
        group="Iterations",
        advanced=True,
    )
    batch_size: int = option(
        24,
        label="Patterns at a time",
        help="Patterns per update; larger values make a sweep faster but need more sweeps.",
        minimum=1,
        group="Iterations",
        advanced=True,
    )
    seed: int = option(
        0, label="Seed", help="Seed of the random order of the patterns.", minimum=0, group="Iterations", advanced=True
    )

    def __post_init__(self) -> None:
        refuse(field_problems(self))
