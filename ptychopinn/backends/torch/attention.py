"""Attention blocks for features (batch, channel, rows, columns)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Width of the channel attention's hidden layer: channels divided by this.
_REDUCTION = 8


class EfficientChannelAttention(nn.Module):
    """Weight channels by a short convolution over their means (Wang et al., CVPR 2020, arXiv:1910.03151)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        size = int(abs(math.log2(channels) + 1) / 2)
        size += 1 - size % 2
        self.convolution = nn.Conv1d(1, 1, size, padding=size // 2, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """Return the weighted features."""
        mean = features.mean(dim=(-2, -1))
        weight = self.convolution(mean[:, None]).sigmoid()[:, 0]
        return features * weight[:, :, None, None]


class ChannelAttention(nn.Module):
    """Weight channels with a small network applied to their mean and maximum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = max(channels // _REDUCTION, 1)
        self.layers = nn.Sequential(nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels))

    def forward(self, features: Tensor) -> Tensor:
        """Return the weighted features."""
        weight = self.layers(features.mean(dim=(-2, -1))) + self.layers(features.amax(dim=(-2, -1)))
        return features * weight.sigmoid()[:, :, None, None]


class SpatialAttention(nn.Module):
    """Weight pixels by a convolution of the mean and the maximum over the channels."""

    def __init__(self, kernel_px: int) -> None:
        super().__init__()
        # An even kernel would move the weights by half a pixel.
        size = max(kernel_px, 1) + (1 - max(kernel_px, 1) % 2)
        self.convolution = nn.Conv2d(2, 1, size, padding=size // 2)

    def forward(self, features: Tensor) -> Tensor:
        """Return the weighted features."""
        summary = torch.stack([features.mean(dim=1), features.amax(dim=1)], dim=1)
        return features * F.sigmoid(self.convolution(summary))


def convolutional_attention(channels: int) -> nn.Sequential:
    """Return channel attention followed by spatial attention (CBAM: Woo et al., ECCV 2018, arXiv:1807.06521)."""
    return nn.Sequential(ChannelAttention(channels), SpatialAttention(7))
