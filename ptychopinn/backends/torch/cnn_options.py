"""Variants of the ``cnn`` architecture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ptychopinn.errors import ConfigError

_WORDS = {"normalize": ("Group", "Batch"), "data_scaling": ("Max", "Parseval")}


@dataclass(frozen=True)
class CnnOptions:
    """Variants of the encoder and decoders; the defaults change nothing.

    Attributes
    ----------
    batch_norm : bool
        Batch normalisation after every convolution of the blocks.
    eca_encoder, eca_decoder : bool
        Efficient channel attention after every block.
    cbam_encoder, cbam_bottleneck, cbam_decoder : bool
        Channel and spatial attention after every block, or once at the bottleneck.
    spatial_decoder : bool
        Spatial attention after every decoder block, with a kernel of ``decoder_spatial_kernel`` pixels.
    use_shared_decoder : bool
        Amplitude and phase share the decoder's blocks and differ in their last convolutions.
    decoder_last_c_outer_fraction : float
        Fraction of the last features used only for the outer region; the centre uses the rest; 0: both use all.
    decoder_last_amp_channels : int
        Amplitudes per group, assigned to its patches in turn; 0: one per patch.
    edge_pad : int
        Width in pixels of the edge of a patch that repeats the nearest inner pixel.
    group_normalised : bool
        Scale every group to a mean intensity of 1, instead of the whole scan.
    peak_scaled : bool
        Scale to the brightest pixel of a group (or of a batch, if not ``group_normalised``) instead.
    """

    batch_norm: bool = False
    eca_encoder: bool = False
    cbam_encoder: bool = False
    cbam_bottleneck: bool = False
    cbam_decoder: bool = False
    eca_decoder: bool = False
    spatial_decoder: bool = False
    decoder_spatial_kernel: int = 7
    use_shared_decoder: bool = False
    decoder_last_c_outer_fraction: float = 0.0
    decoder_last_amp_channels: int = 0
    edge_pad: int = 0
    group_normalised: bool = False
    peak_scaled: bool = False

    @classmethod
    def from_stored(cls, model: Mapping[str, Any], data: Mapping[str, Any]) -> CnnOptions:
        """Return the options from the model and data settings of a historic checkpoint.

        Raises
        ------
        ConfigError
            ``normalize`` or ``data_scaling`` has an unknown value; it is a ValueError.
        """
        for name, words in _WORDS.items():
            if data.get(name, words[-1]) not in words:
                raise ConfigError(f"DataConfig.{name} is {data[name]!r}", " or ".join(words))
        shared = {entry.name: model[entry.name] for entry in fields(cls) if entry.name in model}
        return cls(
            **shared, group_normalised=data.get("normalize") == "Group", peak_scaled=data.get("data_scaling") == "Max"
        )
