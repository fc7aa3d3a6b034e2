"""Convolution blocks of the networks."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptychopinn.backends.method import BLOCK_POWER, HEAD_POWER


def double_convolution(inputs: int, outputs: int, batch_norm: bool = False) -> nn.Sequential:
    """Return two 3 x 3 same-padded convolutions with ReLU, optionally with batch normalisation."""
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers.append(nn.Conv2d(channels, outputs, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(outputs))
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


def start_convolutions(network: nn.Module, heads: tuple[str, ...]) -> None:
    """Initialise the two-dimensional convolutions of a network; their biases start at zero.

    Parameters
    ----------
    network : module
    heads : tuple of str
        Last parts of the dotted names of convolutions that output the object.
    """
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d):
            power = HEAD_POWER if name.rpartition(".")[2] in heads else BLOCK_POWER
            bound = math.sqrt(3 * power / layer.weight[0].numel())
            nn.init.uniform_(layer.weight, -bound, bound)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def upsample(features: Tensor) -> Tensor:
    """Double the rows and columns of features (batch, channel, rows, columns)."""
    return F.interpolate(features, scale_factor=2.0, mode="nearest")


def activate_amplitude(logit: Tensor, name: str) -> Tensor:
    """Convert a network output to an amplitude >= 0 with the named activation (for swish, its absolute value)."""
    activations: dict[str, Callable[[Tensor], Tensor]] = {
        "sigmoid": torch.sigmoid,
        "softplus": F.softplus,
        "relu": F.relu,
    }
    return activations[name](logit) if name in activations else F.silu(logit).abs()
