"""The shortest code that makes an rPIE sweep with a fixed probe: a yardstick for the engine."""

from __future__ import annotations

import numpy as np
import torch

from ptychopinn.data.raw_data import RawData

_BATCH, _ALPHA, _DARK = 24, 0.2, 1e-6


class BareLoop:
    """A scan with everything that does not change prepared: amplitudes, shifted probes, indices."""

    def __init__(self, raw: RawData, device: torch.device) -> None:
        n = raw.pattern_size
        amplitude = torch.fft.ifftshift(torch.from_numpy(raw.amplitude()), dim=(-2, -1))
        positions = raw.positions_px - np.floor(raw.positions_px.min(axis=0)) + n // 2 + 4
        whole = np.floor(positions + 0.5)
        fraction = torch.from_numpy((positions - whole).astype(np.float32))
        rows, columns = (int(side) + n + 8 for side in whole.max(axis=0))
        frequency = torch.fft.fftfreq(n)
        turns = frequency[None, :, None] * fraction[:, :1, None] + frequency * fraction[:, 1:, None]
        probe = torch.from_numpy(raw.probe_modes[0])
        shifted = torch.fft.ifft2(torch.fft.fft2(probe) * torch.exp(-2j * torch.pi * turns))
        corner = torch.from_numpy(whole).long() - n // 2
        steps = torch.arange(n)
        index = (corner[:, :1, None] + steps[:, None]) * columns + corner[:, 1:, None] + steps
        self._amplitude, self._probe, self._index = (each.to(device) for each in (amplitude, shifted, index))
        self._floor = _DARK * float(amplitude.square().mean())
        self._size = rows * columns
        self.object_ = torch.ones(self._size, dtype=torch.complex64, device=device)

    def sweep(self) -> None:
        """Use every pattern once."""
        order = torch.randperm(len(self._amplitude), device=self.object_.device)
        for chosen in torch.split(order, _BATCH):
            probe, index = self._probe[chosen], self._index[chosen].view(-1)
            field = torch.fft.fft2(probe * self.object_[index].view(probe.shape), norm="ortho")
            modelled = (field.abs() ** 2 + self._floor).sqrt()
            change = torch.fft.ifft2(field * (self._amplitude[chosen] / modelled - 1), norm="ortho")
            pulled, dose = (
                torch.zeros(self._size, dtype=each.dtype, device=each.device).index_add(0, index, each.reshape(-1))
                for each in (probe.conj() * change, probe.abs() ** 2)
            )
            self.object_ = self.object_ + pulled / ((1 - _ALPHA) * dose + _ALPHA * dose.amax())
