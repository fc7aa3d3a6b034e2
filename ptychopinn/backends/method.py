"""Constants and layer sizes that both frameworks share."""

from __future__ import annotations

import math

from ptychopinn.errors import ConfigError

# The sweeps inside the ``unrolled`` architecture, chosen on measured and simulated scans alike: less
# regularisation or more momentum is faster on perfect data but overshoots on a partially coherent beam. The
# floor of the modelled intensity falls from the mean intensity to 1e-4 of it: bright pixels are fitted first,
# dark ones once the object gives them a phase.
# More sweeps help a trained network on every scan tried; training with as many would see fewer patterns in
# the same time and gain nothing.
TRAINING_SWEEPS = 16
PREDICTION_SWEEPS = 40
ALPHA = 0.3
MOMENTUM = 0.7
LAST_FLOOR = -4.0
# Resolution levels of the U-Net below the canvas itself, and channels of its input.
LEVELS = 3
_FEATURES = 6
# An untrained network should start at full transmission: scale times activation(logit) is 1. From a dark start,
# the likelihood makes the amplitude overshoot, and the phase is lost.
START_LOGIT = {"sigmoid": 0.511, "softplus": 0.541, "swish": 1.278, "relu": 1.0}
# A sigmoid ends at 1, but the amplitude of a transmission near 1 fluctuates above it.
START_SCALE = {"sigmoid": 1.6, "softplus": 1.0, "swish": 1.0, "relu": 1.0}
# Expected intensities below this fraction of the mean count as this fraction: a pixel that the model
# shows dark may hold a stray count, which must not be infinitely unlikely.
DARK = 1e-6
# First weights of the ``cnn`` architecture: their mean square times the inputs. With the small weights that
# PyTorch starts with (1/3), a dozen layers lose the pattern, and hundreds of steps pass before the object shows.
# Features keep their size through a layer and its ReLU: He, Zhang, Ren and Sun, ICCV 2015, eq. 10.
BLOCK_POWER = 2.0
# The first object is nearly flat for any features.
HEAD_POWER = 0.01
# Largest norm of the gradient, unless the settings name another.
GRADIENT_CLIP = 1.0
_WARM_UP_STEPS = 30
_FINAL_FRACTION = 0.02
# An epoch uses every pattern about this many times: short enough to report often.
_PASSES = 4
# Patterns per batch of a prediction, and groups per preview: a large scan fills up over several previews.
PREDICTED_PATTERNS = 256
PREVIEW_GROUPS = 64


def cnn_widths(n: int, scale: int) -> list[int]:
    """Return the number of features of each encoder block, ending with 128 * ``scale`` at about 8 x 8 pixels.

    Raises
    ------
    ConfigError
        N cannot be halved evenly down to the bottleneck.
    """
    levels = max(int(math.log2(max(n, 1) / 8)), 0)
    if levels == 0 or n % 2**levels:
        raise ConfigError(
            f"N is {n}",
            "16, 32, 64, 128, 256, or another size that can be halved repeatedly to a whole number from 8 to 15",
            "Choose architecture 'unrolled', which accepts any N, or crop the patterns.",
        )
    return [max(128 * scale // 2 ** (levels - 1 - level), 4) for level in range(levels)]


def decoder_plan(widths: list[int], pad_object: bool) -> list[tuple[int, int]]:
    """Return the (input, output) channels of each decoder block for the encoder's ``widths``.

    All blocks except the first double the image width, up to N/2 pixels for a padded object and N otherwise.
    """
    outputs = [widths[-1], *reversed(widths[:-1]), *([] if pad_object else widths[:1])]
    return list(zip([widths[-1], *outputs], outputs, strict=False))


def unet_plan(scale: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the (input, output) channels of the U-Net's encoder and decoder blocks, finest level first."""
    widths = [8 * scale * 2**level for level in range(LEVELS + 1)]
    encoder = list(zip([_FEATURES, *widths], widths, strict=False))
    return encoder, [(narrow + wide, narrow) for narrow, wide in zip(widths, widths[1:], strict=False)]


def warm_cosine(step: int, progress: float) -> float:
    """Return the learning-rate factor: a short warm-up, then a half-cosine decay to 2 %.

    ``progress`` is the completed fraction of the training, by epochs or by time.
    """
    cosine = 0.5 * (1 + math.cos(math.pi * min(max(progress, 0.0), 1.0)))
    return min(1.0, (step + 1) / _WARM_UP_STEPS) * (_FINAL_FRACTION + (1 - _FINAL_FRACTION) * cosine)


def groups_per_epoch(n_patterns: int, members: int, n_groups: int | None, oversampling: bool) -> int:
    """Return the number of groups in an epoch; without oversampling, at most ``n_patterns``.

    Parameters
    ----------
    n_patterns : number of training patterns
    members : number of patterns in a group; if 1, ``oversampling`` is ignored
    n_groups : the user's setting; None: enough to use each pattern about four times
    oversampling : whether several groups may start from the same pattern
    """
    count = n_groups or -(-_PASSES * n_patterns // members)
    return count if oversampling and members > 1 else min(count, n_patterns)
