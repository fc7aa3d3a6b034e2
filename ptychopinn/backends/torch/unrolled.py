"""The ``unrolled`` architecture: a few physics sweeps per group, then a U-Net on the group's canvas."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptychopinn.backends.method import LEVELS, PREDICTION_SWEEPS, TRAINING_SWEEPS, unet_plan
from ptychopinn.backends.torch.blocks import activate_amplitude, double_convolution, upsample
from ptychopinn.backends.torch.group_canvas import GroupCanvas
from ptychopinn.backends.torch.sweeps import sweep_groups
from ptychopinn.config.model import ModelConfig


class UnrolledNetwork(nn.Module):
    """Convert the patterns of a group to an object canvas.

    Physics sweeps, through which no gradient flows, bring the patterns into real space, where neighbouring patterns
    overlap and a convolution applies equally at every pixel. A U-Net learns the remaining correction.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        encoder, decoder = unet_plan(config.n_filters_scale)
        self.amp_activation = config.amp_activation
        self.encoder = nn.ModuleList(double_convolution(*widths) for widths in encoder)
        self.decoder = nn.ModuleList(double_convolution(*widths) for widths in decoder)
        self.head = nn.Conv2d(decoder[0][1], 2, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]
        self.trust = nn.Parameter(torch.ones(2))

    def forward(self, amplitude: Tensor, layout: GroupCanvas, scale: Tensor, mixed: bool) -> Tensor:
        """Predict the object canvases of a batch.

        Parameters
        ----------
        amplitude : tensor (group * channel, N, N), float32
            Relative diffraction amplitude.
        layout : GroupCanvas
        scale : tensor ()
            Factor by which the caller multiplies the result.
        mixed : bool
            Whether the convolutions run in bfloat16.

        Returns
        -------
        tensor (group, rows, columns), complex64
        """
        with torch.no_grad():
            sweeps = TRAINING_SWEEPS if self.training else PREDICTION_SWEEPS
            first, last = sweep_groups(amplitude, layout, sweeps)
            dose = layout.dose / layout.dose.amax(dim=(-2, -1), keepdim=True)
            features = torch.stack(
                [first.real - 1, first.imag, last.real - 1, last.imag, dose.sqrt(), 20 * dose / (20 * dose + 1)], 1
            )
            amplitude_logit = _inverse_activation(last.abs() / scale, self.amp_activation)
            # Unlit pixels keep the flat start, because their phase would be noise.
            phase_logit = torch.angle(last) / math.pi * (dose / (dose + 0.02))
        with torch.autocast(features.device.type, dtype=torch.bfloat16, enabled=mixed):
            correction = self._unet(features)
        correction = correction.float()
        modulus = activate_amplitude(correction[:, 0] + self.trust[0] * amplitude_logit, self.amp_activation)
        phase = math.pi * torch.tanh(correction[:, 1] + self.trust[1] * phase_logit)
        return torch.polar(modulus, phase)

    def _unet(self, features: Tensor) -> Tensor:
        hidden = features.contiguous(memory_format=torch.channels_last)
        skipped = []
        for level, encode in enumerate(self.encoder):
            hidden = encode(hidden if level == 0 else F.max_pool2d(hidden, 2))
            skipped.append(hidden)
        for level in reversed(range(LEVELS)):
            hidden = self.decoder[level](torch.cat([upsample(hidden), skipped[level]], 1))
        return self.head(hidden)


def _inverse_activation(modulus: Tensor, name: str) -> Tensor:
    """Invert the amplitude activation; ``modulus`` is clipped to the range where gradients flow."""
    if name == "sigmoid":
        return torch.logit(modulus.clamp(0.02, 0.98))
    modulus = modulus.clamp_min(0.02)
    if name == "softplus":
        return torch.log(torch.expm1(modulus))
    if name == "relu":
        return modulus
    logit = modulus
    for _ in range(8):  # Newton's method on x * sigmoid(x); monotonic where the result is positive
        gate = logit.sigmoid()
        logit = (logit - (logit * gate - modulus) / (gate * (1 + logit * (1 - gate)))).clamp_min(0.0)
    return logit
