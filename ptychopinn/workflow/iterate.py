"""Run the iterative engine on a scan: from an empty object or from a reconstruction."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

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
    """Return an empty object on the grid of a scan, with the scan's probe scaled to the counts of the patterns."""
    counts = data.mean_counts()
    probe = normalise_probe(data.probe_modes, counts)
    shape = (0, 0) if data.objectGuess is None else np.shape(data.objectGuess)[-2:]
    grid = ObjectGrid.of_scan(data.positions_px, data.pattern_size, (int(shape[0]), int(shape[1])))
    return IterativeStart(np.ones(grid.shape, np.complex64), probe, grid.positions(data.positions_px))


@dataclass(frozen=True)
class Iteration:
    """A scan with the settings of the iterative engine, and the callables that report events and request a stop."""

    data: RawData
    config: IterativeConfig
    execution: PyTorchExecutionConfig | None
    report: Report
    should_stop: Stop

    def solve(self, start: IterativeStart) -> Solution:
        """Run the engine.

        Raises
        ------
        BackendError
            PyTorch is not installed.
        JobCancelled
            ``should_stop`` returned True.
        """
        sweeps = self.config.sweeps
        if self.config.position_correction and sweeps <= POSITIONS_FROM:
            text = (
                f"Position correction starts after {counted(POSITIONS_FROM, 'sweep')}; this run has only {sweeps}, "
                "so the positions stay unchanged."
            )
            notify(self.report, text)
        self.report(Phase(f"iterating, up to {counted(sweeps, 'sweep')}"))
        execution = self.execution or PyTorchExecutionConfig(**own_execution_defaults())
        solution = registry.solver()(self.data, start, self.config, execution, self.report, self.should_stop)
        if solution.stopped:
            raise JobCancelled("the iterations were stopped", mend="Start them again to get a result.")
        return solution

    def refined(self, result: Reconstruction) -> tuple[Reconstruction, int]:
        """Return the improved reconstruction and the number of sweeps; see :meth:`solve`.

        The time of the reconstruction includes that of the given result.
        """
        started = time.monotonic()
        solution = self.solve(IterativeStart(result.object_, result.probe, result.positions_px))
        better = replace(
            result,
            object_=solution.object_,
            probe=solution.probe,
            positions_px=solution.positions_px,
            dose=dose(solution.probe, solution.positions_px, solution.object_.shape),
            seconds=result.seconds + time.monotonic() - started,
        )
        return better, len(solution.r_factors)

    def from_flat(self) -> tuple[Reconstruction, int]:
        """Reconstruct the scan from an empty object; return the result and its number of sweeps. See :meth:`solve`."""
        started = time.monotonic()
        solution = self.solve(flat_start(self.data))
        light = dose(solution.probe, solution.positions_px, solution.object_.shape)
        obj: NDArray[np.complex64] = np.where(light > 0, solution.object_, np.complex64(1))
        seconds = time.monotonic() - started
        return Reconstruction(obj, solution.probe, solution.positions_px, light, seconds), len(solution.r_factors)
