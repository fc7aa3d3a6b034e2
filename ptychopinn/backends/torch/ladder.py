"""The ``cnn`` architecture: encoder, and one decoder each for amplitude and phase."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptychopinn.backends.torch.blocks import activate_amplitude, double_convolution
from ptychopinn.config.model import ModelConfig
from ptychopinn.errors import ConfigError


def ladder_widths(n: int, scale: int) -> list[int]:
    """Return the encoder's widths: down to a bottleneck of 8 x 8 with 128 ``scale`` features.

    Raises
    ------
    ConfigError
        N cannot be halved down to the bottleneck.
    """
    levels = max(int(math.log2(max(n, 1) / 8)), 0)
    if levels == 0 or n % 2**levels:
        raise ConfigError(
            f"N is {n}",
            "16, 32, 64, 128, 256, or another size that halves evenly down to about 8",
            "Choose architecture 'unrolled', which takes any N, or crop the patterns.",
        )
    return [max(128 * scale // 2 ** (levels - 1 - level), 4) for level in range(levels)]


class Encoder(nn.Module):
    """Blocks of two convolutions and max-pooling."""

    def __init__(self, channels: int, widths: list[int]) -> None:
        super().__init__()
        inputs = [channels, *widths[:-1]]
        self.blocks = nn.ModuleList(double_convolution(i, o) for i, o in zip(inputs, widths, strict=True))

    def forward(self, features: Tensor) -> Tensor:
        """Map (group, channel, N, N) to the bottleneck."""
        for block in self.blocks:
            features = F.max_pool2d(block(features), 2)
        return features


class Decoder(nn.Module):
    """Blocks of two convolutions and up-sampling to N/2, then heads for the centre and the outer region."""

    def __init__(self, channels: int, widths: list[int], pad_object: bool, probe_big: bool) -> None:
        super().__init__()
        down = list(reversed(widths))
        blocks: list[nn.Module] = [double_convolution(down[0], down[0])]
        for wide, narrow in zip(down[:-1], down[1:], strict=True):
            blocks += [nn.Upsample(scale_factor=2), double_convolution(wide, narrow)]
        if not pad_object:
            blocks += [nn.Upsample(scale_factor=2), double_convolution(down[-1], down[-1])]
        self.blocks = nn.Sequential(*blocks)
        self.centre = nn.Conv2d(down[-1], channels, 3, padding=1)
        self.outer = nn.Conv2d(down[-1], channels, 3, padding=1) if pad_object and probe_big else None

    def forward(self, bottleneck: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the centre (full resolution) and the outer region (half resolution, full field) or None."""
        features = self.blocks(bottleneck)
        return self.centre(features), None if self.outer is None else self.outer(features)


class LadderNetwork(nn.Module):
    """Predict one object patch per pattern (``object_big``) or one per group from the group's patterns."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        channels = config.gridsize**2
        outputs = channels if config.object_big else 1
        widths = ladder_widths(config.N, config.n_filters_scale)
        self.n = config.N
        self.pad_object = config.pad_object
        self.amp_activation = config.amp_activation
        self.encoder = Encoder(channels, widths)
        self.amplitude = Decoder(outputs, widths, config.pad_object, config.probe_big)
        self.phase = Decoder(outputs, widths, config.pad_object, config.probe_big)

    def forward(self, amplitude: Tensor, mixed: bool) -> Tensor:
        """Map relative diffraction amplitude (group, channel, N, N) to object patches of that form, complex64."""
        with torch.autocast(amplitude.device.type, dtype=torch.bfloat16, enabled=mixed):
            bottleneck = self.encoder(amplitude.contiguous(memory_format=torch.channels_last))
            amplitude_parts, phase_parts = self.amplitude(bottleneck), self.phase(bottleneck)

        def activate(logit: Tensor) -> Tensor:
            # The offset starts sigmoid and softplus near full transmission.
            return activate_amplitude(logit.float() + 0.5, self.amp_activation)

        def turn(logit: Tensor) -> Tensor:
            return math.pi * torch.tanh(logit.float())

        modulus = self._assemble(activate(amplitude_parts[0]), amplitude_parts[1], activate)
        phase = self._assemble(turn(phase_parts[0]), phase_parts[1], turn)
        return torch.polar(modulus, phase)

    def _assemble(self, centre: Tensor, outer: Tensor | None, activate: Callable[[Tensor], Tensor]) -> Tensor:
        """Put the centre into the full field; outside it is the outer region, or zero."""
        if not self.pad_object:
            return centre
        border = (self.n - centre.shape[-1]) // 2
        if outer is None:
            return F.pad(centre, (border, self.n - centre.shape[-1] - border) * 2)
        size = (self.n, self.n)
        field = F.interpolate(activate(outer), size=size, mode="bilinear", align_corners=False)
        inside = F.pad(torch.ones_like(centre), (border, self.n - centre.shape[-1] - border) * 2)
        return torch.where(inside > 0, F.pad(centre, (border, self.n - centre.shape[-1] - border) * 2), field)
