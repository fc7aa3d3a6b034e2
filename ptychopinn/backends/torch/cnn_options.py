"""Variants of the ``cnn`` architecture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ptychopinn.errors import ConfigError

_WORDS = {"normalize": ("Group", "Batch"), "data_scaling": ("Max", "Parseval")}


@dataclass(frozen=True)
class CnnOptions:
    """Variants of the encoder and decoders; the defaults give the standard architecture.

    Attributes
    ----------
    batch_norm : bool
        Whether every convolution of the blocks is followed by batch normalisation.
    eca_encoder, eca_decoder : bool
        Whether efficient channel attention follows every block of the encoder or the decoders, respectively.
    cbam_encoder, cbam_bottleneck, cbam_decoder : bool
        Whether channel and spatial attention follow every encoder block, the bottleneck, or every decoder block.
    spatial_decoder : bool
        Whether spatial attention, with a kernel of ``decoder_spatial_kernel`` pixels, follows every decoder block.
    use_shared_decoder : bool
        Whether amplitude and phase share the decoder's blocks; only their last convolutions differ.
    decoder_last_c_outer_fraction : float
        Fraction of the last block's features reserved for the outer region; the centre uses the rest. If 0, both
        regions use all of them.
    decoder_last_amp_channels : int
        Number of amplitude images per group, assigned to the group's patches in turn; 0: one per patch.
    edge_pad : int
        Width in pixels of the patch edge that is filled with the nearest inner pixels.
    group_normalised : bool
        Whether every group, rather than the whole scan, is scaled to a mean intensity of 1.
    peak_scaled : bool
        Whether the brightest pixel (of the group if ``group_normalised``, otherwise of the batch) sets the scale.
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
            ``normalize`` or ``data_scaling`` has an unknown value. The exception is also a ValueError.
        """
        for name, words in _WORDS.items():
            if data.get(name, words[-1]) not in words:
                raise ConfigError(f"DataConfig.{name} is {data[name]!r}", " or ".join(words))
        shared = {entry.name: model[entry.name] for entry in fields(cls) if entry.name in model}
        return cls(
            **shared, group_normalised=data.get("normalize") == "Group", peak_scaled=data.get("data_scaling") == "Max"
        )
