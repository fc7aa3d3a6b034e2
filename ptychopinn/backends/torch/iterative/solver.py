"""rPIE or ePIE over a whole scan, in batches."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptychopinn.backends.iterative import POSITIONS_FROM, IterativeStart, Solution, iterate
from ptychopinn.backends.preview import shrink
from ptychopinn.backends.torch.far_field import power
from ptychopinn.backends.torch.group_canvas import lay_out
from ptychopinn.backends.torch.iterative.modes import add_modes, orthogonalised
from ptychopinn.backends.torch.iterative.updates import ObjectUpdate, position_update, probe_update
from ptychopinn.backends.torch.precision import choose_device
from ptychopinn.backends.torch.sweeps import to_corner
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Preview, Report, Stop

_ALPHA = {"rPIE": 0.2, "ePIE": 1.0}
_PROBE_STEP = 0.5
# Part of the mean intensity of a detector pixel.
_DARK = 1e-6
# The object needs a first shape before it can correct the probe.
_PROBE_FROM = 1


def solve(
    data: RawData,
    start: IterativeStart,
    config: IterativeConfig,
    execution: PyTorchExecutionConfig,
    report: Report,
    should_stop: Stop,
) -> Solution:
    """Improve object, probe and positions of a scan by rPIE or ePIE; see :class:`IterativeConfig`.

    Notes
    -----
    Maiden, Johnson and Li, Optica 4, 736 (2017); modes as in Thibault and Menzel, Nature 494, 68 (2013).
    The updates of a batch are added and divided by their summed illumination, which keeps a full step stable.
    """
    device = choose_device(execution.accelerator)
    return iterate(Solver(data, start, config, device), config, report, should_stop)


class Solver:
    """Object, probe and positions of a scan, improved by each :meth:`sweep` over all patterns."""

    def __init__(self, data: RawData, start: IterativeStart, config: IterativeConfig, device: torch.device) -> None:
        self._data, self._config, self._device = data, config, device
        # The margin holds patches that stick out of the object.
        self._margin = data.pattern_size
        padded = np.pad(start.object_, self._margin, constant_values=1)
        self._canvas = torch.from_numpy(padded.astype(np.complex64)).to(device)
        self._update_object = ObjectUpdate(self._canvas)
        probe = torch.from_numpy(np.ascontiguousarray(start.probe, np.complex64)).to(device)
        self._probe = add_modes(probe, config.modes) if config.modes else probe
        self._start_px = np.asarray(start.positions_px, np.float64)
        self._positions = self._start_px.copy()
        # Where the model is darker, its phase is rounding noise.
        self._floor = _DARK * data.mean_counts() / data.pattern_size**2
        self._order = np.random.default_rng(config.seed)

    def sweep(self, number: int, step: float, should_stop: Stop) -> float | None:
        """Use every pattern once, in random order; see :class:`ptychopinn.backends.iterative.Iterations`."""
        shuffled = self._order.permutation(self._data.n_patterns)
        moves = self._config.position_correction and number > POSITIONS_FROM
        updates_probe = self._config.update_probe and number > _PROBE_FROM
        error = total = 0.0
        for low in range(0, len(shuffled), self._config.batch_size):
            if should_stop():
                return None
            part = self._batch(np.sort(shuffled[low : low + self._config.batch_size]), step, updates_probe, moves)
            error, total = error + part[0], total + part[1]
        if updates_probe:
            self._probe = orthogonalised(self._probe)
        if moves:
            # A common shift of all positions equals a shift of the object and cannot be determined.
            self._positions -= (self._positions - self._start_px).mean(axis=0)
        return error / max(total, 1e-300)

    def _batch(self, chosen: NDArray[np.int64], step: float, updates_probe: bool, moves: bool) -> tuple[float, float]:
        shape = (int(self._canvas.shape[0]), int(self._canvas.shape[1]))
        centre = np.asarray(shape) // 2 - self._margin
        offsets = torch.from_numpy((self._positions[chosen] - centre).astype(np.float32)).to(self._device)
        amplitude = to_corner(torch.from_numpy(self._data.amplitude(chosen)).to(self._device))
        flat_index, probe = lay_out(offsets[None], self._probe, shape)
        patch = self._canvas.view(-1)[flat_index]
        exit_wave = probe * patch[:, None]
        field = torch.fft.fft2(exit_wave, norm="ortho")
        modelled = power(field).sum(dim=1).add(self._floor).sqrt()
        change = torch.fft.ifft2(field * (amplitude / modelled - 1)[:, None], norm="ortho")
        alpha, scaled = _ALPHA[self._config.method], step * change
        self._update_object(flat_index, probe, scaled, alpha)
        if updates_probe:
            fraction = offsets - torch.floor(offsets + 0.5)
            self._probe = self._probe + _PROBE_STEP * probe_update(patch, scaled, fraction, alpha)
        if moves:
            self._positions[chosen] += position_update(probe, patch, change).cpu().numpy()
        return float((amplitude - modelled).abs().sum()), float(amplitude.sum())

    def preview(self, number: int) -> Preview:
        """Return a small image of the object, with a mean phase of zero."""
        inner = self._inner().cpu().numpy()
        small = shrink(inner * np.exp(-1j * np.angle(inner.mean())))
        return Preview(number, np.abs(small).astype(np.float32), np.angle(small).astype(np.float32))

    def _inner(self) -> Tensor:
        return self._canvas[self._margin : -self._margin, self._margin : -self._margin]

    def solution(self) -> IterativeStart:
        """Return the state, with the probe scaled to the mean counts of the data and the object scaled inversely."""
        power = float(self._probe.abs().square().sum())
        scale = math.sqrt(power / self._data.mean_counts())
        return IterativeStart(
            (self._inner() * scale).cpu().numpy().astype(np.complex64),
            (self._probe / scale).cpu().numpy().astype(np.complex64),
            self._positions.copy(),
        )
