"""Detect a reconstruction that has become flat while its loss still falls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_AMPLITUDE_CONTRAST = 0.01
_PHASE_STD_RAD = 0.01


def collapse_notice(obj: NDArray[np.complexfloating]) -> str | None:
    """Return a sentence if an object, or an array of its lit pixels, is flat or not finite; otherwise None.

    Flat means that the amplitude varies by less than 1 % and the phase by less than 0.01 rad.
    """
    bad = int(np.count_nonzero(~np.isfinite(obj)))
    if bad:
        return (
            f"The reconstructed object is NaN or infinite in {bad} of {obj.size} pixels: the training or the "
            "iterations diverged. Check the probe and the positions, or train again with a lower learning rate."
        )
    amplitude = np.abs(obj)
    contrast = float(amplitude.std() / max(float(amplitude.mean()), 1e-30))
    phase = float(np.angle(obj * np.exp(-1j * np.angle(obj.mean()))).std())
    if contrast >= _AMPLITUDE_CONTRAST or phase >= _PHASE_STD_RAD:
        return None
    return (
        f"The reconstructed object is flat (amplitude contrast {100 * contrast:.2f} %, phase spread "
        f"{phase:.4f} rad): the network ignores the sample. Check the probe and the positions, "
        "or train again with another seed."
    )
