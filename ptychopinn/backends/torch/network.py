"""The complete model: the network, followed by illumination and far-field propagation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ptychopinn.backends.method import START_SCALE
from ptychopinn.backends.torch.cnn import CnnNetwork
from ptychopinn.backends.torch.cnn_options import CnnOptions
from ptychopinn.backends.torch.far_field import intensity
from ptychopinn.backends.torch.group_canvas import GroupCanvas
from ptychopinn.backends.torch.unrolled import UnrolledNetwork
from ptychopinn.config.training import TrainingConfig


@dataclass(frozen=True)
class GroupObject:
    """Objects of a batch of groups: canvases (group, rows, columns), complex, and the layout of the patches."""

    canvas: Tensor
    layout: GroupCanvas


class PtychoNetwork(nn.Module):
    """Predict objects from groups of patterns, and patterns from objects.

    All values are relative: amplitudes are divided by the scan's root mean square per pixel, so that
    the mean intensity per pixel is 1. The probe has a total power of N * N.

    Parameters
    ----------
    training : TrainingConfig
    modes : int
        Number of incoherent probe modes.
    probe_trainable : bool
        Whether to train the probe even if the settings do not enable this.
    mask : tensor (N, N) or None
        Mask by which the probe is multiplied.
    options : CnnOptions or None
    """

    def __init__(
        self,
        training: TrainingConfig,
        modes: int = 1,
        *,
        probe_trainable: bool = False,
        mask: Tensor | None = None,
        options: CnnOptions | None = None,
    ) -> None:
        super().__init__()
        config = training.model
        self.config, self.mixed = config, False
        self.network: UnrolledNetwork | CnnNetwork
        self.network = UnrolledNetwork(config) if config.architecture == "unrolled" else CnnNetwork(config, options)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        n = config.N
        probe_trainable = training.probe_trainable or probe_trainable
        self.probe_parts = nn.Parameter(torch.zeros(modes, n, n, 2), requires_grad=probe_trainable)
        self.register_buffer("mask", mask, persistent=False)
        start = math.log(START_SCALE[config.amp_activation])
        self.log_scale = nn.Parameter(torch.tensor(start), requires_grad=training.intensity_scale_trainable)

    def set_probe(self, probe: NDArray[np.complexfloating]) -> None:
        """Set the probe (mode, N, N); its power is scaled to N * N."""
        relative = relative_probe(torch.as_tensor(np.asarray(probe, np.complex64)))
        # Another scan may have another number of modes.
        self.probe_parts.data = torch.view_as_real(relative.contiguous()).to(self.probe_parts.device)

    def take_weights(self, other: PtychoNetwork) -> None:
        """Copy all weights except the probe from another network with the same settings."""
        learned = {name: value for name, value in other.state_dict().items() if name != "probe_parts"}
        self.load_state_dict(learned, strict=False)

    @property
    def probe(self) -> Tensor:
        """The relative probe (mode, N, N), complex64, after masking."""
        return self.masked(torch.view_as_complex(self.probe_parts))

    def masked(self, probe: Tensor) -> Tensor:
        """Return a probe (mode, N, N) after masking.

        The probe is multiplied by ``mask`` if there is one. Otherwise, ``probe_mask`` limits the probe to a disk of
        radius N/4.
        """
        if isinstance(self.mask, Tensor):
            return probe * self.mask
        if not self.config.probe_mask:
            return probe
        axis = torch.arange(self.config.N, device=self.probe_parts.device) - self.config.N // 2
        return probe * (axis[:, None].square() + axis[None, :].square() <= (self.config.N / 4) ** 2).float()

    def forward(
        self, amplitude: Tensor, offsets_px: Tensor, shape: tuple[int, int], probe: Tensor | None = None
    ) -> GroupObject:
        """Predict the objects of a batch of groups.

        Parameters
        ----------
        amplitude : tensor (group, channel, N, N), float32
            Relative diffraction amplitude.
        offsets_px : tensor (group, channel, 2), float32
            Scan positions (y, x) relative to the group's origin.
        shape : (int, int)
            Canvas rows and columns.
        probe : tensor (mode, N, N) or None
            Relative probe; None uses the probe of the network.
        """
        probe = self.probe if probe is None else self.masked(probe)
        scale = self.log_scale.exp()
        unrolled, shared = isinstance(self.network, UnrolledNetwork), self.config.object_big
        alone = unrolled and not shared
        layout = GroupCanvas.build(offsets_px.flatten(0, 1)[:, None] if alone else offsets_px, probe, shape)
        if unrolled:
            canvas = self.network(amplitude.flatten(0, 1), layout, scale.detach(), self.mixed)
        else:
            patches = self.network(amplitude, self.mixed).flatten(0, 1)
            target = layout if shared else GroupCanvas.build(torch.zeros_like(offsets_px[:, :1]), probe, shape)
            canvas = target.merge(patches) if shared else target.place(patches)
        return GroupObject(scale * canvas, layout)

    def patterns(self, result: GroupObject) -> Tensor:
        """Return the expected relative intensities (group * channel, N, N) of predicted groups."""
        exit_wave = result.layout.probe * result.layout.extract(result.canvas)[:, None]
        sigma = self.config.gaussian_smoothing_sigma
        return intensity(smooth(exit_wave, sigma) if sigma > 0 else exit_wave)


def relative_probe(probe: Tensor) -> Tensor:
    """Scale a probe (mode, N, N) to a total power of N * N; replace an all-zero probe with a plane wave."""
    power = torch.view_as_real(probe.to(torch.complex64)).square().sum()
    if not power > 0:
        return torch.full_like(probe, 1 / math.sqrt(len(probe)), dtype=torch.complex64)
    return probe.to(torch.complex64) * (probe.shape[-1] / power.sqrt())


def smooth(field: Tensor, sigma_px: float) -> Tensor:
    """Convolve complex fields (..., N, N) with a periodic Gaussian of standard deviation ``sigma_px``."""
    fy = torch.fft.fftfreq(field.shape[-2], device=field.device)
    fx = torch.fft.fftfreq(field.shape[-1], device=field.device)
    envelope = torch.exp(-2 * (math.pi * sigma_px) ** 2 * (fy[:, None].square() + fx[None, :].square()))
    return torch.fft.ifft2(torch.fft.fft2(field) * envelope)
