"""Run the iterative engine on a scan: from an empty object or from a reconstruction."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends import registry
from ptychopinn.backends.base import Reconstruction
from ptychopinn.backends.iterative import IterativeStart, Solution
from ptychopinn.backends.sweep_schedule import POSITIONS_FROM
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
        """Run the engine; if stopped, return the state after the sweeps that were completed.

        Raises
        ------
        BackendError
            PyTorch is not installed.
        JobCancelled
            ``should_stop`` returned True before the first sweep was completed.
        """
        sweeps = self.config.sweeps
        if self.config.position_correction and sweeps <= POSITIONS_FROM:
            text = (
                f"Position correction starts after {counted(POSITIONS_FROM, 'sweep')}; this run has only {sweeps}, "
                "so the positions stay unchanged."
            )
            notify(self.report, text)
        if self.config.position_correction and self.config.method == "L-BFGS":
            notify(self.report, "L-BFGS cannot correct positions, so all sweeps use the method 'multilevel'.")
        self.report(Phase(f"iterating, up to {counted(sweeps, 'sweep')}"))
        execution = self.execution or PyTorchExecutionConfig(**own_execution_defaults())
        solution = registry.solver()(self.data, start, self.config, execution, self.report, self.should_stop)
        if solution.stopped and not solution.r_factors:
            raise _stopped()
        return solution

    def completed(self, start: IterativeStart) -> Solution:
        """Run the engine as :meth:`solve` does, but raise :class:`JobCancelled` if stopped at any time."""
        solution = self.solve(start)
        if solution.stopped:
            raise _stopped()
        return solution

    def refined(self, result: Reconstruction) -> Reconstruction:
        """Refine a reconstruction and add the time taken to its ``seconds``. See :meth:`solve`."""
        started = time.monotonic()
        start = IterativeStart(result.object_, result.probe, result.positions_px, fitted=True)
        solution = self.solve(start)
        if solution.returned:
            # Without modes that the engine has added.
            solution = replace(solution, object_=start.object_, probe=start.probe, positions_px=start.positions_px)
        light = dose(solution.probe, solution.positions_px, solution.object_.shape)
        return self._result(solution, solution.object_, light, result.seconds + time.monotonic() - started, result)

    def from_flat(self) -> Reconstruction:
        """Reconstruct the scan from an empty object. See :meth:`solve`."""
        started = time.monotonic()
        solution = self.solve(flat_start(self.data))
        light = dose(solution.probe, solution.positions_px, solution.object_.shape)
        obj: NDArray[np.complex64] = np.where(light > 0, solution.object_, np.complex64(1))
        return self._result(solution, obj, light, time.monotonic() - started)

    def _result(
        self,
        solution: Solution,
        obj: NDArray[np.complex64],
        light: NDArray[np.float32],
        seconds: float,
        before: Reconstruction | None = None,
    ) -> Reconstruction:
        notices = before.notices if before else ()
        if solution.stopped:
            done = len(solution.r_factors)
            text = f"The iterations were stopped after {done} of {counted(self.config.sweeps, 'sweep')}."
            notify(self.report, text, "warning")
            notices = (*notices, text)
        if solution.returned:
            text = "The sweeps did not explain the patterns better than their starting point, which is the result."
            notify(self.report, text, "warning")
            notices = (*notices, text)
        return Reconstruction(
            obj,
            solution.probe,
            solution.positions_px,
            light,
            seconds,
            notices,
            solution.r_factors,
            solution.r_free,
            solution.stopped,
        )


def _stopped() -> JobCancelled:
    return JobCancelled("the iterations were stopped", mend="Start them again to get a result.")
