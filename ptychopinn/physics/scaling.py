"""Scale the probe to the data."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ptychopinn.errors import DataError
from ptychopinn.physics.exit_wave import as_modes


def normalise_probe(probe: ArrayLike, mean_counts: float) -> NDArray[np.complex64]:
    """Scale a probe so that an empty (unit) object gives the mean counts per pattern of the data.

    The initial scale of the probe has no effect.

    Parameters
    ----------
    probe : array (N, N) or (mode, N, N), complex
    mean_counts : float
        Mean total counts per pattern.

    Returns
    -------
    array (mode, N, N), complex64

    Raises
    ------
    DataError
        The probe is zero or not finite, or ``mean_counts`` is not a positive, finite number.
    """
    modes = as_modes(probe)
    power = float(np.sum(np.abs(modes) ** 2))
    if not (np.isfinite(power) and power > 0):
        raise DataError(
            f"probeGuess has a total power of {power:g}",
            "a finite, non-zero probe",
            "Save a probe estimate in the file, for example from an earlier reconstruction.",
        )
    if not (np.isfinite(mean_counts) and mean_counts > 0):
        raise DataError(
            f"the patterns have {mean_counts:g} counts on average",
            "a positive number",
            "Check that diff3d contains finite, non-negative numbers that are not all 0.",
        )
    return (modes * np.sqrt(mean_counts / power)).astype(np.complex64)
