"""Widths of the ``cnn`` architecture's encoder, the same for every framework."""

from __future__ import annotations

import math

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
