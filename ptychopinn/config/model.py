"""The network and its physics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ptychopinn.config.field import option

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
        64,
        label="Pattern size",
        help="Side length of the diffraction patterns, set from the data when a scan is opened.",
        unit="px",
        minimum=0,
        positive=True,
        group="Geometry",
    )
    gridsize: int = option(
        1,
        label="Grid size",
        help="Side of a group: grid size × grid size neighbouring patterns share one object.",
        minimum=1,
        maximum=8,
        group="Geometry",
    )
    n_filters_scale: int = option(
        2,
        label="Network width",
        help="Multiplies the number of features per layer; wider networks are slower and may give sharper objects.",
        minimum=1,
        maximum=16,
        group="Network",
    )
    model_type: Literal["pinn", "supervised"] = option(
        "pinn",
        label="Learning",
        help="'pinn' learns from the patterns alone, 'supervised' from the known object in the file.",
        group="Network",
    )
    amp_activation: Literal["sigmoid", "swish", "softplus", "relu"] = option(
        "sigmoid",
        label="Amplitude activation",
        help="Last function of the amplitude branch; only 'sigmoid' bounds the amplitude.",
        group="Network",
        advanced=True,
    )
    object_big: bool = option(
        True,
        label="Share object in group",
        help="The patterns of a group see one common object; off, every pattern (unrolled) or group (cnn) has"
        " a patch of its own.",
        group="Geometry",
        advanced=True,
    )
    probe_big: bool = option(
        True,
        label="Reconstruct outer region",
        help="Architecture 'cnn': a coarse branch reconstructs the field outside the central half.",
        group="Probe",
        advanced=True,
    )
    probe_mask: bool = option(
        False,
        label="Mask the probe",
        help="Sets the probe to zero outside a disk of radius N/4.",
        group="Probe",
        advanced=True,
    )
    pad_object: bool = option(
        True,
        label="Object in central half",
        help="Architecture 'cnn': full resolution covers the central half of the field; off, the whole field.",
        group="Geometry",
        advanced=True,
    )
    probe_scale: float = option(
        4.0,
        label="Probe scale",
        help="Brightness given to the probe: at 4 an empty sample has amplitude 1, at 8 amplitude 0.5.",
        minimum=0.0,
        positive=True,
        group="Probe",
        advanced=True,
    )
    gaussian_smoothing_sigma: float = option(
        0.0,
        label="Smoothing",
        help="Width of the Gaussian that smooths the exit wave before it propagates; 0 is none.",
        unit="px",
        minimum=0.0,
        group="Probe",
        advanced=True,
    )
    architecture: Literal["cnn", "unrolled"] = option(
        "cnn",
        label="Architecture",
        help="'cnn' maps patterns to patches directly; 'unrolled' makes a few physics sweeps per group and"
        " corrects their result.",
        group="Network",
    )
