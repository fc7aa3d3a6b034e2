"""The iterative engine on scans: where it begins, and what it makes of a reconstruction."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends import registry
from ptychopinn.backends.base import Reconstruction
from ptychopinn.backends.iterative import POSITIONS_FROM, IterativeStart, Solution
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.presets import own_execution_defaults
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import JobCancelled
from ptychopinn.events import Phase, Report, Stop, notify
from ptychopinn.physics.scaling import normalise_probe
from ptychopinn.quality.coverage import dose
from ptychopinn.stitching.object_grid import ObjectGrid
from ptychopinn.wording import counted


def flat_start(data: RawData) -> IterativeStart:
    """Return an empty object on the grid of a scan, with the scan's own probe at the scale of its counts."""
    counts = data.mean_counts()
    probe = normalise_probe(data.probe_modes, counts)
    shape = (0, 0) if data.objectGuess is None else np.shape(data.objectGuess)[-2:]
    grid = ObjectGrid.of_scan(data.positions_px, data.pattern_size, (int(shape[0]), int(shape[1])))
    return IterativeStart(np.ones(grid.shape, np.complex64), probe, grid.positions(data.positions_px))


def solve(
    data: RawData,
    start: IterativeStart,
    config: IterativeConfig,
    execution: PyTorchExecutionConfig | None,
    report: Report,
    should_stop: Stop,
) -> Solution:
    """Run the engine.

    Raises
    ------
    BackendError
        PyTorch is not installed.
    JobCancelled
        ``should_stop`` answered yes.
    """
    if config.position_correction and config.sweeps <= POSITIONS_FROM:
        text = (
            f"Positions are corrected after {counted(POSITIONS_FROM, 'sweep')};"
            f" with {config.sweeps} they stay as they are."
        )
        notify(report, text)
    report(Phase(f"iterating, up to {counted(config.sweeps, 'sweep')}"))
    execution = execution or PyTorchExecutionConfig(**own_execution_defaults())
    found = registry.solver()(data, start, config, execution, report, should_stop)
    if found.stopped:
        raise JobCancelled("the iterations were stopped", mend="Start them again for a result.")
    return found


def refined(
    data: RawData,
    found: Reconstruction,
    config: IterativeConfig,
    execution: PyTorchExecutionConfig | None,
    report: Report,
    should_stop: Stop,
) -> tuple[Reconstruction, int]:
    """Improve a reconstruction; return it, and the number of sweeps. Its time is counted in. See :func:`solve`."""
    began = time.monotonic()
    start = IterativeStart(found.object_, found.probe, found.positions_px)
    solution = solve(data, start, config, execution, report, should_stop)
    better = dataclasses.replace(
        found,
        object_=solution.object_,
        probe=solution.probe,
        positions_px=solution.positions_px,
        dose=dose(solution.probe, solution.positions_px, solution.object_.shape),
        seconds=found.seconds + time.monotonic() - began,
    )
    return better, len(solution.r_factors)


def from_flat(
    data: RawData,
    config: IterativeConfig,
    execution: PyTorchExecutionConfig | None,
    report: Report,
    should_stop: Stop,
) -> tuple[Reconstruction, int]:
    """Reconstruct a scan without a network, from an empty object; return it and its sweeps. See :func:`solve`."""
    began = time.monotonic()
    start = flat_start(data)
    solution = solve(data, start, config, execution, report, should_stop)
    light = dose(solution.probe, solution.positions_px, start.object_.shape)
    obj: NDArray[np.complex64] = np.where(light > 0, solution.object_, np.complex64(1))
    found = Reconstruction(obj, solution.probe, solution.positions_px, light, time.monotonic() - began)
    return found, len(solution.r_factors)
