"""The ``cnn`` architecture: an encoder, and one decoder each for amplitude and phase."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptychopinn.backends.method import START_LOGIT, cnn_widths, decoder_plan
from ptychopinn.backends.torch.attention import EfficientChannelAttention, SpatialAttention, convolutional_attention
from ptychopinn.backends.torch.blocks import activate_amplitude, double_convolution, start_convolutions
from ptychopinn.backends.torch.cnn_options import CnnOptions
from ptychopinn.config.model import ModelConfig


class Encoder(nn.Module):
    """Blocks of two convolutions and max-pooling."""

    def __init__(self, channels: int, widths: list[int], options: CnnOptions) -> None:
        super().__init__()
        kinds = {"efficient": options.eca_encoder, "convolutional": options.cbam_encoder}
        plan = zip([channels, *widths[:-1]], widths, strict=True)
        self.blocks = nn.ModuleList(_block(*each, options, **kinds) for each in plan)
        self.last = convolutional_attention(widths[-1]) if options.cbam_bottleneck else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        """Map (group, channel, N, N) to the bottleneck."""
        for block in self.blocks:
            features = F.max_pool2d(block(features), 2)
        return self.last(features)


class Decoder(nn.Module):
    """Blocks of two convolutions and up-sampling, followed by heads for the centre and the outer region."""

    def __init__(
        self, channels: int, widths: list[int], pad_object: bool, probe_big: bool, options: CnnOptions
    ) -> None:
        super().__init__()
        kinds = {
            "efficient": options.eca_decoder,
            "convolutional": options.cbam_decoder,
            "spatial": options.spatial_decoder,
        }
        blocks: list[nn.Module] = []
        for number, each in enumerate(decoder_plan(widths, pad_object)):
            blocks += [nn.Upsample(scale_factor=2)] if number else []
            blocks.append(_block(*each, options, **kinds))
        self.blocks = nn.Sequential(*blocks)
        outer, last = pad_object and probe_big, widths[0]
        # Features of the outer region alone; 0: both regions read all features.
        self.split = min(round(options.decoder_last_c_outer_fraction * last), last - 1) if outer else 0
        self.centre = nn.Conv2d(last - self.split, channels, 3, padding=1)
        self.outer = nn.Conv2d(self.split or last, channels, 3, padding=1) if outer else None

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the centre at full resolution, and the full field at half resolution (None if not used)."""
        inner = features[:, : features.shape[1] - self.split]
        own = features[:, -self.split :] if self.split else features
        return self.centre(inner), None if self.outer is None else self.outer(own)


class CnnNetwork(nn.Module):
    """Predict object patches from the patterns of a group: one per pattern (``object_big``), or one per group."""

    def __init__(self, config: ModelConfig, options: CnnOptions | None = None) -> None:
        super().__init__()
        options = options or CnnOptions()
        channels = config.gridsize**2
        outputs = channels if config.object_big else 1
        self.n, self.options = config.N, options
        self.pad_object, self.amp_activation = config.pad_object, config.amp_activation
        self.edge_px = max(min(options.edge_pad, config.N // 2 - 1), 0)
        amplitudes = min(options.decoder_last_amp_channels or outputs, outputs)
        widths = cnn_widths(config.N, config.n_filters_scale)
        self.encoder = Encoder(channels, widths, options)
        self.amplitude = Decoder(amplitudes, widths, config.pad_object, config.probe_big, options)
        self.phase = Decoder(outputs, widths, config.pad_object, config.probe_big, options)
        self.shared = options.use_shared_decoder
        if self.shared:
            self.phase.blocks = self.amplitude.blocks
        start_convolutions(self, heads=("centre", "outer"))

    def forward(self, amplitude: Tensor, mixed: bool) -> Tensor:
        """Map relative amplitude (group, channel, N, N) to object patches (group, patch, N, N), complex64."""
        amplitude = self._scaled(amplitude)
        with torch.autocast(amplitude.device.type, dtype=torch.bfloat16, enabled=mixed):
            bottleneck = self.encoder(amplitude.contiguous(memory_format=torch.channels_last))
            features = self.amplitude.blocks(bottleneck)
            amplitude_parts = self.amplitude(features)
            phase_parts = self.phase(features if self.shared else self.phase.blocks(bottleneck))

        def activate(logit: Tensor) -> Tensor:
            return activate_amplitude(logit.float() + START_LOGIT[self.amp_activation], self.amp_activation)

        def turn(logit: Tensor) -> Tensor:
            return math.pi * torch.tanh(logit.float())

        modulus = self._assemble(amplitude_parts, activate)
        phase = self._assemble(phase_parts, turn)
        if modulus.shape[1] < phase.shape[1]:
            modulus = modulus[:, torch.arange(phase.shape[1], device=phase.device) % modulus.shape[1]]
        return torch.polar(self._edged(modulus), self._edged(phase))

    def _scaled(self, amplitude: Tensor) -> Tensor:
        """Scale the input as set by the options."""
        over = (1, 2, 3) if self.options.group_normalised else (0, 1, 2, 3)
        if self.options.peak_scaled:
            # A quarter of N is the peak of a typical pattern of mean intensity 1.
            return amplitude * (self.n / 4) / amplitude.amax(dim=over, keepdim=True).clamp_min(1e-12)
        if self.options.group_normalised:
            return amplitude / amplitude.square().mean(dim=over, keepdim=True).sqrt().clamp_min(1e-12)
        return amplitude

    def _edged(self, field: Tensor) -> Tensor:
        """Replace the edge of each patch with the nearest inner pixels."""
        edge = self.edge_px
        return F.pad(field[..., edge:-edge, edge:-edge], (edge,) * 4, mode="replicate") if edge else field

    def _assemble(self, parts: tuple[Tensor, Tensor | None], activate: Callable[[Tensor], Tensor]) -> Tensor:
        """Place the centre in the full field, surrounded by the outer region or zeros."""
        centre, outer = activate(parts[0]), parts[1]
        if not self.pad_object:
            return centre
        low = (self.n - centre.shape[-1]) // 2
        border = (low, self.n - centre.shape[-1] - low) * 2
        padded = F.pad(centre, border)
        if outer is None:
            return padded
        field = F.interpolate(activate(outer), size=(self.n, self.n), mode="bilinear", align_corners=False)
        return torch.where(F.pad(torch.ones_like(centre), border) > 0, padded, field)


def _block(
    inputs: int, outputs: int, options: CnnOptions, efficient: bool, convolutional: bool, spatial: bool = False
) -> nn.Module:
    """Return two convolutions, followed by the kinds of attention that are enabled."""
    block = double_convolution(inputs, outputs, options.batch_norm)
    attention: list[nn.Module] = [EfficientChannelAttention(outputs)] if efficient else []
    if convolutional:
        attention.append(convolutional_attention(outputs))
    if spatial:
        attention.append(SpatialAttention(options.decoder_spatial_kernel))
    # Without attention the block stays itself, and so do the names of its weights.
    return nn.Sequential(block, *attention) if attention else block
