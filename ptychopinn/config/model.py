"""Settings of the network and its physics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ptychopinn.config.field import advanced_option, option

# What decides which weights a network has and what they mean; the other fields are physics and loss.
NETWORK_FIELDS = (
    "N",
    "gridsize",
    "architecture",
    "n_filters_scale",
    "amp_activation",
    "object_big",
    "probe_big",
    "pad_object",
)


@dataclass
class ModelConfig:
    """Architecture and physics of a model (API specification, section 5.1)."""

    N: int = option(
        64, "Pattern size", "Width of the patterns, set from the scan.", "Geometry", unit="px", positive=True
    )
    gridsize: int = option(
        1, "Grid size", "A group has grid size × grid size neighbouring patterns.", "Geometry", minimum=1, maximum=8
    )
    n_filters_scale: int = option(
        2,
        "Network width",
        "Multiplies the number of features per layer; a wider network is slower but may give a sharper object.",
        "Network",
        minimum=1,
        maximum=16,
    )
    model_type: Literal["pinn", "supervised"] = option(
        "pinn",
        "Training",
        "'pinn' learns from the patterns alone (self-supervised), 'supervised' from the known object in the file.",
        "Network",
    )
    amp_activation: Literal["sigmoid", "swish", "softplus", "relu"] = advanced_option(
        "sigmoid", "Amplitude activation", "Activation of the amplitude output; only 'sigmoid' is bounded.", "Network"
    )
    object_big: bool = advanced_option(
        True,
        "Share object in group",
        "All patterns of a group share one object. If off, 'unrolled' processes each pattern separately, and 'cnn' "
        "predicts one patch per group.",
        "Geometry",
    )
    probe_big: bool = advanced_option(
        True, "Reconstruct outer region", "Architecture 'cnn': a coarse branch reconstructs the outer region.", "Probe"
    )
    probe_mask: bool = advanced_option(
        False, "Mask the probe", "Sets the probe to zero outside a disk of radius N/4.", "Probe"
    )
    pad_object: bool = advanced_option(
        True,
        "Object in central half",
        "Architecture 'cnn': only the central half of the field is at full resolution; if off, the entire field is.",
        "Geometry",
    )
    probe_scale: float = advanced_option(
        4.0,
        "Probe scale",
        "Scales the object so that an empty sample has amplitude 4 / probe scale.",
        "Probe",
        positive=True,
    )
    gaussian_smoothing_sigma: float = advanced_option(
        0.0, "Smoothing", "Gaussian smoothing of the exit wave; 0 turns it off.", "Probe", unit="px", minimum=0.0
    )
    architecture: Literal["cnn", "unrolled"] = option(
        "cnn",
        "Architecture",
        "'cnn' maps patterns to patches directly; 'unrolled' runs a few physics sweeps per group, then a U-Net.",
        "Network",
    )
