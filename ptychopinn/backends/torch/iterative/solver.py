"""Mini-batch sweeps and L-BFGS steps over a whole scan."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptychopinn.backends.iterative import IterativeStart, Solution, iterate
from ptychopinn.backends.preview import shrink
from ptychopinn.backends.sweep_schedule import Pace
from ptychopinn.backends.torch.far_field import power
from ptychopinn.backends.torch.iterative.coarse import ObjectUpdate
from ptychopinn.backends.torch.iterative.descent import Descent, Point
from ptychopinn.backends.torch.iterative.measured import sum_dtype
from ptychopinn.backends.torch.iterative.modes import add_modes, orthogonalised
from ptychopinn.backends.torch.iterative.scene import CHUNK, Batch, Scene
from ptychopinn.backends.torch.iterative.updates import position_update, probe_pull, probe_update, regularised
from ptychopinn.backends.torch.precision import choose_device
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.data.checks.positions import median_step, overlap_of
from ptychopinn.data.checks.probe import probe_diameter
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Preview, Report, Stop, ignore, notify

# Part of the mean intensity of a detector pixel.
_DARK = 1e-6
# Regularisation of the preconditioner of L-BFGS, for probe and object.
_PROBE_ALPHA = 0.2
_DESCENT_ALPHA = 0.05
# Patterns per update on a CPU, and the least and the largest number on a GPU; there, a scan has about 40 updates.
_CPU_BATCH = 8
_DIM_BATCH = 24
_GPU_BATCH = (16, 256)
_GPU_UPDATES = 40
# Noise floor of R above which R falls while an object fits noise.
_DIM_FLOOR = 0.2


def solve(
    data: RawData,
    start: IterativeStart,
    config: IterativeConfig,
    execution: PyTorchExecutionConfig,
    report: Report,
    should_stop: Stop,
) -> Solution:
    """Improve object, probe and positions of a scan; see :class:`IterativeConfig`.

    Notes
    -----
    Maiden, Johnson and Li, Optica 4, 736 (2017); modes as in Thibault and Menzel, Nature 494, 68 (2013).
    The updates of a batch are added and divided by their summed illumination, which keeps a full step stable. The
    remaining error is reduced on coarser grids, as in a multigrid method (Briggs, Henson and McCormick, A Multigrid
    Tutorial, 2000).
    """
    solver = Solver(data, start, config, choose_device(execution.accelerator), report)
    overlap = overlap_in(start)
    return iterate(solver, config, data.n_patterns, overlap, report, should_stop, fitted=start.fitted)


def overlap_in(start: IterativeStart) -> float | None:
    """Return the linear overlap of neighbouring probes, 0 to 1; None for a single position or a dark probe."""
    step, diameter = median_step(start.positions_px), probe_diameter(start.probe)
    return None if step is None or diameter is None else overlap_of(step, diameter)


class Solver:
    """Object, probe and positions of a scan; see :class:`ptychopinn.backends.iterative.Engine`."""

    def __init__(
        self,
        data: RawData,
        start: IterativeStart,
        config: IterativeConfig,
        device: torch.device,
        report: Report = ignore,
    ) -> None:
        self._data, self._config, self._device, self._report = data, config, device, report
        n = data.pattern_size
        probe = torch.from_numpy(np.ascontiguousarray(start.probe, np.complex64)).to(device)
        probe = add_modes(probe, config.modes) if config.modes else probe
        fixed = not config.update_probe and not config.position_correction
        self._scene = Scene(data, start.object_, probe, start.positions_px, device, fixed)
        self._update_object = ObjectUpdate(self._scene.canvas, device)
        self._start_px = self._scene.positions_px.copy()
        # Where the model is darker, its phase is rounding noise.
        self._floor = _DARK * data.mean_counts() / n**2
        self.dim = self._scene.patterns.noise_floor() > _DIM_FLOOR
        self._batch_size = config.batch_size or self._fitting_batch()
        self._velocity: Point = []
        self._descent: Descent | None = None
        self._descent_r = math.inf
        self._scales: Point = []

    def _fitting_batch(self) -> int:
        if self._device.type == "cpu":
            return _DIM_BATCH if self.dim else _CPU_BATCH
        return int(np.clip(self._data.n_patterns // _GPU_UPDATES, *_GPU_BATCH))

    def sweep(self, order: NDArray[np.int64], pace: Pace, should_stop: Stop) -> float | None:
        """Use each pattern in ``order`` once, in batches; see :class:`ptychopinn.backends.iterative.Engine`."""
        self._descent = None
        values = self._scene.canvas.values
        if pace.momentum and self._velocity:
            # Continue in the direction of the last sweeps.
            values.add_(self._velocity[0], alpha=pace.momentum)
        state = self.snapshot()
        while True:
            try:
                error = self._steps(order, pace, should_stop)
                break
            except torch.cuda.OutOfMemoryError:
                if self._batch_size == 1:
                    raise
            # Only here are the tensors of the interrupted step free again.
            self._batch_size = max(self._batch_size // 2, 1)
            notify(self._report, f"The GPU is out of memory. Patterns per update: {self._batch_size}.", "warning")
            self._scene.canvas.clear()
            self._update_object.clear()
            self.restore(state)
        if error is None:
            return None
        if pace.probe_step:
            self._scene.probe = orthogonalised(self._scene.probe)
        if pace.move:
            # A common shift of all positions equals a shift of the object and cannot be determined.
            self._scene.positions_px -= (self._scene.positions_px - self._start_px).mean(axis=0)
        if pace.momentum:
            change = values - state[0]
            self._velocity = [change.add_(self._velocity[0], alpha=pace.momentum) if self._velocity else change]
        else:
            self._velocity = []
        return _ratio(error)

    def _steps(self, order: NDArray[np.int64], pace: Pace, should_stop: Stop) -> Tensor | None:
        """Make the updates of a sweep; return the sums of :meth:`_compare`, or None if stopped."""
        error = torch.zeros(2, device=self._device)
        for batch in self._scene.batches(order, self._batch_size):
            if should_stop():
                return None
            self._step(batch, pace, error)
        return error

    def _step(self, batch: Batch, pace: Pace, error: Tensor) -> None:
        patch, probe, change = self._compare(batch, error)
        self._add(batch, probe, change)
        self._update_object(batch.tiles_t, pace.step, pace.alpha, pace.coarse)
        if pace.probe_step:
            self._scene.probe = self._scene.probe + pace.probe_step * probe_update(
                patch, change, batch.fractions_t, pace.probe_alpha
            )
        if pace.move:
            self._scene.positions_px[batch.chosen] += position_update(probe, patch, change).cpu().numpy()

    def _compare(self, batch: Batch, error: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the patches, the probes, and the corrections that make the exit waves fit the patterns.

        Add the sums of |A - A_model| and of A to ``error`` (2,).
        """
        amplitude = self._scene.amplitude(batch)
        patch, probe = self._scene.canvas.cut(batch.corners_t), self._scene.moved(batch)
        field = torch.fft.fft2(probe * patch[:, None], norm="ortho")
        counts = power(field).sum(dim=1)
        error += torch.stack([(amplitude - counts.sqrt()).abs_().sum(), amplitude.sum()])
        field *= (amplitude * counts.add_(self._floor).rsqrt_() - 1)[:, None]
        return patch, probe, torch.fft.ifft2(field, norm="ortho")

    def _add(self, batch: Batch, probe: Tensor, change: Tensor) -> None:
        pulled, dose = (probe.conj() * change).sum(dim=1), power(probe).sum(dim=1)
        self._scene.canvas.add(batch.corners, batch.corners_t, pulled, dose)

    def descend(self, chosen: NDArray[np.int64], should_stop: Stop) -> float | None:
        """Evaluate the patterns once for L-BFGS; see :class:`ptychopinn.backends.iterative.Engine`."""
        batches = self._scene.batches(chosen, CHUNK)
        r = math.inf
        stopped = False

        def evaluate(point: Point) -> tuple[float, Point]:
            nonlocal r, stopped
            self._place(point)
            error = torch.zeros(2, device=self._device)
            loss = torch.zeros((), dtype=sum_dtype(self._device), device=self._device)
            pull = torch.zeros_like(self._scene.probe)
            for batch in batches:
                stopped = stopped or should_stop()
                if stopped:
                    return math.inf, []
                patch, probe, change = self._compare(batch, error)
                loss += power(change).sum()
                self._add(batch, probe, change)
                if self._config.update_probe:
                    pull += probe_pull(patch, change, batch.fractions_t)
            pulls = (self._scene.canvas.pulled, pull)
            gradient = [-scale * each for scale, each in zip(self._scales, pulls, strict=False)]
            self._scene.canvas.clear()
            r = _ratio(error)
            return float(loss), gradient

        if self._descent is None:
            self._scales = self._preconditioner(batches)
            now = (self._scene.canvas.values, self._scene.probe)
            point = [each / scale for scale, each in zip(self._scales, now, strict=False)]
            loss, gradient = evaluate(point)
            self._descent, self._descent_r = Descent(point, gradient, loss), r
        if not stopped and self._descent.step(evaluate):
            self._descent_r = r
        self._scene.canvas.clear()
        if stopped:
            return None
        self._place(self._descent.point)
        return self._descent_r

    def _preconditioner(self, batches: list[Batch]) -> Point:
        """Return the factors by which L-BFGS scales the canvas and, if it is updated, the probe."""
        light = torch.zeros(self._data.pattern_size, self._data.pattern_size, device=self._device)
        for batch in batches:
            probe = self._scene.moved(batch)
            self._add(batch, probe, torch.zeros_like(probe))
            light += power(self._scene.canvas.cut(batch.corners_t)).sum(dim=0)
        doses = [(self._scene.canvas.dose, _DESCENT_ALPHA), (light, _PROBE_ALPHA)]
        scales = [regularised(dose, alpha).rsqrt() for dose, alpha in doses]
        self._scene.canvas.clear()
        return scales if self._config.update_probe else scales[:1]

    def _place(self, point: Point) -> None:
        self._scene.canvas.values.copy_(point[0] * self._scales[0])
        if len(point) > 1:
            self._scene.probe = point[1] * self._scales[1]

    def figures(self, chosen: NDArray[np.int64]) -> tuple[float, float]:
        """Return R and the likelihood of patterns; see :class:`ptychopinn.backends.iterative.Engine`."""
        sums = torch.zeros(4, device=self._device)
        for batch in self._scene.batches(chosen, CHUNK):
            amplitude, model = self._scene.amplitude(batch), self._scene.counts(batch)
            counts = amplitude.square()
            # Half the deviance of the Poisson distribution.
            loss = model - counts + torch.special.xlogy(counts, counts / (model + self._floor))
            errors = (amplitude - model.sqrt()).abs_()
            sums += torch.stack([each.sum() for each in (errors, amplitude, loss, counts)])
        return _ratio(sums[:2]), _ratio(sums[2:])

    def snapshot(self) -> Any:
        """Return a copy of object, probe and positions."""
        return self._scene.canvas.values.clone(), self._scene.probe.clone(), self._scene.positions_px.copy()

    def restore(self, snapshot: Any) -> None:
        """Restore the state from a snapshot, and discard momentum and the L-BFGS history."""
        values, probe, positions = snapshot
        self._scene.canvas.values.copy_(values)
        self._scene.probe, self._scene.positions_px = probe.clone(), positions.copy()
        self._velocity, self._descent = [], None

    def preview(self, number: int) -> Preview:
        """Return a small image of the object, with a mean phase of zero."""
        inner = self._scene.canvas.inner().cpu().numpy()
        small = shrink(inner * np.exp(-1j * np.angle(inner.mean())))
        return Preview(number, np.abs(small).astype(np.float32), np.angle(small).astype(np.float32))

    def solution(self) -> IterativeStart:
        """Return the state; an updated probe is scaled to the mean counts per pattern, and the object inversely."""
        scale = 1.0
        if self._config.update_probe:
            scale = math.sqrt(float(power(self._scene.probe).sum()) / max(self._data.mean_counts(), 1e-300))
        return IterativeStart(
            (self._scene.canvas.inner() * scale).cpu().numpy().astype(np.complex64),
            (self._scene.probe / scale).cpu().numpy().astype(np.complex64),
            self._scene.positions_px.copy(),
        )


def _ratio(sums: Tensor) -> float:
    """Return the first of two sums divided by the second."""
    first, second = sums.tolist()
    return first / max(second, 1e-300)
