"""The learning rate of our own entry points over a training."""

from __future__ import annotations

import math

_WARM_UP_STEPS = 30
_FINAL_FRACTION = 0.02


def warm_cosine(step: int, progress: float) -> float:
    """Return the factor on the learning rate: a short warm-up, then half a cosine down to 2 %.

    ``progress`` is the part of the training that is done, 0 to 1, by epochs or by time.
    """
    cosine = 0.5 * (1 + math.cos(math.pi * min(max(progress, 0.0), 1.0)))
    return min(1.0, (step + 1) / _WARM_UP_STEPS) * (_FINAL_FRACTION + (1 - _FINAL_FRACTION) * cosine)
